"""One logger and one metrics namespace for the whole service. Logs carry ids, never content."""

import os

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

NAMESPACE = "Reelsmith"

log = Logger(service="reelsmith")
metrics = Metrics(namespace=NAMESPACE, service="reelsmith")
metrics.set_default_dimensions(stage=os.environ.get("REELSMITH_STAGE", "test"))

__all__ = ["NAMESPACE", "MetricUnit", "log", "metrics"]
