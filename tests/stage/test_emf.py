import json

from infra.local.emf import metrics_in

RECORD = {
    "_aws": {
        "Timestamp": 1_893_456_000_000,
        "CloudWatchMetrics": [
            {
                "Namespace": "Reelsmith",
                "Dimensions": [["stage", "task"]],
                "Metrics": [{"Name": "TaskSeconds", "Unit": "Seconds"}, {"Name": "Bytes"}],
            }
        ],
    },
    "stage": "local",
    "task": "render_scene",
    "TaskSeconds": [1.5, 2.5],
    "Bytes": 10,
}


def test_a_line_of_embedded_metrics_becomes_data_of_cloudwatch():
    [(namespace, seconds), (_, size)] = metrics_in(json.dumps(RECORD))

    assert namespace == "Reelsmith"
    assert (seconds["MetricName"], seconds["Values"]) == ("TaskSeconds", [1.5, 2.5])
    assert (seconds["Unit"], size["Unit"]) == ("Seconds", "None")
    assert seconds["Dimensions"] == [
        {"Name": "stage", "Value": "local"},
        {"Name": "task", "Value": "render_scene"},
    ]
    assert seconds["Timestamp"].isoformat() == "2030-01-01T00:00:00+00:00"


def test_other_lines_and_broken_ones_are_no_metrics():
    lines = ["job started", '{"level": "INFO"}', '{"_aws": {"Timestamp": 1}', '{"_aws": {}}']

    assert [found for line in lines for found in metrics_in(line)] == []
