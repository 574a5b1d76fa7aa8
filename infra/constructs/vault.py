"""The vault of the sealed journal: what lies in it stays as it is until its time is over."""

from typing import Literal

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from reelsmith.domain.audit import RETENTION

_LOCKS = {
    "governance": s3.ObjectLockRetention.governance,
    "compliance": s3.ObjectLockRetention.compliance,
}
_TIDY_DAYS = 1


class Vault(s3.Bucket):
    """A private, versioned bucket under Object Lock, for as long as the journal is kept."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        lock: Literal["governance", "compliance"],
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=_LOCKS[lock](Duration.days(RETENTION.days)),
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=_over(),
            removal_policy=removal_policy,
        )


def _over() -> list[s3.LifecycleRule]:
    """What the lock lets go, goes: first it is marked as deleted, then it is, then the mark."""
    return [
        s3.LifecycleRule(
            id="over",
            expiration=Duration.days(RETENTION.days + _TIDY_DAYS),
            noncurrent_version_expiration=Duration.days(_TIDY_DAYS),
        ),
        s3.LifecycleRule(id="marks", expired_object_delete_marker=True),
    ]
