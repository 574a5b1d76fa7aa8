"""The one bucket: what is under which prefix, and for how long, as `storage.keys` has it."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.stages import StageSpec
from reelsmith.storage import keys

_KEPT_DAYS = {
    keys.UPLOADS: 1,
    keys.WORK: 2,
    keys.CACHE: 30,
    keys.EXPORTS: 7,
    keys.BATCHES: 400,
    keys.QUARANTINE: 30,
}
_OVERWRITTEN_DAYS = 7  # a version that a running job has pinned outlives the job


class MediaBucket(s3.Bucket):
    """Private, versioned, and told to EventBridge about every object."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: StageSpec,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=spec.require_tls,
            minimum_tls_version=1.2 if spec.require_tls else None,
            lifecycle_rules=[*_expiries(), _tidy()],
            cors=[_uploads_from_browsers()],
            removal_policy=removal_policy,
        )
        self._tell_event_bridge()

    def _tell_event_bridge(self) -> None:
        # the L2 switch would add a Lambda and a role to set this one property
        self.node.default_child.add_property_override(  # type: ignore[union-attr]
            "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", value=True
        )


def _expiries() -> list[s3.LifecycleRule]:
    return [
        s3.LifecycleRule(
            id=f"expire-{prefix.rstrip('/')}", prefix=prefix, expiration=Duration.days(days)
        )
        for prefix, days in _KEPT_DAYS.items()
    ]


def _tidy() -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id="tidy",
        noncurrent_version_expiration=Duration.days(_OVERWRITTEN_DAYS),
        expired_object_delete_marker=True,
        abort_incomplete_multipart_upload_after=Duration.days(1),
    )


def _uploads_from_browsers() -> s3.CorsRule:
    # any origin: the signed form is what opens the door, and no cookie is involved
    return s3.CorsRule(
        allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.PUT],
        allowed_origins=["*"],
        allowed_headers=["*"],
        exposed_headers=["ETag"],  # that of a part is asked for when they are joined
        max_age=3600,
    )
