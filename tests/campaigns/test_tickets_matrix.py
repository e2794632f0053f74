"""The taxonomy and the responsibility matrix: whole as they ship; a bad file explains itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.tickets_matrix import LANGUAGES, OTHER, SUPERVISOR, Matrix, Offer
from campaigns.tickets_reader import MatrixError, load_matrix, shipped_matrix
from ivr.facts import facts_known

SHIPPED = Path(__file__).parents[2] / "campaigns" / "data"


@pytest.fixture
def matrix() -> Matrix:
    return shipped_matrix()


@pytest.mark.parametrize(
    ("said", "sorted_as"),
    [
        ("late", ("timeliness", "late")),
        ("early", ("timeliness", "early")),
        ("damaged", ("damage", "damaged")),
        ("soiled", ("damage", "soiled")),
        ("short", ("quantity", "short")),
        ("surplus", ("quantity", "surplus")),
        ("wrong_item", ("quantity", "wrong_item")),
        ("tracking_missing", ("information", "tracking_missing")),
        ("wrong_address", ("information", "wrong_address")),
        ("complaint", ("service", "complaint")),
        ("service", ("service", "")),
        ("service/attitude", ("service", "attitude")),
        ("service/late", ("service", "")),
        ("inquiry", ("inquiry", "")),
        ("return", ("return", "")),
        ("lost", ("lost", "")),
        ("other", (OTHER, "")),
        ("alien abduction", (OTHER, "")),
        ("", (OTHER, "")),
    ],
)
def test_whatever_is_said_to_be_wrong_has_a_place(
    matrix: Matrix, said: str, sorted_as: tuple[str, str]
) -> None:
    assert matrix.taxonomy.sort(said) == sorted_as


def test_a_cause_may_be_named_beside_its_kind(matrix: Matrix) -> None:
    assert matrix.taxonomy.sort("service", "attitude") == ("service", "attitude")
    assert matrix.taxonomy.sort("service", "late") == ("service", "")


def test_every_problem_that_a_conversation_can_be_about_has_a_cause_of_its_own(
    matrix: Matrix,
) -> None:
    for problem in facts_known()["problem"].one_of:
        kind, cause = matrix.taxonomy.sort(problem)
        assert cause == problem
        assert matrix.row(kind, cause).cause == problem


def test_every_cause_is_somebodys_and_may_be_spoken_of(matrix: Matrix) -> None:
    words = matrix.taxonomy
    for kind in words.kinds.values():
        for cause in [*kind.causes, ""]:
            row = matrix.row(kind.id, cause)
            assert row.kind == kind.id or not (kind.causes and cause)
            assert row.department in words.departments
            assert matrix.proposals_for(kind.id, cause, 5000)
            assert all(row.says[language] for language in LANGUAGES)
            assert row.response_minutes == 30
            assert row.proposal_minutes == 60


@pytest.mark.parametrize(
    ("kind", "cause", "value_fen", "level", "offers"),
    [
        (
            "timeliness",
            "late",
            0,
            0,
            (
                Offer("wait", 0),
                Offer("redeliver", 0),
                Offer("compensate", 2000),
                Offer("apologise", 0),
            ),
        ),
        # Compensation is never more than the goods are worth.
        (
            "timeliness",
            "late",
            1500,
            0,
            (
                Offer("wait", 0),
                Offer("redeliver", 0),
                Offer("compensate", 1500),
                Offer("apologise", 0),
            ),
        ),
        # What they are worth is not known: nothing can be refunded yet.
        (
            "damage",
            "damaged",
            0,
            0,
            (Offer("replace", 0), Offer("compensate", 50000), Offer("return", 0)),
        ),
        (
            "damage",
            "damaged",
            100000,
            0,
            (
                Offer("replace", 0),
                Offer("refund", 100000),
                Offer("compensate", 50000),
                Offer("return", 0),
            ),
        ),
        # Worth more than the limit: only the supervisor replaces or refunds.
        ("damage", "damaged", 100001, 1, (Offer("compensate", 50000), Offer("return", 0))),
        (
            "damage",
            "damaged",
            100001,
            SUPERVISOR,
            (
                Offer("replace", 0),
                Offer("refund", 100001),
                Offer("compensate", 50000),
                Offer("return", 0),
            ),
        ),
        ("inquiry", "", 0, 0, (Offer("answer", 0),)),
        ("inquiry", "question", 0, 0, (Offer("answer", 0),)),
    ],
)
def test_the_matrix_says_what_may_be_offered(
    matrix: Matrix, kind: str, cause: str, value_fen: int, level: int, offers: tuple[Offer, ...]
) -> None:
    assert matrix.proposals_for(kind, cause, value_fen, level) == offers


def test_a_ticket_of_a_kind_that_is_gone_is_dealt_with_as_other(matrix: Matrix) -> None:
    assert matrix.row("abolished", "late").kind == OTHER


def test_each_level_has_somebody(matrix: Matrix) -> None:
    delivery = matrix.taxonomy.departments["delivery"]
    assert [delivery.line(level)["zh-CN"] for level in range(3)] == [
        "配送部",
        "配送主管",
        "运营经理",
    ]


TAXONOMY_FAULTS = [
    ("    label: {zh-CN: 时效异常, en-US: Timeliness}\n", "", "'zh-CN' is missing"),
    ("late: {zh-CN: 晚到, en-US: Late}", "late: {zh-CN: 晚到}", "'en-US' is missing"),
    ("  other:\n    label", "  others:\n    label", "There is no kind 'other'"),
    ("soiled: {", "late: {", "'late' stands for something in 'timeliness', too"),
    ("soiled: {", "lost: {", "'lost' stands for something in 'lost', too"),
    ("money: compensation", "money: compensaton", "Did you mean 'compensation'?"),
    ("wishes:\n", "wishs:\n", "Did you mean 'wishes'?"),
    ("soiled: {", f"{'soiled' * 6}: {{", "is too long"),
    ("  evening: {zh-CN", "  weekend: {zh-CN", "stands here and in line"),
]
MATRIX_FAULTS = [
    (
        "kind: timeliness\n    cause: late",
        "kind: timelines\n    cause: late",
        "Did you mean 'timeliness'?",
    ),
    ("cause: late", "cause: latte", "There is no cause 'latte'. Did you mean 'late'?"),
    ("department: claims", "department: claim", "Did you mean 'claims'?"),
    ("[wait, redeliver, compensate", "[wait, redelivr, compensate", "Did you mean 'redeliver'?"),
    ("    proposals: [answer]\n", "", "Nothing can be proposed"),
    ("    compensation_limit: 20\n    resolution_hours: 24\n", "", "compensation_limit is 0"),
    (
        "proposals: [answer]",
        "proposals: [answer]\n    value_limit: 5",
        "value_limit limits nothing",
    ),
    (
        "proposals: [answer]",
        "proposals: [answer]\n    compensaton_limit: 5",
        "Nobody reads a field",
    ),
    ("    cause: early", "    cause: late", "has a row in line 13 already"),
    ("    cause: soiled", "    cause: damaged", "Nobody is responsible for soiled"),
    ("    cause: attitude", "    cause: complaint", None),
    ("我们正在催。", "我们正在催", "End it with a full stop"),
    ("我们正在催。", "我们正在催,敬请谅解。", "敬请、谅解 is written, not spoken"),
    ("我们正在催。", f"{'我们正在催,' * 8}请等。", "longer than eight seconds"),
    (
        "proposals: [answer]",
        "proposals: [answer]\n    response_minutes: 90",
        "due before the first response",
    ),
    ("resolution_hours: 4\n", "resolution_hours: 0\n", "resolution_hours is 0"),
    ("resolution_hours: 4\n", "resolution_hours: four\n", "'resolution_hours' is not a number"),
    ("resolution_hours: 4\n", "resolution_hours: -4\n", "is below zero"),
    (
        "      en-US: I'll ask a colleague to look into that and call you back.\n",
        "",
        "'en-US' is missing",
    ),
    ("rows:\n", "rows:\n  - nonsense\n", "stands where fields belong"),
]


def planted(tmp_path: Path, name: str, good: str, bad: str) -> Path:
    text = (SHIPPED / name).read_text("utf-8")
    assert good in text
    path = tmp_path / name
    path.write_text(text.replace(good, bad, 1), "utf-8")
    return path


@pytest.mark.parametrize(("good", "bad", "said"), TAXONOMY_FAULTS)
def test_a_fault_in_the_taxonomy_is_found_and_named_with_its_line(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    path = planted(tmp_path, "taxonomy.yaml", good, bad)
    with pytest.raises(MatrixError, match=r"taxonomy\.yaml:[0-9]+: ") as caught:
        load_matrix(taxonomy=path)
    assert said in str(caught.value)


@pytest.mark.parametrize(("good", "bad", "said"), MATRIX_FAULTS)
def test_a_fault_in_the_matrix_is_found_and_named_with_its_line(
    tmp_path: Path, good: str, bad: str, said: str | None
) -> None:
    path = planted(tmp_path, "responsibility.yaml", good, bad)
    if said is None:
        assert load_matrix(responsibility=path).row("service", "attitude").cause == ""
        return
    with pytest.raises(MatrixError, match=r"responsibility\.yaml:[0-9]+: ") as caught:
        load_matrix(responsibility=path)
    assert said in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = planted(tmp_path, "responsibility.yaml", "department: claims", "department: clams")
    text = path.read_text("utf-8").replace("[answer]", "[anser]")
    path.write_text(text, "utf-8")
    with pytest.raises(MatrixError) as caught:
        load_matrix(responsibility=path)
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(("text", "said"), [("", "The file is empty"), ("a: [", "readable YAML")])
def test_what_is_no_matrix_at_all_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "responsibility.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(MatrixError, match=said):
        load_matrix(responsibility=path)


def test_a_row_for_a_company_of_its_own_is_read(tmp_path: Path) -> None:
    path = planted(
        tmp_path, "responsibility.yaml", "compensation_limit: 20\n", "compensation_limit: 12.5\n"
    )
    offers = load_matrix(responsibility=path).proposals_for("timeliness", "late", 0)
    assert Offer("compensate", 1250) in offers


def test_somebody_is_responsible_for_what_has_no_name(tmp_path: Path) -> None:
    words = planted(
        tmp_path,
        "taxonomy.yaml",
        "Other}\n    causes: {}",
        "Other}\n    causes:\n      odd: {zh-CN: 怪事, en-US: Odd}",
    )
    rows = planted(
        tmp_path, "responsibility.yaml", "kind: other\n", "kind: other\n    cause: odd\n"
    )
    with pytest.raises(MatrixError, match="Nobody is responsible for other"):
        load_matrix(taxonomy=words, responsibility=rows)
