"""The parent's end of a clip's decoder at work. What it says is checked like any stranger's."""

import json
import os
import select
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from reelsmith.domain.model import Entity
from reelsmith.errors import MediaError
from reelsmith.media import gate, ring
from reelsmith.media.confined import Refusal, broken_decoder
from reelsmith.media.planes import Planes
from reelsmith.media.run import Running

_PATIENCE_S = 90.0  # between two pictures; a way to the first may lead through many
_LISTEN_S = 1.0  # at a time; in between somebody may call the work off
_LONGEST_LINE = 1_000  # bytes of an answer


Meanwhile = Callable[[], None]


class _Shown(Entity):
    """A picture stands in the next slot for so many frames; the lengths of its rows in bytes."""

    stands: int = Field(gt=0)
    strides: Annotated[tuple[int, ...], Field(max_length=3)]


@dataclass(frozen=True, slots=True)
class View:
    """How a film sees a clip: its frame in even pixels, its rate, and which frames are seen.

    Frames are those of the clip's visibility; frame 0 is where the clip begins.
    """

    width: int
    height: int
    fps: int
    shown: range


class ClipFeed:
    """Pictures as they come from the decoder, in order, each until it is over.

    The one that stands now does so from frame `since` to before `until`.
    """

    def __init__(
        self,
        running: Running,
        pictures: mmap,
        freed: int,
        *,
        name: str,
        view: View,
        first: int,
    ) -> None:
        self.since = self.until = first
        self._running, self._freed, self._name, self._view = running, freed, name, view
        self._memory: NDArray[np.uint8] = np.frombuffer(pictures, np.uint8)
        self._heard = b""
        self._count = 0
        self._picture = Planes.black(2, 2)

    def picture(self, frame: int, *, meanwhile: Meanwhile) -> Planes:
        """What frame `frame`, or a later one than before, shows; good until the next call.

        While it waits for the decoder it calls `meanwhile` about once a second.
        """
        while frame >= self.until:
            self._go_on(meanwhile)
        return self._picture

    def _go_on(self, meanwhile: Meanwhile) -> None:
        if self._count:
            self._give_back()
        shown = self._parsed(self._line(meanwhile))
        self._picture = self._planes(self._count % ring.SLOTS, shown.strides)
        self._count += 1
        self.since, self.until = self.until, self.until + shown.stands

    def _give_back(self) -> None:
        with suppress(BrokenPipeError):  # it may have said all; if it broke, `_line` notices
            os.write(self._freed, b".")

    def _line(self, meanwhile: Meanwhile) -> bytes:
        """The next line that the decoder says."""
        stdout = self._running.stdout.fileno()
        late = time.monotonic() + _PATIENCE_S
        while b"\n" not in self._heard:
            if not select.select([stdout], [], [], _LISTEN_S)[0]:
                meanwhile()
                if time.monotonic() > late:
                    raise self._broken()
                continue
            more = os.read(stdout, _LONGEST_LINE)
            if not more or len(self._heard) > _LONGEST_LINE:
                raise self._broken()
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        return line

    def _parsed(self, line: bytes) -> _Shown:
        try:
            said = json.loads(line)
            if "fault" in said:
                refused = Refusal.model_validate(said)
                raise gate.refusal(self._name, refused.fault, refused.remedy)
            shown = _Shown.model_validate(said)
        except (ValueError, TypeError) as nonsense:
            raise broken_decoder(self._name) from nonsense
        if not ring.fits(shown.strides, self._view.width, self._view.height):
            raise broken_decoder(self._name)
        return shown

    def _planes(self, slot: int, strides: Sequence[int]) -> Planes:
        width, height = self._view.width, self._view.height
        begin = slot * ring.slot_bytes(width, height)
        parts = zip(
            ring.offsets(width, height), strides, ring.plane_sizes(width, height), strict=True
        )
        return Planes(
            *(
                self._memory[begin + offset :][: stride * rows].reshape(rows, stride)[:, :columns]
                for offset, stride, (columns, rows) in parts
            )
        )

    def _broken(self) -> MediaError:
        refusal = gate.refusal(self._name, "cannot be decoded", "open it and save it again")
        refusal.__cause__ = self._running.failure()
        return refusal
