"""How steadily a slow pan and zoom moves: soft dots on a picture, followed from frame to frame.

Each dot's centre is found to a fraction of a pixel; what it strays from a smooth path is jitter.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from bench import harness, inputs, naive, peers
from bench.harness import Broken
from bench.peers import Absent
from bench.results import Result, skipped
from reelsmith.domain.layers import Move
from reelsmith.media import pictures
from reelsmith.media.planes import Planes
from reelsmith.media.stills import Still

WIDTH, HEIGHT, FRAMES = 1080, 1920, 105
MOVE = Move(zoom_from=1.0, zoom_to=1.15, x_from=0.65, x_to=0.35, y_from=0.4, y_to=0.6)
_BAR = 0.03  # pixels
_REACH = 26  # pixels around a dot that are looked at
_GROUND = 6.0  # grey levels above the ground that are not the dot's
_SMOOTH = 5  # degree of a path that a camera could take
_NAME = "pan and zoom: jitter"

Luma = NDArray[np.uint8]


def measure(quick: bool) -> list[Result]:
    """Jitter of ours, and of FFmpeg's zoompan over a picture enlarged four times."""
    del quick  # it takes seconds
    with harness.scratch(2 * WIDTH * HEIGHT * FRAMES) as folder:
        picture = folder / "dots.png"
        inputs.blobs(picture)
        ours = Result(name=_NAME, ratio=rms_px(_drawn(picture)), bar=_BAR, unit="px rms")
        return [ours, _zoompan(picture, folder / "zoompan.grey")]


def rms_px(frames: Sequence[Luma]) -> float:
    """Root mean square of the dots' distance from smooth paths, in pixels."""
    middle = frames[len(frames) // 2]
    found = [path for seed in _seeds(middle) if (path := _followed(frames, *seed)) is not None]
    if not found:
        raise Broken("no dot stays in sight")
    time = np.linspace(-1, 1, len(frames))
    paths = np.concatenate(found, axis=1)
    smooth = chebyshev.chebval(time, chebyshev.chebfit(time, paths, _SMOOTH)).T
    return float(np.sqrt(np.square(paths - smooth).mean()))


def _drawn(picture: Path) -> list[Luma]:
    still = Still(
        pictures.load(picture, name=picture.name),
        MOVE,
        width=WIDTH,
        height=HEIGHT,
        visible_frames=FRAMES,
        shown=range(FRAMES),
    )
    canvas = Planes.black(WIDTH, HEIGHT)
    seen = []
    for number in range(FRAMES):
        still.draw(number, canvas)
        seen.append(canvas.y.copy())
    return seen


def _zoompan(picture: Path, out: Path) -> Result:
    name = f"{_NAME} of FFmpeg's zoompan at 4x"
    try:
        program = peers.ffmpeg()
        harness.of_command(
            naive.zoompan(picture, MOVE, FRAMES, (WIDTH, HEIGHT), out, program=program)
        )
    except (Absent, Broken) as missing:
        return skipped(name, str(missing))
    frames = np.fromfile(out, np.uint8).reshape(-1, HEIGHT, WIDTH)
    return Result(name=name, ratio=rms_px(list(frames)), unit="px rms")


def _seeds(frame: Luma) -> Iterator[tuple[int, int]]:
    """(x, y) of the brightest pixel of each dot that is well inside."""
    bright = frame.astype(np.int32)
    limit = int(bright.max()) * 3 // 4
    while True:
        y, x = divmod(int(bright.argmax()), bright.shape[1])
        if bright[y, x] < limit:
            return
        bright[max(0, y - _REACH) : y + _REACH, max(0, x - _REACH) : x + _REACH] = 0
        if 150 < x < WIDTH - 150 and 200 < y < HEIGHT - 200:
            yield x, y


def _followed(frames: Sequence[Luma], x: int, y: int) -> NDArray[np.float64] | None:
    """A dot's centre in each frame, (frames, 2) as x and y; None when it leaves the picture."""
    path = np.zeros((len(frames), 2))
    middle = len(frames) // 2
    for numbers in (range(middle, len(frames)), range(middle - 1, -1, -1)):
        at = float(x), float(y)
        for number in numbers:
            centre = _centre(frames[number], *at)
            if centre is None:
                return None
            at = path[number, 0], path[number, 1] = centre
    return path


def _centre(frame: Luma, x: float, y: float) -> tuple[float, float] | None:
    column, row = round(x), round(y)
    if not (_REACH <= column < WIDTH - _REACH and _REACH <= row < HEIGHT - _REACH):
        return None
    window = frame[row - _REACH : row + _REACH + 1, column - _REACH : column + _REACH + 1]
    rim = np.concatenate((window[0], window[-1], window[:, 0], window[:, -1]))
    weight = np.clip(window.astype(np.float64) - np.median(rim) - _GROUND, 0, None)
    places, whole = np.arange(-_REACH, _REACH + 1), weight.sum()
    return (
        column + float(weight.sum(axis=0) @ places / whole),
        row + float(weight.sum(axis=1) @ places / whole),
    )
