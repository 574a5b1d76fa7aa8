"""Shared by all tests: credentials that open nothing, and no network of AWS."""

import os

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_METRICS_NAMESPACE="Reelsmith",
    POWERTOOLS_LOG_LEVEL="WARNING",
)
