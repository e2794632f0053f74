"""Which files are a call's, and may be handed out or erased with it."""

from __future__ import annotations

from pathlib import Path

from console.web.recordings import clips_of


def test_the_evidence_of_a_call_lies_beside_its_recording_and_points_nowhere_else(
    tmp_path: Path,
) -> None:
    recording, elsewhere = tmp_path / "7.wav", tmp_path / "secret"
    for file in (recording, elsewhere, tmp_path / "7.consent.wav", tmp_path / "77.consent.wav"):
        file.touch()
    (tmp_path / "7.link.wav").symlink_to(elsewhere)
    (tmp_path / "7.a b.wav").touch()
    assert dict(clips_of(recording)) == {"consent": tmp_path / "7.consent.wav"}
