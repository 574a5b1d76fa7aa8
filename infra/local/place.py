"""Where a local stage keeps its things, which port it has, and who may speak to it."""

import contextlib
import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

REGION = "us-east-1"
HOST = "127.0.0.1"
CHECKOUT = Path(__file__).resolve().parents[2]

# The emulator takes this key for the owner of the account; it listens on the loopback only.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

# What a child may inherit. Everything else, the user's AWS profile above all, stays outside.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "JSII_NODE", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Place:
    """The data folder of one stage. Two stages in two folders do not meet."""

    root: Path

    @classmethod
    def at(cls, root: Path | str | None = None) -> "Place":
        """The stage in `root`, or in `.reelsmith` of the checkout."""
        return cls(Path(root or CHECKOUT / ".reelsmith").resolve())

    @property
    def state(self) -> Path:
        """Snapshots of the emulator's services."""
        return self.root / "state"

    @property
    def journal(self) -> Path:
        """Writes to the table since the last snapshot."""
        return self.root / "journal"

    @property
    def objects(self) -> Path:
        """The bucket's bytes."""
        return self.root / "s3"

    @property
    def scratch(self) -> Path:
        """Temporary files of the emulator and of the functions."""
        return self.root / "tmp"

    @property
    def synth(self) -> Path:
        """Synthesized assemblies by the hash of what they were made of."""
        return self.root / "synth"

    @property
    def drop(self) -> Path:
        """The plain drop folder."""
        return self.root / "drop"

    @property
    def films(self) -> Path:
        """Where the demo saves its films."""
        return self.root / "demo"

    @property
    def card(self) -> Path:
        """`stage.json`: how to reach the running stage."""
        return self.root / "stage.json"

    @property
    def identity(self) -> Path:
        """The first tenant and its key, kept across restarts."""
        return self.root / "identity.json"

    @property
    def lock(self) -> Path:
        """Held by the launcher as long as the stage runs; holds its process id."""
        return self.root / "lock"

    @property
    def state_lock(self) -> Path:
        """Held by the emulator: one that still saves its state keeps the next one waiting."""
        return self.root / "state.lock"

    @property
    def log(self) -> Path:
        """What the emulator and the functions say."""
        return self.root / "stage.log"

    def make(self) -> None:
        """Create the folders, readable by their owner only."""
        for folder in (self.root, self.state, self.journal, self.objects, self.scratch):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for box in ("in", "out", "done", "failed"):
            (self.drop / box).mkdir(parents=True, exist_ok=True)

    def clear_scratch(self) -> None:
        """Remove what functions that were killed have left behind."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(mode=0o700)

    def port(self) -> int:
        """The port of the last run when it is free, else a free one, which is remembered."""
        memory = self.root / "port"
        with contextlib.suppress(OSError, ValueError):
            remembered = int(memory.read_text("utf-8"))
            if _free(remembered):
                return remembered
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            chosen = int(probe.getsockname()[1])
        memory.write_text(str(chosen), "utf-8")
        return chosen

    def read_card(self) -> dict[str, Any] | None:
        """What `stage.json` says, or None when there is none."""
        return read_json(self.card)


class Taken(Exception):
    """Another process holds the lock."""


def exclusive(lock: Path, *, within_s: float = 0.0) -> TextIO:
    """Hold a lock as long as the file that this gives is open; the system frees it with us.

    Raises:
        Taken: it was not free in time.
    """
    until = time.monotonic() + within_s
    file = lock.open("a+", encoding="utf-8")
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            if time.monotonic() >= until:
                file.close()
                raise Taken(f"{lock} is held by another process") from taken
            time.sleep(0.05)
        else:
            return file


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # The emulator binds like this too: connections of a stage that just died do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def read_json(file: Path) -> dict[str, Any] | None:
    """A JSON object from a file; None when the file is missing or torn."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_secret(file: Path, content: dict[str, Any]) -> None:
    """Write a JSON object whole or not at all, readable by its owner only."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123
        json.dump(content, out, indent=2)
        out.write("\n")
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def endpoint(port: int) -> str:
    """The address of the emulator."""
    return f"http://{HOST}:{port}"


def client_env(port: int) -> dict[str, str]:
    """Environment variables that point an AWS SDK at the stage."""
    return {
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": endpoint(port),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def child_env() -> dict[str, str]:
    """The little of our environment that a child process needs, with the checkout importable."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
        "PYTHONPATH": os.pathsep.join(map(str, _roots())),
        "PYTHONUTF8": "1",
    }


def _roots() -> Iterator[Path]:
    yield CHECKOUT
    yield CHECKOUT / "layers" / "core" / "python"
