"""The dashboard and the alarms look at metrics that somebody emits."""

import json
import re
from pathlib import Path

from infra.wheels import ROOT
from reelsmith.telemetry import NAMESPACE

PACKAGE = ROOT / "layers/core/python/reelsmith"


def measured():
    """The names of all metrics, as the package's sources have them."""
    sources = (path.read_text() for path in Path(PACKAGE).rglob("*.py"))
    return {name for text in sources for name in re.findall(r'\bmeasure\(\s*"(\w+)"', text)}


def shown(dashboard):
    """(namespace, name, stage) of every metric that the dashboard draws."""
    body = dashboard["DashboardBody"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "token" for part in body)
    for widget in json.loads(text)["widgets"]:
        for namespace, name, *rest in widget["properties"]["metrics"]:
            dimensions = dict(zip(rest[0:-1:2], rest[1::2], strict=False))
            yield namespace, name, dimensions.get("stage")


def test_the_dashboard_draws_only_what_the_functions_measure(stages):
    for stage in stages.values():
        ours = [
            one for one in shown(stage.one("AWS::CloudWatch::Dashboard")) if one[0] == NAMESPACE
        ]

        assert {name for _, name, _ in ours} <= measured()
        assert {told for _, _, told in ours} == {stage.stage}
        assert len({name for _, name, _ in ours}) == 20


def test_alarms_on_our_metrics_name_metrics_that_exist(prod):
    names = {
        alarm["MetricName"]
        for alarm in prod.of_type("AWS::CloudWatch::Alarm")
        if alarm["Namespace"] == NAMESPACE
    }
    assert names == {
        "ErasureAgeSeconds",
        "QueueAgeSeconds",
        "SuspiciousActivity",
        "SweeperRepairs",
    }
    assert names <= measured()


def test_an_alarm_says_what_is_wrong_and_is_quiet_while_nothing_happens(prod):
    for alarm in prod.of_type("AWS::CloudWatch::Alarm"):
        assert alarm["AlarmDescription"].startswith("Reelsmith prod: ")
        assert alarm["TreatMissingData"] == "notBreaching"


def test_every_queue_for_failures_is_watched(prod):
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in prod.of_type("AWS::CloudWatch::Alarm")
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    queues = {
        name for name, found in prod.app["Resources"].items() if found["Type"] == "AWS::SQS::Queue"
    }
    assert watched == queues
