"""AWS clients: one botocore session, each client made on first use and kept for the process.

boto3 is not imported: it would lengthen every cold start and adds nothing to what is used here.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session, get_session

FAILURES = (BotoCoreError, ClientError)  # what a call may raise when AWS says no or nothing

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    signature_version="v4",
)


@cache
def _session() -> Session:
    return get_session()


@cache
def client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """The client of a service, by its botocore name. `AWS_ENDPOINT_URL` is honoured."""
    signature = "s3v4" if service == "s3" else "v4"
    return _session().create_client(
        service, config=_CONFIG.merge(Config(signature_version=signature))
    )
