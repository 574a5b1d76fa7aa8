"""What the suite of faults measures, told at the end of the test run."""

import pytest

from tests.faults.figures import PROPERTY


class Figures:
    """What one test adds to the figures of its name."""

    def __init__(self, properties):
        self._properties = properties

    def count(self, name, **numbers):
        """Add to sums; underscores are shown as blanks."""
        self._properties.append((PROPERTY, [name, numbers]))


@pytest.fixture
def figures(request):
    return Figures(request.node.user_properties)
