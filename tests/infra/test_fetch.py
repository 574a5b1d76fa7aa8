"""The function that goes to callers' URLs: what it may do, and what becomes of its orders."""

import json
import re

import pytest

from infra.entries import ENTRIES
from infra.stages import STAGES
from reelsmith.storage import keys
from reelsmith.usecases import fetching


def allowed(stage, entry):
    """(action, resource) of all that a function may do."""
    for statement in stage.statements(entry):
        if statement["Effect"] == "Allow":
            actions, resources = statement["Action"], statement["Resource"]
            for action in actions if isinstance(actions, list) else [actions]:
                for one in resources if isinstance(resources, list) else [resources]:
                    yield action, json.dumps(one)


def queue(stage):
    (found,) = (
        properties
        for name, resource in stage.app["Resources"].items()
        if re.fullmatch("FetchQueue[0-9A-F]{8}", name) and (properties := resource["Properties"])
    )
    return found


def test_it_reads_its_queue_puts_uploads_writes_its_log_and_nothing_else(prod):
    may = list(allowed(prod, "fetch"))

    by_service = {action.partition(":")[0] for action, _ in may}
    assert by_service == {"sqs", "s3", "logs"}
    assert {action for action, _ in may if action.startswith("s3:")} == {"s3:PutObject"}
    (uploads,) = {one for action, one in may if action.startswith("s3:")}
    assert f'/{keys.UPLOADS}*"' in uploads
    assert {action for action, _ in may if action.startswith("sqs:")} == {
        "sqs:ReceiveMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueUrl",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    }
    assert all("FetchQueue" in one for action, one in may if action.startswith("sqs:"))


def test_only_the_api_and_the_rounds_order_files(prod):
    ordering = {
        entry
        for entry in ENTRIES
        for action, one in allowed(prod, entry)
        if action == "sqs:SendMessage" and "FetchQueue" in one
    }
    assert ordering == {"api", "housekeeping"}


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_try_ends_before_the_function_does_and_all_of_them_before_the_file_is_late(
    stages, stage
):
    found = queue(stages[stage])
    timeout_s = stages[stage].function("fetch")["Timeout"]
    tries = found["RedrivePolicy"]["maxReceiveCount"]

    assert fetching.FETCH_S < timeout_s < found["VisibilityTimeout"]
    assert tries * found["VisibilityTimeout"] < fetching.DUE.total_seconds()


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_the_largest_file_fits_on_its_disk(stages, stage):
    largest = max(fetching.MAX_BYTES.values())
    assert stages[stage].function("fetch")["EphemeralStorage"]["Size"] << 20 > largest


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_no_stage_is_deployed_with_a_plain_address(stages, stage):
    for function in stages[stage].of_type("AWS::Lambda::Function"):
        told = function["Environment"]["Variables"] if "Environment" in function else {}
        assert "REELSMITH_FETCH_PLAIN" not in told


def test_it_has_no_network_of_ours_to_reach(prod):
    assert "VpcConfig" not in prod.function("fetch")
