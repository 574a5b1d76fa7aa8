"""Films whose pictures carry their number, so that a player can be asked which one it shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.jobs import Codec
from reelsmith.domain.streams import StreamFacts
from reelsmith.domain.timelines import Timeline
from reelsmith.media import film, sound, stream
from reelsmith.media.planes import Overlay
from tests.media.reels import DRIFT, HEIGHT, STANDING, WIDTH, a_film, rendered
from tests.media.sounds import a_tone, sounding, written

FPS = 30
BITS, BLOCK, LEFT, TOP = 8, 24, 38, 300  # pixels; the page reads the code in the same places
_HELD = range(30, 70)
_LENGTHS = (30, 40, 20, 60, 3)


def code(frame: int) -> int:
    """The number on a picture of the film: its own, but where the film stands still."""
    return _HELD.start if frame in _HELD else frame


class Numbers:
    """Captions that are numbers: bits of white and black above, their opposite below."""

    def __init__(self, frames: int) -> None:
        self._plates = {
            number: Overlay.from_rgba(_plate(number), x=LEFT, y=TOP)
            for number in {code(frame) for frame in range(frames)}
        }

    def at(self, frame: int) -> Overlay | None:
        """The plate of a frame; the same one while the number stands."""
        return self._plates[code(frame)]


def _plate(number: int) -> NDArray[np.uint8]:
    bits = np.array([number >> bit & 1 for bit in range(BITS)], bool)
    blocks = np.where(np.stack((bits, ~bits)), 235, 20).astype(np.uint8)
    grey = np.kron(blocks, np.ones((BLOCK, BLOCK), np.uint8))
    return np.dstack((grey, grey, grey, np.full_like(grey, 255)))


@dataclass(frozen=True)
class Numbered:
    """A film and the same as a stream, with what the stream's player must know."""

    frames: int
    film: Path
    stream: Path
    facts: StreamFacts


def a_numbered_film(room: Path, codec: Codec = Codec.H264) -> Numbered:
    """Motion, a hold, motion behind a crossfade, and a scene of three pictures; with sound."""
    timeline = a_film(*_LENGTHS, move=DRIFT, transition=3, codec=codec)
    timeline = _standing(timeline, (1, 2))
    voice = written(room / "tone.wav", a_tone(440, timeline.frames / FPS - 0.2))
    timeline = timeline.model_copy(
        update={"narration": sounding(timeline.frames, (voice, 0)).narration}
    )
    track = sound.master(timeline, files={voice.name: voice}).track
    numbers = Numbers(timeline.frames)
    parts = [
        rendered(timeline, scene.index, room, captions=numbers).path for scene in timeline.scenes
    ]
    shape = {"width": WIDTH, "height": HEIGHT, "fps": FPS}
    film.assemble(parts, track, room / "film.mp4", **shape)
    with patch.object(stream, "MOST_SECONDS", 1.5):  # several fragments in a short film
        facts = stream.write(parts, track, room / "stream.mp4", **shape)
    return Numbered(timeline.frames, room / "film.mp4", room / "stream.mp4", facts)


def _standing(timeline: Timeline, scenes: Iterable[int]) -> Timeline:
    made = [
        scene.model_copy(update={"move": STANDING, "transition_frames": 0})
        if scene.index in scenes
        else scene
        for scene in timeline.scenes
    ]
    return timeline.model_copy(update={"scenes": tuple(made)})
