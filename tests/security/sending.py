"""Sends files as callers do: `python -m tests.security.sending LIST`, a JSON list of files."""

import json
import sys
from pathlib import Path

from reelsmith.domain.assets import FileType
from reelsmith.domain.layers import Clip
from reelsmith.errors import MediaError
from reelsmith.media import clips, pcm, pictures
from reelsmith.media.planes import Planes

_WIDTH, _HEIGHT, _FRAMES = 96, 64, 6


def use(kind: FileType, path: Path, name: str) -> None:
    """What the product does with an upload: look at it, then take its content.

    Raises:
        MediaError: it cannot be used.
    """
    if kind is FileType.IMAGE:
        pictures.inspect(path, name=name)
        assert pictures.load(path, name=name, longest_side=96).ndim == 3
    elif kind is FileType.AUDIO:
        pcm.inspect(path, name=name)
        assert len(pcm.load(path, name=name, max_seconds=2))
    else:
        clips.inspect(path, name=name)
        _show(path, name)


def _show(path: Path, name: str) -> None:
    whole = Clip(key="k", sha256="0" * 64)
    onto = Planes.black(_WIDTH, _HEIGHT)
    with clips.open(
        path,
        name=name,
        clip=whole,
        width=_WIDTH,
        height=_HEIGHT,
        fps=30,
        frames=range(_FRAMES),
    ) as footage:
        for frame in range(_FRAMES):
            footage.draw(frame, onto)


def main(files: str) -> None:
    """Send each file of the list (kind, path, name) and print what became of it, a line each."""
    for kind, path, name in json.loads(Path(files).read_text()):
        try:
            use(FileType(kind), Path(path), name)
        except MediaError as refused:
            print(refused.detail)  # noqa: T201 - the answer to whoever started this
        else:
            print("accepted")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
