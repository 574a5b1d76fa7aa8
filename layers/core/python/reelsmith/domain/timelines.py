"""A timeline: scenes of whole frames, words on the picture, sound. Pure data, made by a recipe.

Time is counted in frames for pictures and in samples at 48 kHz for sound; seconds appear only
at the edges. Scene n shows its picture from `first_frame` on and stays visible below the
transition of scene n+1: a transition belongs to the later scene, so that changing a scene renders
two at most.
"""

import hashlib
import json
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from reelsmith.domain.jobs import CaptionStyle, Transition
from reelsmith.domain.model import Entity, Sha256

SAMPLE_RATE = 48_000
FPS = 30
TIMELINE_VERSION = 1
CROSSFADE_FRAMES = 15
LOUDNESS_LUFS = -14.0
TRUE_PEAK_DBTP = -1.5

Share = Annotated[float, Field(ge=0, le=1)]


class Move(Entity):
    """A slow pan and zoom, eased linearly over the time the picture is visible.

    `zoom` 1.0 fits the frame exactly and may not be less. `x` and `y` say where the window stands
    in the room that the zoom leaves: 0 left or top, 0.5 centred, 1 right or bottom.
    """

    zoom_from: float = Field(default=1.0, ge=1, le=2)
    zoom_to: float = Field(default=1.0, ge=1, le=2)
    x_from: Share = 0.5
    x_to: Share = 0.5
    y_from: Share = 0.5
    y_to: Share = 0.5


class Picture(Entity):
    """A still that a caller sent: `key` finds it, `sha256` is what it is, `name` is shown."""

    type: Literal["picture"] = "picture"
    key: str
    sha256: Sha256
    name: str = ""


class Card(Entity):
    """A designed card with words, drawn by us; the same seed draws the same card."""

    type: Literal["card"] = "card"
    text: str
    kicker: str = ""
    seed: int = 0


Still = Annotated[Picture | Card, Field(discriminator="type")]


class Scene(Entity):
    """A run of whole frames with one still."""

    index: int = Field(ge=0)
    first_frame: int = Field(ge=0)
    frames: int = Field(gt=0)
    still: Still
    move: Move = Move()
    transition: Transition = Transition.CUT
    transition_frames: int = Field(default=0, ge=0)

    @property
    def end_frame(self) -> int:
        """The first frame that is not the scene's own."""
        return self.first_frame + self.frames


class CaptionWord(Entity):
    """One word, lit from `first_frame` to before `end_frame`."""

    text: str
    first_frame: int
    end_frame: int


class Cue(Entity):
    """Words that stand on the picture together, from `first_frame` to before `end_frame`."""

    words: tuple[CaptionWord, ...]
    first_frame: int
    end_frame: int


class Voiced(Entity):
    """A stretch of narration: a mono 48 kHz WAV under `key`, placed at `first_sample`."""

    key: str
    sha256: Sha256
    first_sample: int = Field(ge=0)
    samples: int = Field(gt=0)


class Music(Entity):
    """Music under the whole film, looped or cut to its length, ducked below speech."""

    key: str
    sha256: Sha256
    name: str = ""


class Timeline(Entity):
    """The whole film, exactly."""

    version: int = TIMELINE_VERSION
    width: int
    height: int
    fps: int = FPS
    scenes: tuple[Scene, ...] = Field(min_length=1)
    caption_style: CaptionStyle = CaptionStyle.POP
    cues: tuple[Cue, ...] = ()
    language: str = "es"
    narration: tuple[Voiced, ...] = ()
    music: Music | None = None
    loudness_lufs: float = LOUDNESS_LUFS
    voice_engine: str | None = None

    @model_validator(mode="after")
    def _scenes_fill_the_film(self) -> Self:
        expected = 0
        for index, scene in enumerate(self.scenes):
            if scene.index != index or scene.first_frame != expected:
                raise ValueError(f"scene {index} does not start where the one before it ends")
            if scene.transition_frames > scene.frames or (index == 0 and scene.transition_frames):
                raise ValueError(f"the transition of scene {index} does not fit")
            expected = scene.end_frame
        return self

    @property
    def frames(self) -> int:
        """Pictures in the film."""
        return self.scenes[-1].end_frame

    @property
    def samples(self) -> int:
        """Sound samples of the film: exactly as long as its pictures, rounded to the nearest."""
        return round(Fraction(self.frames * SAMPLE_RATE, self.fps))

    @property
    def duration_seconds(self) -> float:
        """Length of the film."""
        return self.frames / self.fps

    def visible_until(self, index: int) -> int:
        """The first frame without scene `index`: its end plus the transition that follows."""
        scene = self.scenes[index]
        if index + 1 == len(self.scenes):
            return scene.end_frame
        return scene.end_frame + self.scenes[index + 1].transition_frames

    def picture_form(self, index: int) -> str:
        """Canonical text of all that can change a pixel of scene `index`, its frames from 0.

        Sound, and where the scene stands in the film, are not in it; moving a scene keeps its key.
        """
        scene = self.scenes[index]
        base = scene.first_frame
        layers = [self._layer(index, base)]
        if scene.transition_frames:
            layers.append(self._layer(index - 1, base))
        cues = [
            [[w.text, w.first_frame - base, w.end_frame - base] for w in cue.words]
            + [cue.first_frame - base, cue.end_frame - base]
            for cue in self.cues
            if cue.first_frame < scene.end_frame and cue.end_frame > base
        ]
        form = {
            "size": [self.width, self.height, self.fps],
            "frames": scene.frames,
            "transition": [scene.transition, scene.transition_frames],
            "layers": layers,
            "captions": [self.caption_style, self.language, cues] if cues else [],
        }
        return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def _layer(self, index: int, base: int) -> list[object]:
        scene = self.scenes[index]
        still = scene.still
        what = still.sha256 if isinstance(still, Picture) else still.model_dump()
        seen = [scene.first_frame - base, self.visible_until(index) - base]
        return [what, scene.move.model_dump(), *seen]


def content_key(form: str, *circumstances: str) -> str:
    """Name of what these words and circumstances (renderer, build, profile) make: SHA-256 hex."""
    return hashlib.sha256("\0".join((form, *circumstances)).encode()).hexdigest()
