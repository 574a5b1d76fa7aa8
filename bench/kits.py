"""What a film is made of: a timeline and the files it names, on disk.

Each measured process starts from there, as a task does: nothing is decoded or drawn before the
clock runs.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.layers import Card, Picture
from reelsmith.domain.timelines import Scene, Timeline
from reelsmith.media import cards, clips, pictures, scenes
from reelsmith.media.captions import Captions
from reelsmith.media.overlays import Overlays

_OVERSIZE = 1.4  # as the render task loads stills
_KEPT = 4  # pictures
_TIMELINE = "timeline.json"


@dataclass(frozen=True, slots=True)
class Kit:
    """A timeline and the folder with its files; a file's key is its name."""

    folder: Path
    timeline: Timeline

    @classmethod
    def open(cls, folder: str) -> "Kit":
        """The kit that was saved in a folder."""
        home = Path(folder)
        return cls(home, Timeline.model_validate_json((home / _TIMELINE).read_bytes()))

    def save(self) -> None:
        """Keep the timeline beside its files."""
        (self.folder / _TIMELINE).write_text(self.timeline.model_dump_json())

    @property
    def files(self) -> Mapping[str, Path]:
        """The files of the sound, by key."""
        wanted = {voiced.key for voiced in self.timeline.narration}
        wanted |= {self.timeline.music.key} if self.timeline.music else set()
        return {key: self.folder / key for key in wanted}

    @property
    def captions(self) -> Captions | None:
        """What stands on the pictures."""
        style = self.timeline.caption_style
        return None if style is CaptionStyle.NONE else Captions(self.timeline)

    @property
    def overlays(self) -> Overlays | None:
        """What stands between pictures and captions."""
        return Overlays(self.timeline, badges={}) if self.timeline.overlays else None


def picture(path: Path) -> Picture:
    """A file as a source."""
    return Picture(key=path.name, sha256=sha256(path), name=path.name)


def sha256(path: Path) -> str:
    """What a file is."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Sources:
    """What the scenes of a kit show; pictures are decoded once while scenes nearby need them."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._loaded: dict[str, NDArray[np.uint8]] = {}

    @contextmanager
    def of(self, index: int) -> Iterator[Mapping[int, scenes.Source]]:
        """Sources of scene `index`, and of the one before under a transition, while they run."""
        with ExitStack() as running:
            seen = scenes.seen(self._kit.timeline, index)
            yield {n: self._source(n, frames, running) for n, frames in seen.items()}

    def _source(self, index: int, frames: range, running: ExitStack) -> scenes.Source:
        timeline = self._kit.timeline
        source = timeline.scenes[index].source
        if isinstance(source, Card):
            return cards.draw(source, timeline.width, timeline.height)
        path = self._kit.folder / source.key
        if isinstance(source, Picture):
            return self._picture(path)
        footage = clips.open(
            path,
            name=source.name,
            clip=source,
            width=timeline.width,
            height=timeline.height,
            fps=timeline.fps,
            frames=frames,
        )
        return running.enter_context(footage)

    def _picture(self, path: Path) -> NDArray[np.uint8]:
        if path.name not in self._loaded:
            if len(self._loaded) == _KEPT:
                del self._loaded[next(iter(self._loaded))]
            size = self._kit.timeline.width, self._kit.timeline.height
            longest = round(max(size) * _OVERSIZE)
            self._loaded[path.name] = pictures.load(path, name=path.name, longest_side=longest)
        return self._loaded[path.name]


def source_file(kit: Kit, scene: Scene) -> Path:
    """The file that a scene shows. Raises TypeError when it shows a card."""
    if isinstance(scene.source, Card):
        raise TypeError(f"scene {scene.index} shows no file")
    return kit.folder / scene.source.key
