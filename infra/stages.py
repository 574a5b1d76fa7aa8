"""Stages, as data. A new stage is a new entry here and nothing else."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpec:
    """What differs from one stage to the next.

    `account` and `region` are None where the deploying environment says them.
    `bootstrapped` means `cdk bootstrap` was run: file assets go to its bucket.
    `layered` is off where functions run in an interpreter that has our code and the wheels.
    `keep_data` retains table and bucket when their stack goes, and protects them from going.
    `audit_lock` lays the sealed journal into a bucket where nobody can change it before its time:
    nobody without a right of its own (`governance`), or nobody at all (`compliance`).
    """

    name: str
    account: str | None = None
    region: str | None = None
    bootstrapped: bool = True
    layered: bool = True
    keep_data: bool = False
    audit_lock: Literal["governance", "compliance"] | None = None
    pitr_days: int = 0  # days one can go back to any second of; 0 for none, at most 35
    require_tls: bool = True
    checked: bool = True  # its synthesis fails on an open finding of cdk-nag
    log_days: int = 7
    alarms: bool = False
    api_requests_per_s: int = 50
    api_burst: int = 100
    auth: Literal["keys", "cognito"] = "keys"  # who knows people: we, or a user pool
    login_concurrency: int = 0  # reserved; a new account has 10 in all and can reserve none
    polly: Literal["", "standard", "neural", "long-form"] = ""  # who narrates; none: espeak-ng
    authorizer_cache_s: int = 60  # a revoked key may read for as long
    cors_origins: tuple[str, ...] = ()  # whose pages may call the API; none by default
    render_memory_mb: int = 3008  # the most that a new account may have
    render_large_memory_mb: int = 3008
    max_running: int = 3  # one of them for urgent jobs; fewer where the account carries fewer
    tenant_max_running: int = 0  # of one tenant while others wait; 0 is all but one
    account_concurrency: int = 0  # functions side by side, read by `./dev deploy`; 0: not known
    scene_concurrency: int = 3
    intake_concurrency: int = 2
    fetch_concurrency: int = 2


STAGES = {
    spec.name: spec
    for spec in (
        StageSpec(
            name="local",
            account="000000000000",
            region="us-east-1",
            bootstrapped=False,
            layered=False,
            require_tls=False,
            checked=False,
            log_days=1,
            authorizer_cache_s=0,
            cors_origins=("*",),
            scene_concurrency=2,
        ),
        StageSpec(name="dev"),
        StageSpec(
            name="staging",
            audit_lock="governance",
            pitr_days=7,
            log_days=30,
            alarms=True,
            max_running=4,
            scene_concurrency=8,
            intake_concurrency=5,
            login_concurrency=10,
        ),
        StageSpec(
            name="prod",
            keep_data=True,
            audit_lock="compliance",
            pitr_days=35,
            log_days=90,
            alarms=True,
            api_requests_per_s=200,
            api_burst=400,
            render_large_memory_mb=7076,  # 4K in any codec; both stay below half of it
            render_memory_mb=3538,  # two whole vCPUs, as many as the encoder has threads
            max_running=16,
            scene_concurrency=16,
            intake_concurrency=10,
            fetch_concurrency=5,
            login_concurrency=10,
        ),
    )
}
