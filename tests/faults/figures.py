"""Figures of the suite of faults, summed up over the tests that make them."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator

PROPERTY = "figures"  # of a test's report, which travels from the workers of xdist
LONG = os.environ.get("REELSMITH_FAULTS") == "long"


def lines(reports: Iterable[object]) -> Iterator[str]:
    """One line for each name: `F2 submit: 84 crash points, 0 stuck`."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for report in reports:
        for kind, told in getattr(report, "user_properties", ()):
            if kind == PROPERTY:
                name, numbers = told
                for what, number in numbers.items():
                    sums[name][what] += number
    for name, numbers in sorted(sums.items()):
        shown = (f"{number:g} {what.replace('_', ' ')}" for what, number in numbers.items())
        yield f"{name}: {', '.join(shown)}"
