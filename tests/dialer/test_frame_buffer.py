from __future__ import annotations

import ctypes
from collections.abc import Iterable

from dialer.frame_buffer import fastest_reader, read_elements, read_memory

CONTENT = bytes(range(64))


class LaidOutFrame:
    """A frame in memory: a word before the vector, then begin, end, end of storage."""

    def __init__(self, content: bytes, end_offset: int = 0) -> None:
        self.buf: Iterable[int] = content
        self._store = ctypes.create_string_buffer(content, len(content))
        begin = ctypes.addressof(self._store)
        end = begin + len(content) + end_offset
        self._struct = (ctypes.c_uint64 * 4)(1, begin, end, end)
        self.this = ctypes.addressof(self._struct)


def test_a_frame_with_the_known_layout_is_read_from_memory() -> None:
    frame = LaidOutFrame(CONTENT)
    assert read_memory(frame) == read_elements(frame) == CONTENT
    assert fastest_reader(frame, CONTENT) is read_memory


def test_an_unknown_layout_is_read_slowly_and_never_trusted() -> None:
    assert fastest_reader(LaidOutFrame(CONTENT, end_offset=8), CONTENT) is read_elements
