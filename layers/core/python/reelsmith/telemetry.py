"""One logger and one namespace of metrics for the whole service. Logs carry ids, never content.

Metrics leave as lines of the embedded metric format, which CloudWatch reads from the logs.
"""

import os

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "Reelsmith"

_STAGE = os.environ.get("REELSMITH_STAGE", "test")

log = Logger(service="reelsmith")


def measure(name: str, value: float, unit: MetricUnit, **dimension: str) -> None:
    """Note one value for CloudWatch, under the stage and at most one bounded dimension more."""
    with single_metric(
        name=name,
        unit=unit,
        value=value,
        namespace=NAMESPACE,
        default_dimensions={"stage": _STAGE},
    ) as metric:
        for key, says in dimension.items():
            metric.add_dimension(name=key, value=str(says))


__all__ = ["NAMESPACE", "MetricUnit", "log", "measure"]
