"""Settings in, `Deps` out. The only file that picks adapters."""

import os
import secrets
from datetime import UTC, datetime

from reelsmith.domain import ids
from reelsmith.domain.ids import Kind
from reelsmith.engines.errands import QueueErrands
from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.engines.executions import StepFunctions
from reelsmith.engines.fetch import SafeFetcher
from reelsmith.engines.passwords import Argon2Passwords
from reelsmith.engines.polly import PollySpeaker
from reelsmith.engines.post import QueuePost
from reelsmith.engines.secrets import ParameterPepper
from reelsmith.engines.tickets import SessionTickets
from reelsmith.engines.wake import QueueWaker
from reelsmith.ports import Deps
from reelsmith.settings import Settings
from reelsmith.storage.s3 import S3Store
from reelsmith.table import open_table
from reelsmith.telemetry import ProcessMeter


def from_env() -> Deps:
    """Deps for this process, from its environment. Raises Invalid when it is not complete."""
    return connect(Settings.from_env(os.environ))


def connect(settings: Settings) -> Deps:
    """Deps for these settings. Opens no connection: each client is made on first use."""
    pepper = ParameterPepper(settings.pepper_parameter)
    table = open_table(
        settings.table,
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        endpoint=os.environ.get("AWS_ENDPOINT_URL"),
        pepper=pepper,
    )
    meter = ProcessMeter()
    return Deps(
        settings=settings,
        jobs=table.jobs,
        batches=table.batches,
        leases=table.leases,
        turns=table.turns,
        sweeps=table.sweeps,
        assets=table.assets,
        videos=table.videos,
        people=table.people,
        users=table.users,
        credentials=table.credentials,
        shares=table.shares,
        journal=table.journal,
        limits=table.limits,
        usage=table.usage,
        erasure=table.erasure,
        exports=table.exports,
        events=table.events,
        webhooks=table.webhooks,
        deliveries=table.deliveries,
        store=S3Store(settings.bucket, meter=meter),
        speaker=PollySpeaker(settings.polly) if settings.polly else EspeakSpeaker(),
        passwords=Argon2Passwords(),
        tickets=SessionTickets(pepper),
        workflow=StepFunctions(settings.state_machine_arn),
        wake=QueueWaker(settings.wake_queue_url),
        fetcher=SafeFetcher(plain=settings.fetch_plain),
        errands=QueueErrands(settings.fetch_queue_url),
        post=QueuePost(
            courier_queue_url=settings.courier_queue_url,
            letter_queue_url=settings.letter_queue_url,
        ),
        pepper=pepper,
        meter=meter,
        now=_now,
        new_id=_new_id,
        vault=S3Store(settings.audit_bucket, meter=meter) if settings.audit_bucket else None,
        understudies=(EspeakSpeaker(),) if settings.polly else (),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id(kind: Kind) -> str:
    return ids.at(kind, _now(), secrets.token_bytes(10))
