"""A timeline: scenes of whole frames, words on the picture, sound. Pure data, made by a recipe.

Time is counted in frames for pictures and in samples at 48 kHz for sound; seconds appear only
at the edges. Scene n shows its picture from `first_frame` on and stays visible below the
transition of scene n+1: a transition belongs to the later scene, so that changing a scene renders
two at most.
"""

import hashlib
import json
from fractions import Fraction
from typing import Self

from pydantic import Field, model_validator

from reelsmith.domain.jobs import CaptionStyle, Codec, Preset, Transition
from reelsmith.domain.layers import Clip, Move, Over, Source
from reelsmith.domain.model import Entity, Sha256

SAMPLE_RATE = 48_000
FPS = 30
TIMELINE_VERSION = 1
CROSSFADE_FRAMES = 15
LOUDNESS_LUFS = -14.0
TRUE_PEAK_DBTP = -1.5


class Scene(Entity):
    """A run of whole frames with one source."""

    index: int = Field(ge=0)
    first_frame: int = Field(ge=0)
    frames: int = Field(gt=0)
    source: Source
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
    """Words that stand together, from `first_frame` to before `end_frame`.

    They stand on the picture unless the film's caption style is none; in subtitle files always.
    """

    words: tuple[CaptionWord, ...]
    first_frame: int
    end_frame: int


class Heard(Entity):
    """A stretch of a caller's clip or sound: `samples` at 48 kHz, from `first_sample` on."""

    key: str
    sha256: Sha256
    name: str = ""
    from_seconds: float = Field(default=0.0, ge=0)
    first_sample: int = Field(ge=0)
    samples: int = Field(gt=0)
    gain_db: float = Field(default=0.0, ge=-60, le=12)


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
    overlays: tuple[Over, ...] = ()
    preset: Preset = Preset.STANDARD
    codec: Codec = Codec.H264
    narration: tuple[Voiced, ...] = ()
    heard: tuple[Heard, ...] = ()
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

    def picture_form(self, index: int, part: range | None = None) -> str:
        """Canonical text of all that can change a pixel of scene `index`, its frames from 0.

        With `part` it is that of these frames of the scene alone. Sound, and where the scene
        stands in the film, are not in it; moving a scene keeps its key.
        """
        scene = self.scenes[index]
        base = scene.first_frame
        part = part or range(scene.frames)
        first, end = base + part.start, base + part.stop
        layers = [self._layer(index, base)]
        fades = part.start < scene.transition_frames
        if fades:
            layers.append(self._layer(index - 1, base))
        cues = [
            [[w.text, w.first_frame - base, w.end_frame - base] for w in cue.words]
            + [cue.first_frame - base, cue.end_frame - base]
            for cue in self.cues
            if cue.first_frame < end and cue.end_frame > first
        ]
        drawn = self.caption_style is not CaptionStyle.NONE
        overlays = [
            over.model_dump(exclude={"key", "name"})
            | {"first_frame": over.first_frame - base, "end_frame": over.end_frame - base}
            for over in self.overlays
            if over.first_frame < end and over.end_frame > first
        ]
        form = {
            "profile": [self.preset, self.codec],
            "overlays": [self.language, overlays] if overlays else [],
            "size": [self.width, self.height, self.fps],
            "frames": [part.start, part.stop],
            "transition": [scene.transition, scene.transition_frames] if fades else [],
            "layers": layers,
            "captions": [self.caption_style, self.language, cues] if cues and drawn else [],
        }
        return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def _layer(self, index: int, base: int) -> list[object]:
        scene = self.scenes[index]
        what = scene.source.model_dump(exclude={"key", "name"})
        if scene.move.stands and not isinstance(scene.source, Clip):
            return [what, scene.move.model_dump()]  # it looks the same whenever it is seen
        seen = [scene.first_frame - base, self.visible_until(index) - base]
        return [what, scene.move.model_dump(), *seen]


def content_key(form: str, *circumstances: str) -> str:
    """Name of what these words and circumstances (renderer, build, profile) make: SHA-256 hex."""
    return hashlib.sha256("\0".join((form, *circumstances)).encode()).hexdigest()
