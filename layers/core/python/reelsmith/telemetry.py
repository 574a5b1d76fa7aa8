"""One logger and one metrics namespace for the whole service. Logs carry ids, never content."""

import os

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric

NAMESPACE = "Reelsmith"

_STAGE = os.environ.get("REELSMITH_STAGE", "test")

log = Logger(service="reelsmith")
metrics = Metrics(namespace=NAMESPACE)
metrics.set_default_dimensions(stage=_STAGE)


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


__all__ = ["NAMESPACE", "MetricUnit", "log", "measure", "metrics"]
