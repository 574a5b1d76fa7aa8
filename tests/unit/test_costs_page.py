"""The page of costs says what is measured."""

from tests import costs


def test_the_page_of_costs_is_what_calls_cost():
    told = costs.PAGE.read_text()
    measured = costs.page()
    stale = set(measured.splitlines()) - set(told.splitlines())
    assert told == measured, f"run `python -m tests.costs`: {sorted(stale)}"
