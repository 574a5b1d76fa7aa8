"""What the use-cases ask of the outside world, and nothing more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from reelsmith.domain.ids import NewId
from reelsmith.ports.addresses import Address, Addresses
from reelsmith.ports.assets import Assets, Videos
from reelsmith.ports.batches import Batches
from reelsmith.ports.board import Board, Outlook
from reelsmith.ports.engines import (
    Answer,
    Errands,
    Fetched,
    Fetcher,
    Meter,
    Passwords,
    Run,
    Speaker,
    Ticket,
    Tickets,
    Waker,
    Workflow,
)
from reelsmith.ports.erasing import Erasure, Exports
from reelsmith.ports.events import Deliveries, EventPage, Events, Post, Webhooks
from reelsmith.ports.jobs import Jobs
from reelsmith.ports.journal import Draw, Journal, JournalPage, Limits
from reelsmith.ports.leases import Lease, Leases
from reelsmith.ports.once import Idempotency, Made
from reelsmith.ports.people import Credentials, People, Shares, UserPage, Users
from reelsmith.ports.store import PostForm, Store, Stored
from reelsmith.ports.sweeps import Sweeps
from reelsmith.ports.turns import Turns
from reelsmith.ports.usage import Usage
from reelsmith.settings import Settings


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything a use-case may reach. Built by `wiring`, faked in tests."""

    settings: Settings
    jobs: Jobs
    batches: Batches
    leases: Leases
    turns: Turns
    sweeps: Sweeps
    assets: Assets
    videos: Videos
    people: People
    users: Users
    credentials: Credentials
    shares: Shares
    journal: Journal
    limits: Limits
    usage: Usage
    erasure: Erasure
    exports: Exports
    events: Events
    webhooks: Webhooks
    deliveries: Deliveries
    store: Store
    speaker: Speaker
    passwords: Passwords
    tickets: Tickets
    workflow: Workflow
    wake: Waker
    fetcher: Fetcher
    errands: Errands
    post: Post
    pepper: Callable[[], bytes]
    meter: Meter
    now: Callable[[], datetime]
    new_id: NewId
    addresses: Addresses = field(default_factory=Addresses)
    board: Board = field(default_factory=Board)
    vault: Store | None = None
    understudies: tuple[Speaker, ...] = ()


__all__ = [
    "Address",
    "Addresses",
    "Answer",
    "Assets",
    "Batches",
    "Board",
    "Credentials",
    "Deliveries",
    "Deps",
    "Draw",
    "Erasure",
    "EventPage",
    "Events",
    "Exports",
    "Errands",
    "Fetched",
    "Fetcher",
    "Idempotency",
    "Jobs",
    "Journal",
    "JournalPage",
    "Lease",
    "Leases",
    "Limits",
    "Made",
    "Meter",
    "Outlook",
    "Passwords",
    "People",
    "Post",
    "PostForm",
    "Run",
    "Shares",
    "Speaker",
    "Store",
    "Stored",
    "Sweeps",
    "Ticket",
    "Tickets",
    "Turns",
    "Usage",
    "UserPage",
    "Users",
    "Videos",
    "Waker",
    "Webhooks",
    "Workflow",
]
