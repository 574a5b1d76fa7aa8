"""Codes the runs of a shot: what is held once, everything else frame by frame."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from reelsmith.domain.timelines import Timeline
from reelsmith.media.coded import Header, Picture
from reelsmith.media.encode import Encoder, profile
from reelsmith.media.holds import Holder
from reelsmith.media.planes import Planes

_PAUSE_S = 0.5  # between two reports of progress

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """Frames of the film from `first` to before `end`; `held` when they are all the same."""

    first: int
    end: int
    held: bool


class Drawable(Protocol):
    """What can be coded."""

    def draw(self, frame: int, onto: Planes) -> None:
        """Draw one frame, counted from the start of the film, over all of `onto`."""


class Coder:
    """Codes the runs of a shot and tells how far it is."""

    def __init__(
        self, timeline: Timeline, shot: Drawable, threads: int, progress: Progress
    ) -> None:
        """Prepare for a film's size and rate; `threads` of the encoder change the bytes."""
        self._shot = shot
        self._size = timeline.width, timeline.height
        self._profile = profile(timeline.codec, timeline.preset)
        self._fps, self._threads = timeline.fps, threads
        self._progress = progress
        self._done = 0
        self._told = time.monotonic()
        self.headers: set[Header] = set()

    def pulse(self) -> None:
        """Tell how far it is while nothing is coded: who hears it may call the work off."""
        self._count(0)

    def code(self, run: Run) -> list[Picture]:
        """The pictures of one run, in decoding order."""
        return self._held(run) if run.held else self._moving(run)

    def _moving(self, run: Run) -> list[Picture]:
        width, height = self._size
        encoder = Encoder(
            profile=self._profile,
            width=width,
            height=height,
            fps=self._fps,
            threads=self._threads,
            crf=self._profile.motion_crf,
        )
        pictures: list[Picture] = []
        for frame in range(run.first, run.end):
            self._shot.draw(frame, encoder.canvas)
            pictures += encoder.add()
            self._count(1)
        pictures += encoder.finish()
        self.headers |= encoder.headers
        return pictures

    @cached_property
    def _holder(self) -> Holder:
        width, height = self._size
        return Holder(
            self._profile, width=width, height=height, fps=self._fps, threads=self._threads
        )

    def _held(self, run: Run) -> list[Picture]:
        picture = Planes.black(*self._size)
        self._shot.draw(run.first, picture)
        pictures = self._holder.hold(picture, run.end - run.first)
        self.headers |= self._holder.headers
        self._count(run.end - run.first)
        return pictures

    def _count(self, frames: int) -> None:
        self._done += frames
        if time.monotonic() - self._told >= _PAUSE_S:
            self._told = time.monotonic()
            self._progress(self._done)
