"""Decoding of a caller's file in a child: the half that stands on our side.

The child gets the open file as its standard input, an empty folder, limits, and words that we
made. What it says is checked like any stranger's: a hostile file may have taken it over.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol, TypeVar

from reelsmith.domain.assets import FileType
from reelsmith.domain.model import Entity
from reelsmith.errors import MediaError
from reelsmith.media import gate
from reelsmith.media.child import RESULT
from reelsmith.media.run import Finished, Limits, run_module

AnswerT = TypeVar("AnswerT", bound=Entity)


class Runner(Protocol):
    """What runs a decoder: `run.run_module`, or a nursery's `run` where there are many files."""

    def __call__(
        self,
        module: str,
        args: Sequence[str],
        *,
        cwd: Path,
        timeout_s: float,
        limits: Limits,
        stdin: IO[bytes],
    ) -> Finished:
        """Decode one file to its end. Raises MediaError, Unavailable."""


class Refusal(Entity):
    """What a child says when it cannot use a file; the words are ours."""

    fault: str
    remedy: str


@contextmanager
def decoded(
    module: str,
    path: Path,
    *settings: str,
    name: str,
    wanted: FileType,
    answer: type[AnswerT],
    timeout_s: float,
    limits: Limits,
    run: Runner = run_module,
) -> Iterator[tuple[AnswerT, Path]]:
    """Let `path` through the gate and decode it with `python -m module FORM SETTINGS...`.

    Gives the child's answer and the file with the raw samples, which is gone after the block.

    Raises:
        MediaError: the gate or the child refuses the file, or the child broke on it. The message
            says the file by `name`, the fault and the remedy.
        Unavailable: the child found no temp space.
    """
    with (
        gate.opened(path, name=name, wanted=wanted) as sighting,
        TemporaryDirectory(prefix="decode-") as folder,
    ):
        try:
            stdout = run(
                module,
                [sighting.form.name, *settings],
                stdin=sighting.file,
                cwd=Path(folder),
                timeout_s=timeout_s,
                limits=limits,
            ).stdout
        except MediaError as broken:
            fault = f"cannot be decoded as {sighting.form}"
            raise gate.refusal(name, fault, "open it and save it again") from broken
        yield _parsed(stdout, sighting.form, name, answer), Path(folder, RESULT)


def broken_decoder(name: str) -> MediaError:
    """The error for a child that answered nonsense."""
    return gate.refusal(name, "broke its decoder", "open it and save it again")


def _parsed(stdout: bytes, form: gate.Form, name: str, answer: type[AnswerT]) -> AnswerT:
    try:
        said = json.loads(stdout)
        if "fault" not in said:
            return answer.model_validate(said | {"format": form})
        refused = Refusal.model_validate(said)
    except (ValueError, TypeError) as nonsense:
        raise broken_decoder(name) from nonsense
    raise gate.refusal(name, refused.fault, refused.remedy)
