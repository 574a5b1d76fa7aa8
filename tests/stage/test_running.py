"""A stage as its user meets it: it answers, it checks who asks, it comes back as it was."""

import json
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from infra import names
from infra.local.client import Client
from infra.local.deployer import Deployer
from infra.local.place import CHECKOUT, child_env
from reelsmith.telemetry import NAMESPACE

pytestmark = pytest.mark.stage


def eventually(look, within_s: float = 30.0):
    """What `look` gives once it gives something; the last it gave when time is over."""
    until = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def dev(command: str, stage) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", f"infra.cli.{command}", "--data", str(stage.place.root)]
    return subprocess.run(
        line,
        cwd=CHECKOUT,
        env=child_env(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_anyone_may_ask_whether_it_is_well(stage):
    answer = Client(stage.stage["api_url"], key=None).send("GET", "/v1/health")

    assert answer.status == 200
    assert answer.json["stage"] == "local"


@pytest.mark.parametrize(
    ("key", "status"),  # API Gateway's own words: no credential, and one that was refused
    [(None, 401), ("rsk_local_0000000000_nobody", 403), ("letmein", 403)],
)
def test_nobody_gets_in_without_a_key_of_ours(stage, key, status):
    answer = Client(stage.stage["api_url"], key).send("GET", "/v1/jobs")

    assert answer.status == status


def test_the_printed_key_opens_the_door(stage):
    assert "data" in stage.api.ask("GET", "/v1/jobs")


def test_a_web_page_elsewhere_cannot_speak_to_it(stage):
    answer = stage.api.send("GET", "/v1/jobs", headers={"Origin": "https://example.com"})
    rebound = stage.api.send("GET", "/v1/jobs", headers={"Host": "example.com"})

    assert (answer.status, rebound.status) == (403, 403)


def test_the_key_is_for_its_owner_only(stage):
    for file in (stage.place.card, stage.place.identity):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(stage.place.card.read_text())
    assert {"api_url", "api_key", "endpoint_url", "bucket", "drop_folder"} <= told.keys()


def test_the_functions_metrics_are_seen_through_cloudwatch(stage):
    def names_of_metrics() -> set[str]:
        pages = stage.aws("cloudwatch").get_paginator("list_metrics").paginate(Namespace=NAMESPACE)
        return {metric["MetricName"] for page in pages for metric in page["Metrics"]}

    assert "QueueDepth" in eventually(names_of_metrics)  # each round of the housekeeping says it


def test_a_second_up_finds_the_first(stage):
    second = dev("up", stage)

    assert second.returncode == 0
    assert "already running" in second.stdout
    assert stage.stage["api_url"] in second.stdout


def test_deploying_the_same_again_changes_nothing(stage):
    deployer = Deployer(stage.stage["endpoint_url"], stage="local")

    assert deployer.deploy(_templates(stage)).changed is False


def test_the_pepper_is_made_once_and_kept_secret(stage):
    ssm = stage.aws("ssm")
    name = names.parameter("local", "pepper")
    before = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    Deployer(stage.stage["endpoint_url"], stage="local").deploy(_templates(stage))

    after = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert after["Value"] == before["Value"]
    assert after["Type"] == "SecureString"


def test_down_and_up_again_is_the_same_stage_with_nothing_to_deploy(stage):
    before = dict(stage.stage)
    stop = dev("down", stage)
    again = dev("down", stage)
    stage.start()

    assert "stopped" in stop.stdout
    assert "no stage was running" in again.stdout
    assert "nothing to deploy" in stage.said
    assert {**stage.stage, "pid": 0} == {**before, "pid": 0}
    assert stage.api.send("GET", "/v1/jobs").status == 200


def test_a_stage_killed_at_any_moment_comes_back_with_all_it_acknowledged(stage):
    table = stage.stage["table"]
    acknowledged: set[str] = set()
    for kill_after in (1, 17, 40):
        writer = _Writer(stage.aws("dynamodb"), table, f"K#{kill_after}")
        writer.start()
        eventually(lambda writer=writer, many=kill_after: len(writer.acknowledged) >= many)
        stage.kill()
        writer.join(20)
        acknowledged |= set(writer.acknowledged)
        stage.start()

        found = _keys_of(stage.aws("dynamodb"), table)
        assert len(writer.acknowledged) >= kill_after
        assert acknowledged <= found


def test_a_stage_killed_by_force_still_knows_its_key_and_its_parameters(stage):
    before = dict(stage.stage)
    stage.kill()
    stage.start()

    assert stage.stage["api_key"] == before["api_key"]
    assert "nothing to deploy" in stage.said
    assert stage.api.send("GET", "/v1/jobs").status == 200


def _templates(stage) -> Path:
    """The assembly that this stage was made of."""
    return max(stage.place.synth.iterdir(), key=lambda made: made.stat().st_mtime)


def test_an_emulator_whose_launcher_was_killed_saves_its_state_before_the_next_one_starts(stage):
    before = dict(stage.stage)
    stage.aws("sqs").create_queue(QueueName="made-a-moment-ago")
    stage.kill_launcher()
    stage.start()

    assert {**stage.stage, "pid": 0} == {**before, "pid": 0}
    assert "QueueUrls" in stage.aws("sqs").list_queues(QueueNamePrefix="made-a-moment-ago")


class _Writer(threading.Thread):
    """Writes pairs of items, each pair in one transaction, until nobody answers any more."""

    def __init__(self, dynamodb, table: str, name: str) -> None:
        super().__init__(daemon=True)
        self._dynamodb, self._table, self._prefix = dynamodb, table, name
        self.acknowledged: list[str] = []

    def run(self) -> None:
        for number in range(100_000):
            key = f"{self._prefix}#{number}"
            pair = [
                {"Put": {"TableName": self._table, "Item": {"PK": {"S": key}, "SK": {"S": sort}}}}
                for sort in ("A", "B")
            ]
            try:
                self._dynamodb.transact_write_items(TransactItems=pair)
            except (BotoCoreError, ClientError):
                return
            self.acknowledged.append(key)


def _keys_of(dynamodb, table: str) -> set[str]:
    """The keys of which both items of the pair are there."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    found = {(item["PK"]["S"], item["SK"]["S"]) for page in pages for item in page["Items"]}
    return {key for key, sort in found if sort == "A" and (key, "B") in found}
