"""Events of users and tenants that are erased go with them."""

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.usecases import events
from tests.builders import OWNER, TENANT, a_user, an_id
from tests.homes import moved_in
from tests.table.steps import started, submitted
from tests.webhooking import Mail
from tests.world import a_world


@pytest.fixture
def mail():
    with a_world() as world:
        yield Mail(world)


def kept(mail, room):
    return [item for item in mail.world.table.items() if item["PK"] == f"O#{TENANT}#{room}"]


def erase(remove):
    while remove():
        pass


def test_what_is_told_of_a_users_things_goes_with_the_user(mail):
    mail.endpoint()
    colleague = moved_in(mail.world.table.repositories, a_user(id=an_id(Kind.USER)))
    other = submitted(mail.deps.jobs, owner=colleague.id)
    started(mail.deps.jobs)
    mail.settle()
    submitted(mail.deps.jobs)  # has no place in the log yet

    erase(lambda: mail.deps.erasure.remove_records(TENANT, OWNER))

    left = [item["resource"] for item in kept(mail, "EV") if "resource" in item]
    assert left == [other.id]
    assert events.publish_due(mail.deps) == 0


def test_of_a_tenant_that_is_erased_no_event_webhook_or_delivery_is_left(mail):
    mail.endpoint()
    started(mail.deps.jobs)
    mail.settle()
    submitted(mail.deps.jobs)

    erase(lambda: mail.deps.erasure.remove_tenants_rows(TENANT))

    assert [kept(mail, room) for room in ("EV", "HOOK", "HK")] == [[], [], []]
    mail.settle()
    assert [kept(mail, room) for room in ("EV", "HOOK", "HK")] == [[], [], []]
