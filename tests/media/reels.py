"""Pictures to film and eyes to look at the film with."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from reelsmith.domain.layers import Card, Move
from reelsmith.domain.timelines import Scene, Timeline
from reelsmith.media import scenes
from reelsmith.media.planes import Overlay, Planes, from_rgb
from reelsmith.media.segments import SegmentIndex

WIDTH, HEIGHT = 270, 480
DRIFT = Move(zoom_from=1.0, zoom_to=1.15, x_from=0.3, x_to=0.7, y_from=0.6, y_to=0.4)
STANDING = Move()


def a_photo(width=405, height=720, *, seed=0):
    """A picture with soft areas and sharp edges, (height, width, 3)."""
    rng = np.random.default_rng(seed)
    soft = Image.fromarray(rng.integers(0, 255, (9, 6, 3), dtype=np.uint8))
    picture = np.array(soft.resize((width, height), Image.Resampling.BICUBIC))
    for _ in range(12):
        x, y = rng.integers(0, width - 20), rng.integers(0, height - 20)
        picture[y : y + 20, x : x + 20] = rng.integers(0, 255, 3)
    return picture


def a_patch(colour, *, width=WIDTH, height=HEIGHT):
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def a_film(*lengths, move=DRIFT, transition=0, **changes) -> Timeline:
    """A timeline of scenes with these lengths, in frames; `transition` frames between them."""
    starts = np.cumsum((0, *lengths)).tolist()
    made = tuple(
        Scene(
            index=n,
            first_frame=starts[n],
            frames=frames,
            source=Card(text=f"Scene {n}"),
            move=move,
            transition_frames=transition if n else 0,
        )
        for n, frames in enumerate(lengths)
    )
    return Timeline(**{"width": WIDTH, "height": HEIGHT, "scenes": made} | changes)


class Words:
    """Captions of coloured plates: {(first frame, end frame): colour}."""

    def __init__(self, plates, *, x=40, y=300, width=100, height=40) -> None:
        self._plates = {
            span: Overlay.from_rgba(a_plate(colour, width, height), x=x, y=y)
            for span, colour in plates.items()
        }

    def at(self, frame):
        found = (o for (first, end), o in self._plates.items() if first <= frame < end)
        return next(found, None)


def a_plate(colour, width=100, height=40, alpha=255):
    return np.full((height, width, 4), (*colour, alpha), np.uint8)


def rendered(
    timeline,
    index,
    folder: Path,
    *,
    sources=None,
    captions=None,
    progress=lambda done: None,
    **given,
) -> SegmentIndex:
    """Scene `index` of a film whose stills are photos, unless told otherwise."""
    shown = sources or {n: a_photo(seed=n) for n in range(len(timeline.scenes))}
    return scenes.render(
        timeline,
        index,
        sources=shown,
        captions=captions,
        threads=2,
        into=folder / f"{index}.seg",
        progress=progress,
        **given,
    )


def frames_of(path: Path) -> list[np.ndarray]:
    """All pictures of a film, decoded: luma above chroma, (height * 3 / 2, width)."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray() for frame in film.decode(video=0)]


def colours_of(path: Path) -> Iterator[np.ndarray]:
    """All pictures of a film as a player shows them, (height, width, 3) sRGB."""
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            yield frame.to_ndarray(
                format="rgb24",
                src_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.MPEG,
            )


def flat(planes: Planes) -> np.ndarray:
    """A picture as `frames_of` gives them."""
    half = [plane.reshape(-1, planes.width) for plane in (planes.u.copy(), planes.v.copy())]
    return np.concatenate((planes.y, *half))


def fresh_python(script, *args) -> str:
    """What a script prints in a process of its own."""
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, args)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout.decode().strip()


def psnr(one, other) -> float:
    """How alike two pictures are, in dB."""
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def seen(image) -> Planes:
    """A picture of the frame's size, converted."""
    return from_rgb(image, width=WIDTH, height=HEIGHT)
