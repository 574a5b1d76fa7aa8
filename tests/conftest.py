"""Shared by all tests: credentials that open nothing, and no network of AWS."""

import os

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.faults import figures

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_METRICS_NAMESPACE="Reelsmith",
    POWERTOOLS_LOG_LEVEL="WARNING",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of the local stage share one stage, so one worker runs them all."""
    return _StageApart(config, log)


def pytest_terminal_summary(terminalreporter):
    """Tell what the suite of faults counted."""
    told = list(figures.lines(terminalreporter.getreports("passed")))
    if told:
        terminalreporter.section("faults")
        for line in told:
            terminalreporter.write_line(line)


class _StageApart(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        return "stage" if nodeid.startswith("tests/stage/") else nodeid
