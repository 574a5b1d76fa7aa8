"""Hosts to meet, with certificates that only these tests believe."""

import pytest

from tests.engines.hosts import Certificates, a_host


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def meet(certificates):
    """Meets a host that answers by a script: (fetcher, host, internet)."""
    return lambda script, **more: a_host(script, certificates=certificates, **more)
