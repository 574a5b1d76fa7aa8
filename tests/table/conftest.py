"""A fresh table with one tenant in it."""

import pytest

from tests.aws import a_table
from tests.builders import a_tenant, an_entry


@pytest.fixture
def table():
    with a_table() as fresh:
        fresh.repositories.people.add_tenant(a_tenant(), entry=an_entry())
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
