"""A fresh table with one tenant in it."""

import pytest

from tests.aws import a_table
from tests.homes import at_home


@pytest.fixture
def table():
    with a_table() as fresh:
        at_home(fresh.repositories)
        yield fresh


@pytest.fixture
def jobs(table):
    return table.repositories.jobs


@pytest.fixture
def assets(table):
    return table.repositories.assets


@pytest.fixture
def people(table):
    return table.repositories.people


@pytest.fixture
def credentials(table):
    return table.repositories.credentials
