"""A still under a slow pan and zoom: frame of visibility -> picture.

The picture is cut to the frame's shape around its middle, or composed into it whole, scaled once
to a base a little larger than the frame at its closest zoom, and sampled from there by gliding
windows, luma and both chroma planes on their own. What does not move is scaled to the frame
directly and only copied.

Windows are sampled bilinearly, which takes half the time of bicubic. What that softens is made
sharper in the base before, once: against the exact window by Lanczos the frames are as close as
bicubic ones (41.4 and 41.5 dB on noise like a photo's, 40.6 and 40.7 dB on small type).
"""

from collections import deque
from dataclasses import dataclass
from weakref import ref

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from reelsmith.domain.layers import Fit, Move
from reelsmith.media import framing, windows
from reelsmith.media.planes import Plane, Planes, from_rgb, pixels
from reelsmith.media.windows import Real, Windows

# Not bit-exact over processors: that would leave the fastest code unused, a twentieth of a film's
# cost. `build` names the processor's kind, so that scenes of different kinds have different keys.
_GLIDER = Interpolation.BILINEAR
_PAD = 64  # base pixels repeated around each plane, so that windows may reach over the edge
_BAND = 64  # rows made sharper at a time, so that the intermediate sums stay in the cache


def moves(move: Move) -> bool:
    """Whether a move changes the picture at all."""
    return not move.stands


class Still:
    """A picture and its move over the frames it is visible, drawable at any of `shown`."""

    def __init__(
        self,
        image: NDArray[np.uint8],
        move: Move,
        *,
        width: int,
        height: int,
        visible_frames: int,
        shown: range,
        fit: Fit = Fit.COVER,
    ) -> None:
        """Prepare to draw.

        `image` is (h, w, 3) uint8, sRGB, of any size; `width` and `height` of the frame are even.
        The move takes `visible_frames`; `shown` are those of them that will be asked for.
        """
        self.moving = moves(move) and visible_frames > 1
        self._ground = _PREPARED.of(image, _Wanted(move, (width, height), fit, self.moving))
        if self.moving:
            self._layers = _layers(self._ground, move, (width, height), visible_frames, shown)
            self._shown = shown

    def draw(self, frame: int, onto: Planes) -> None:
        """Draw frame `frame` of the picture's visibility, one of `shown`, over all of `onto`."""
        if not self.moving:
            onto.show(self._ground)
            return
        for layer, plane in zip(self._layers, onto.all, strict=True):
            layer.draw(self._shown.index(frame), plane)


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """One plane of the base with the windows through which it is seen."""

    base: Plane
    scaler: VideoReformatter
    across: Windows
    down: Windows

    def draw(self, position: int, onto: Plane) -> None:
        left, width, columns, skipped_columns = self.across.at(position)
        top, height, rows, skipped_rows = self.down.at(position)
        seen = self.base[top : top + height, left : left + width]
        scaled = self.scaler.reformat(
            av.VideoFrame.from_numpy_buffer(seen, format="gray"),
            width=columns,
            height=rows,
            interpolation=_GLIDER,
            threads=1,
        ).planes[0]
        kept = pixels(scaled)[skipped_rows:, skipped_columns:]
        onto[...] = kept[: onto.shape[0], : onto.shape[1]]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What decides what becomes of an image before any frame is drawn."""

    move: Move
    size: tuple[int, int]
    fit: Fit
    moving: bool


class _Prepared:
    """What became of the last two images: a scene's is drawn again below the next one's opening.

    Images are not kept alive by this, and must not be changed once they were drawn.
    """

    def __init__(self) -> None:
        self._kept: deque[tuple[ref[NDArray[np.uint8]], _Wanted, Planes]] = deque(maxlen=2)

    def of(self, image: NDArray[np.uint8], wanted: _Wanted) -> Planes:
        """The base of a move, padded, or the one picture of what stands."""
        for known, form, planes in tuple(self._kept):
            if known() is image and form == wanted:
                return planes
        planes = _made(image, wanted)
        self._kept.append((ref(image), wanted, planes))
        return planes


_PREPARED = _Prepared()


def _made(image: NDArray[np.uint8], wanted: _Wanted) -> Planes:
    move, (width, height) = wanted.move, wanted.size
    if wanted.fit is Fit.CONTAIN:
        image = _composed(image, move, width, height)
    cut = _cut(image, width, height)
    if not wanted.moving:
        return _standing(cut, move, width, height)
    across, down = _base_size(move, (width, height))
    base = from_rgb(cut, width=across, height=down)
    step = 2 * _oversize(move) / (move.zoom_from + move.zoom_to)
    return Planes(*(_padded(_crisp(plane, step)) for plane in base.all))


def _oversize(move: Move) -> float:
    """Pixels of the base for one of the frame, before any zoom."""
    return windows.OVERSIZE * max(move.zoom_from, move.zoom_to)


def _base_size(move: Move, size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the base, in even pixels."""
    width, height = (2 * round(side * _oversize(move) / 2) for side in size)
    return width, height


def _layers(
    ground: Planes, move: Move, size: tuple[int, int], visible: int, shown: range
) -> tuple[_Layer, ...]:
    width, height = _base_size(move, size)
    share = np.array(shown) / (visible - 1)
    zoom = move.zoom_from + (move.zoom_to - move.zoom_from) * share
    x = move.x_from + (move.x_to - move.x_from) * share
    y = move.y_from + (move.y_to - move.y_from) * share
    across = _axis(width, size[0], zoom, x, sited=0.25)
    down = _axis(height, size[1], zoom, y, sited=0.0)
    luma, chroma = VideoReformatter(), VideoReformatter()  # prepared for two planes at a time
    return (
        _Layer(ground.y, luma, across[0], down[0]),
        _Layer(ground.u, chroma, across[1], down[1]),
        _Layer(ground.v, chroma, across[1], down[1]),
    )


def _axis(
    base: int, samples: int, zoom: Real, place: Real, *, sited: float
) -> tuple[Windows, Windows]:
    """Windows of luma and of chroma along one axis.

    `sited` is how far, in chroma samples, chroma lies before the middle of its luma pair.
    """
    step = base / (samples * zoom)
    offset = (base - samples * step) * place
    luma = windows.plan(step, _PAD + offset, samples=samples, size=base + 2 * _PAD)
    chroma = windows.plan(
        step,
        _PAD + offset / 2 + sited * (1 - step),
        samples=samples // 2,
        size=base // 2 + 2 * _PAD,
    )
    return luma, chroma


def _crisp(plane: Plane, step: float) -> Plane:
    """The plane sharpened along both axes by what bilinear sampling at this step takes.

    At frequency f that is sinc^2(f step), about 1 - (pi f step)^2 / 3, which a second difference
    of step^2 / 12 undoes; a little more makes up for the orders above. In 64ths.
    """
    share = round(6.4 * step**2)
    crisp = np.empty_like(plane)
    for top in range(0, len(plane), _BAND):
        first = max(0, top - 1)
        sharp = plane[first : top + _BAND + 1].astype(np.int16)
        _sharpen(sharp, share)
        _sharpen(sharp.T, share)
        band = crisp[top : top + _BAND]
        np.clip(sharp[top - first :][: len(band)], 0, 255, out=band, casting="unsafe")
    return crisp


def _sharpen(lines: NDArray[np.int16], share: int) -> None:
    """Add so many 64ths of the second difference to all lines but the outermost, in place."""
    bent = 2 * lines[1:-1]
    bent -= lines[:-2]
    bent -= lines[2:]
    bent *= share
    bent += 32
    bent >>= 6
    lines[1:-1] += bent


def _padded(plane: Plane) -> Plane:
    """The plane with repeated edges; one row more below, which a vectorised read may touch."""
    return np.pad(plane, ((_PAD, _PAD + 1), (_PAD, _PAD)), mode="edge")


def _standing(cut: NDArray[np.uint8], move: Move, width: int, height: int) -> Planes:
    """The one picture of a still that does not move, at whole pixels."""
    across, down = (2 * round(side * move.zoom_to / 2) for side in (width, height))
    whole = from_rgb(cut, width=across, height=down)
    x = 2 * round((across - width) * move.x_to / 2)
    y = 2 * round((down - height) * move.y_to / 2)
    return Planes(
        whole.y[y : y + height, x : x + width],
        whole.u[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2],
        whole.v[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2],
    )


def _composed(image: NDArray[np.uint8], move: Move, width: int, height: int) -> NDArray[np.uint8]:
    """The picture before its backdrop, as large as the base it will be scaled to."""
    across, down = _base_size(move, (width, height))
    return framing.contained(image, move, width=across, height=down, shape=(width, height))


def _cut(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The largest middle part of a picture that has the frame's shape, to the nearest pixel."""
    rows, columns = image.shape[:2]
    kept_columns = max(1, min(columns, round(rows * width / height)))
    kept_rows = max(1, min(rows, round(columns * height / width)))
    left, top = (columns - kept_columns) // 2, (rows - kept_rows) // 2
    return image[top : top + kept_rows, left : left + kept_columns]
