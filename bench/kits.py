"""What a film is made of: a timeline and the files it names, on disk.

Each measured process starts from there, as a task does: nothing is decoded or drawn before the
clock runs.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.layers import Card, Picture
from reelsmith.domain.timelines import Scene, Timeline
from reelsmith.media.captions import Captions
from reelsmith.media.overlays import Overlays
from reelsmith.ports import Deps
from reelsmith.usecases import material
from reelsmith.usecases.material import Reel

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


def picture(path: Path) -> Picture:
    """A file as a source."""
    return Picture(key=path.name, sha256=sha256(path), name=path.name)


def sha256(path: Path) -> str:
    """What a file is."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _Shelf:
    """A store whose keys are names in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, key: str, into: Path) -> Path:
        """Copy a file."""
        shutil.copyfile(self._folder / key, into)
        return into


@contextmanager
def reel(kit: Kit) -> Iterator[tuple[Reel, Overlays | None]]:
    """What the scenes of a kit show and what lies over them, as the render task opens them."""
    deps = cast(Deps, SimpleNamespace(store=_Shelf(kit.folder)))
    with TemporaryDirectory(dir=kit.folder) as folder:
        room = Path(folder)
        with closing(Reel(deps, kit.timeline, room)) as opened:
            yield opened, material.overlays(deps, kit.timeline, room)


def source_file(kit: Kit, scene: Scene) -> Path:
    """The file that a scene shows. Raises TypeError when it shows a card."""
    if isinstance(scene.source, Card):
        raise TypeError(f"scene {scene.index} shows no file")
    return kit.folder / scene.source.key
