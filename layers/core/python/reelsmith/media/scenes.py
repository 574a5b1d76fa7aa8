"""Renders one scene of a timeline, alone: its own frames, to a segment.

A scene is cut into runs. Where nothing changes from frame to frame the picture is coded once and
held; everything else is drawn and coded frame by frame. Each run begins with an IDR picture and
refers to nothing outside itself, so scenes may be rendered anywhere and in any order.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.layers import Fit
from reelsmith.domain.layers import Picture as PictureSource
from reelsmith.domain.timelines import Timeline
from reelsmith.errors import MediaError
from reelsmith.media import segments
from reelsmith.media.clips import Footage
from reelsmith.media.coding import Coder, Progress, Run
from reelsmith.media.planes import Overlay, Planes, crossfade
from reelsmith.media.segments import SegmentIndex
from reelsmith.media.stills import Still

HOLD_AT_LEAST = 30  # frames; below, a run of its own costs more than coding what is unchanged

Source = NDArray[np.uint8] | Footage


class Captions(Protocol):
    """Words that stand over the pictures."""

    def at(self, frame: int) -> Overlay | None:
        """The overlay of a frame of the film; the same object while nothing changes."""


class Overlays(Protocol):
    """What else stands over the pictures, below the captions."""

    def at(self, frame: int) -> tuple[Overlay, ...]:
        """The overlays of a frame of the film, the lowest first; the same while they stand."""


class Layer(Protocol):
    """What fills the frame."""

    moving: bool

    def draw(self, frame: int, onto: Planes) -> None:
        """Draw a frame of its visibility over all of `onto`."""


def seen(timeline: Timeline, index: int, part: range | None = None) -> Mapping[int, range]:
    """The scenes of which something is seen in scene `index`, or in the frames `part` of it.

    Gives for each the frames that are seen, counted from its own beginning.
    """
    scene = timeline.scenes[index]
    part = part or range(scene.frames)
    frames = {index: part}
    if part.start < scene.transition_frames:
        before = timeline.scenes[index - 1].frames
        until = min(part.stop, scene.transition_frames)
        frames[index - 1] = range(before + part.start, before + until)
    return frames


class Shot:
    """Draws any frame of one scene. Frames are counted from the start of the film."""

    def __init__(
        self,
        timeline: Timeline,
        index: int,
        *,
        sources: Mapping[int, Source],
        captions: Captions | None,
        overlays: Overlays | None = None,
        part: range | None = None,
    ) -> None:
        """Prepare the source of scene `index`, and of the one before when it is still visible.

        `sources` has pictures (h, w, 3) uint8, sRGB, or footage, by index of their scene; footage
        shows what `seen` says. With `part` only these frames of the scene can be drawn. They look
        as they do in the whole: a still is prepared for all of its frames.
        """
        self._timeline = timeline
        self._scene = timeline.scenes[index]
        self._captions = captions
        self._overlays = overlays
        self._clear_from = self._scene.first_frame + self._scene.transition_frames
        self._spare = Planes.black(timeline.width, timeline.height)
        self._layers = {
            number: self._prepared(number, sources[number], shown)
            for number, shown in seen(timeline, index).items()
            if number in seen(timeline, index, part)
        }
        self._layer = self._layers[index]

    def _prepared(self, index: int, source: Source, shown: range) -> Layer:
        if isinstance(source, Footage):
            return source
        scene = self._timeline.scenes[index]
        return Still(
            source,
            scene.move,
            width=self._timeline.width,
            height=self._timeline.height,
            visible_frames=self._timeline.visible_until(index) - scene.first_frame,
            shown=shown,
            fit=scene.source.fit if isinstance(scene.source, PictureSource) else Fit.COVER,
        )

    def draw(self, frame: int, onto: Planes) -> None:
        """Draw one frame over all of `onto`."""
        place = frame - self._scene.first_frame
        if frame < self._clear_from:
            earlier = self._timeline.scenes[self._scene.index - 1]
            self._layers[earlier.index].draw(frame - earlier.first_frame, onto)
            self._layer.draw(place, self._spare)
            length = self._scene.transition_frames
            crossfade(onto, self._spare, (2 * place + 1) * 128 // length)
        else:
            self._layer.draw(place, onto)
        for overlay in self._above(frame):
            overlay.draw(onto)

    def _above(self, frame: int) -> tuple[Overlay, ...]:
        """What lies over the pictures, the lowest first; words are never covered."""
        overlays = self._overlays.at(frame) if self._overlays else ()
        words = self._captions.at(frame) if self._captions else None
        return overlays if words is None else (*overlays, words)

    def runs(self) -> list[Run]:
        """The scene in pieces, in order."""
        scene = self._scene
        if self._layer.moving:
            return [Run(scene.first_frame, scene.end_frame, held=False)]
        pieces = [Run(scene.first_frame, self._clear_from, held=False), *self._standing()]
        joined: list[Run] = []
        for piece in pieces:
            if joined and not (joined[-1].held or piece.held):
                joined[-1] = Run(joined[-1].first, piece.end, held=False)
            elif piece.end > piece.first:
                joined.append(piece)
        return joined

    def _standing(self) -> Iterator[Run]:
        """Stretches with the same things above a picture that stands still."""
        first, above = self._clear_from, self._above(self._clear_from)
        for frame in range(first + 1, self._scene.end_frame):
            shown = self._above(frame)
            if shown != above:
                yield Run(first, frame, held=frame - first >= HOLD_AT_LEAST)
                first, above = frame, shown
        end = self._scene.end_frame
        yield Run(first, end, held=end - first >= HOLD_AT_LEAST)


def render(
    timeline: Timeline,
    index: int,
    *,
    sources: Mapping[int, Source],
    captions: Captions | None,
    threads: int,
    into: Path,
    progress: Progress,
    part: range | None = None,
    overlays: Overlays | None = None,
) -> SegmentIndex:
    """Render scene `index`, or the frames `part` of it, counted from its first, to a segment.

    Args:
        timeline: the film.
        index: which scene.
        sources: pictures (h, w, 3) uint8, sRGB, or footage, by scene: `index`, and the one before
            it when the scene begins with a transition; what `seen` says.
        captions: words over the pictures, or None.
        threads: of the encoder; their number changes the bytes.
        into: the file to make. When anything goes wrong there is none.
        progress: is told about twice a second, and at the end, how many frames are done.
        part: which of the scene's own frames; all of them when None.
        overlays: what lies between pictures and words, or None.

    Raises:
        MediaError: the film's sides are odd, the encoder refuses them, or a clip is broken.
        Cancelled: `progress` raised it.
    """
    if timeline.width % 2 or timeline.height % 2:
        raise MediaError(f"a film cannot be {timeline.width}x{timeline.height}: sides are even")
    shot = Shot(timeline, index, sources=sources, captions=captions, overlays=overlays, part=part)
    coder = Coder(timeline, shot, threads, progress)
    for source in sources.values():
        if isinstance(source, Footage):
            source.meanwhile = coder.pulse
    scene = timeline.scenes[index]
    part = part or range(scene.frames)
    wanted = range(scene.first_frame + part.start, scene.first_frame + part.stop)
    runs = [coder.code(run) for run in _within(shot.runs(), wanted)]
    if len(coder.headers) != 1:
        raise MediaError("parts of one scene were coded under different headers")
    progress(len(wanted))
    return segments.write(
        into,
        runs,
        width=timeline.width,
        height=timeline.height,
        fps=timeline.fps,
        header=coder.headers.pop(),
    )


def _within(runs: Iterable[Run], wanted: range) -> Iterator[Run]:
    """What of these runs lies in a stretch of the film."""
    for run in runs:
        first, end = max(run.first, wanted.start), min(run.end, wanted.stop)
        if first < end:
            yield replace(run, first=first, end=end)
