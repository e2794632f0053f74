"""What a trainee may offer a simulated customer is what the responsibility matrix allows."""

from __future__ import annotations

import pytest

from campaigns.tickets_matrix import Responsibility
from campaigns.tickets_reader import shipped_matrix
from ivr.agent_lines import Solution
from ivr.customer import Customer
from ivr.customer_files import customers

ALWAYS = {Solution.INVESTIGATE}
"""To look into it is no concession."""
GIVES_BACK = {"cod-suspicious": {Solution.REFUND}}
"""What was taken too much is given back, whatever the matrix allows on top."""


def row_of(customer: Customer) -> Responsibility:
    matrix = shipped_matrix()
    problem = customer.case.problem
    for kind, known in matrix.taxonomy.kinds.items():
        if problem == kind:
            return matrix.row(kind, "")
        if problem in known.causes:
            return matrix.row(kind, problem)
    raise AssertionError(f"{customer.id}: the taxonomy knows no {problem!r}")


@pytest.mark.parametrize("customer", customers(), ids=lambda each: each.id)
def test_a_case_offers_no_more_than_the_matrix(customer: Customer) -> None:
    row = row_of(customer)
    allowed = {Solution(each) for each in row.proposals if each in set(Solution)}
    offered = set(customer.case.solutions)
    assert offered <= allowed | ALWAYS | GIVES_BACK.get(customer.id, set())
    if Solution.COMPENSATE in offered:
        assert customer.case.limit_yuan * 100 <= row.compensation_limit_fen
