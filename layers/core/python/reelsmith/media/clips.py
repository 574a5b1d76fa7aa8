"""A caller's clips: what they are, and their pictures for a film, by way of the confined decoder.

The decoder runs beside the renderer and is a few pictures ahead of it. It hands over pictures that
fit the film as they are, through memory that both see; see `ring` and `decode_clip`.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import Field

from reelsmith.domain.assets import FileType
from reelsmith.domain.layers import Clip, Fit
from reelsmith.domain.model import Entity
from reelsmith.media import gate, ring
from reelsmith.media.clip_feed import ClipFeed, Meanwhile, View
from reelsmith.media.confined import decoded
from reelsmith.media.planes import Planes
from reelsmith.media.run import Limits, started_module

_DECODER = "reelsmith.media.decode_clip"
_MEMORY_BYTES = 4 << 30  # of addresses; 8K pictures and their references
_LOOK = Limits(cpu_s=60, memory_bytes=_MEMORY_BYTES, file_bytes=1 << 20)
_LOOK_TIMEOUT_S = 60.0
_NEAR = 60  # frames; what lies further ahead is reached faster by a new decoder
_CPU_S, _CPU_S_PER_FRAME = 120, 1  # 8K at 60 pictures a second, and then some


class ClipFacts(Entity):
    """A clip as it is seen: upright, in square pixels. What the file says of itself is believed.

    `fps` is an average, 0 when the file does not tell. `turned` says that it lies on its side.
    """

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    seconds: float = Field(ge=0)
    fps: float = Field(ge=0)
    turned: bool
    hdr: bool
    interlaced: bool
    video_codec: str = Field(max_length=40)
    has_sound: bool
    format: str


def inspect(path: Path, *, name: str) -> ClipFacts:
    """Decode a clip's first picture and say what it is. `name` is for messages only.

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    with decoded(
        _DECODER,
        path,
        name=name,
        wanted=FileType.VIDEO,
        answer=ClipFacts,
        timeout_s=_LOOK_TIMEOUT_S,
        limits=_LOOK,
    ) as (facts, _):
        return facts


class Footage:
    """A clip being decoded for a film. Any frame of the view can be drawn; in order is cheap.

    `meanwhile` is called about once a second while it waits for a picture; it may raise.
    """

    moving = True

    def __init__(self, path: Path, clip: Clip, *, name: str, view: View) -> None:
        """Begin to decode; `name` is for messages. Raises MediaError when the gate refuses it."""
        self._path, self._clip, self._name, self._view = path, clip, name, view
        self._running = ExitStack()
        self.meanwhile: Meanwhile = lambda: None
        self._decoder = self._begun(view.shown.start)

    def draw(self, frame: int, onto: Planes) -> None:
        """Draw frame `frame` of the clip's visibility, one of those in view, over all of `onto`.

        Raises:
            MediaError: the clip cannot be decoded; the message says which, why, and the remedy.
        """
        if not self._decoder.since <= frame < self._decoder.until + _NEAR:
            self.close()
            self._decoder = self._begun(frame)
        onto.show(self._decoder.picture(frame, meanwhile=self.meanwhile))

    def close(self) -> None:
        """End the decoder and let go of what it used."""
        self._running.close()

    def _begun(self, first: int) -> ClipFeed:
        """A decoder whose pictures begin with frame `first`."""
        view = self._view
        with ExitStack() as opening, ExitStack() as running:
            sighting = opening.enter_context(
                gate.opened(self._path, name=self._name, wanted=FileType.VIDEO)
            )
            memory = _closing(opening, ring.create(view.width, view.height))
            read_freed, write_freed = os.pipe()
            _closing(opening, read_freed)
            _closing(running, write_freed)
            decoder = started_module(
                _DECODER,
                [sighting.form.name, *self._wanted(first), str(memory), str(read_freed)],
                cwd=Path(running.enter_context(TemporaryDirectory(prefix="clip-"))),
                limits=_limits(view),
                stdin=sighting.file,
                shared=(memory, read_freed),
            )
            feed = ClipFeed(
                running.enter_context(decoder),
                ring.mapped(memory, writable=False),
                write_freed,
                name=self._name,
                view=view,
                first=first,
            )
            self._running = running.pop_all()
        return feed

    def _wanted(self, first: int) -> list[str]:
        view = self._view
        start_us = round(self._clip.from_seconds * 1_000_000)
        contain = int(self._clip.fit is Fit.CONTAIN)
        numbers = view.width, view.height, view.fps, first, view.shown.stop, start_us, contain
        return [str(number) for number in numbers]


@contextmanager
def open(
    path: Path, *, name: str, clip: Clip, width: int, height: int, fps: int, frames: range
) -> Iterator[Footage]:
    """A clip's pictures for a film of `width` x `height` at `fps`, for the frames in `frames`.

    Frames are those of the clip's visibility: frame n shows the moment (n + 0.5) / fps after
    `clip.from_seconds`; the last picture stands when the clip is over. `name` is for messages.

    Raises:
        MediaError: the gate refuses the file.
    """
    view = View(width=width, height=height, fps=fps, shown=frames)
    with closing(Footage(path, clip, name=name, view=view)) as footage:
        yield footage


def _limits(view: View) -> Limits:
    cpu_s = _CPU_S + _CPU_S_PER_FRAME * len(view.shown)
    return Limits(cpu_s=cpu_s, memory_bytes=_MEMORY_BYTES, file_bytes=0)


def _closing(stack: ExitStack, descriptor: int) -> int:
    stack.callback(os.close, descriptor)
    return descriptor
