"""Pictures as the encoder wants them: three planes of YUV 4:2:0, BT.709, limited range.

Chroma is sited as H.264 assumes when nothing is said: level with the left luma column of its pair
and between the two rows (ITU-T H.264 Annex E, chroma_sample_loc_type 0). All blending is in
integers, so every machine gives the same bytes.
"""

from dataclasses import dataclass
from typing import Self

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
_Wide = NDArray[np.uint16]

SCALER = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_BAND = 64  # rows blended at a time, so that the intermediate sums stay in the cache


@dataclass(frozen=True, slots=True)
class Planes:
    """One picture: `y` (height, width), `u` and `v` (height / 2, width / 2), all uint8."""

    y: Plane
    u: Plane
    v: Plane

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Self:
        """The pixels of a yuv420p frame, shared: what is drawn here stands in the frame."""
        return cls(*(pixels(plane) for plane in frame.planes))

    @classmethod
    def black(cls, width: int, height: int) -> Self:
        """A black picture. `width` and `height` are even, in pixels."""
        half = (height // 2, width // 2)
        return cls(
            np.full((height, width), 16, np.uint8),
            np.full(half, 128, np.uint8),
            np.full(half, 128, np.uint8),
        )

    @property
    def all(self) -> tuple[Plane, Plane, Plane]:
        """Luma, then the two chroma planes."""
        return self.y, self.u, self.v

    @property
    def width(self) -> int:
        """Width in luma pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Height in luma pixels."""
        return int(self.y.shape[0])

    def show(self, other: "Planes") -> None:
        """Take over all pixels of a picture of the same size."""
        for mine, theirs in zip(self.all, other.all, strict=True):
            mine[...] = theirs


def pixels(plane: VideoPlane) -> Plane:
    """The samples of a plane of a frame, (height, width) uint8, shared."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def from_rgb(image: NDArray[np.uint8], *, width: int, height: int) -> Planes:
    """Scale a picture and convert it.

    `image` is (h, w, 3) uint8, sRGB, of any size; the result is `width` x `height`, both even.
    """
    y, u, v = _yuv444(image, width, height)
    return Planes(y, _halved(u).astype(np.uint8), _halved(v).astype(np.uint8))


def _yuv444(image: NDArray[np.uint8], width: int, height: int) -> tuple[Plane, Plane, Plane]:
    """Luma and chroma at full resolution, (height, width) each."""
    source = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format="rgb24")
    made = VideoReformatter().reformat(
        source,
        width=width,
        height=height,
        format="yuv444p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=SCALER,
        threads=1,
    )
    y, u, v = (pixels(plane) for plane in made.planes)
    return y, u, v


def _halved(plane: NDArray[np.uint8] | _Wide) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """A plane at chroma resolution: weights 1 2 1 around each even column, rows in pairs."""
    room = np.uint16 if plane.dtype == np.uint8 else np.uint32  # for eight times a sample
    rows = np.add(plane[0::2], plane[1::2], dtype=room)
    halved = 2 * rows[:, 0::2]
    halved[:, :1] += rows[:, :1]
    halved[:, 1:] += rows[:, 1:-1:2]
    halved += rows[:, 1::2]
    halved += 4
    halved >>= 3
    return halved


def crossfade(under: Planes, over: Planes, weight: int) -> None:
    """Blend `over` into `under`, in place.

    `weight` is 0 to 256, the share of `over`: 0 leaves `under`, 256 gives `over`.
    """
    for below, above in zip(under.all, over.all, strict=True):
        for top in range(0, below.shape[0], _BAND):
            band = below[top : top + _BAND]
            mixed = np.multiply(band, 256 - weight, dtype=np.uint16)
            mixed += np.multiply(above[top : top + _BAND], weight, dtype=np.uint16)
            mixed += 128
            mixed >>= 8
            band[...] = mixed


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Pixels with alpha, prepared to be laid over pictures at a fixed place.

    `x` and `y` are even. Each pair is (share of the picture below in 1/256, what is added with
    rounding, times 256), in uint16: one for luma, one for each chroma plane at half the size.
    """

    x: int
    y: int
    luma: tuple[_Wide, _Wide]
    blue: tuple[_Wide, _Wide]
    red: tuple[_Wide, _Wide]

    @classmethod
    def from_rgba(cls, image: NDArray[np.uint8], *, x: int, y: int) -> Self:
        """Prepare an image whose left top pixel shall stand at (`x`, `y`).

        `image` is (h, w, 4) uint8, sRGB with straight alpha. It may reach over the frame's edges;
        what is outside is not drawn. Columns and rows without any alpha cost nothing.
        """
        image, x, y = _trimmed(image, x, y)
        height, width = image.shape[:2]
        alpha = image[..., 3].astype(np.uint16)
        alpha += alpha >> 7  # 255 becomes 256, so that opaque is opaque
        luma, blue, red = _yuv444(image[..., :3], width, height)
        half = (256 - _halved(alpha)).astype(np.uint16)
        return cls(
            x=x,
            y=y,
            luma=(256 - alpha, luma * alpha + np.uint16(128)),
            blue=(half, (_halved(blue * alpha) + 128).astype(np.uint16)),
            red=(half, (_halved(red * alpha) + 128).astype(np.uint16)),
        )

    def draw(self, onto: Planes) -> None:
        """Lay the pixels over a picture, in place; only its own rectangle is touched."""
        for plane, layer, scale in zip(
            onto.all, (self.luma, self.blue, self.red), (1, 2, 2), strict=True
        ):
            _lay(plane, layer, self.x // scale, self.y // scale)


def _lay(plane: Plane, layer: tuple[_Wide, _Wide], x: int, y: int) -> None:
    share, added = layer
    rows = _inside(y, share.shape[0], plane.shape[0])
    columns = _inside(x, share.shape[1], plane.shape[1])
    below = plane[y + rows.start : y + rows.stop, x + columns.start : x + columns.stop]
    mixed = below * share[rows, columns]
    mixed += added[rows, columns]
    mixed >>= 8
    below[...] = mixed


def _inside(place: int, length: int, room: int) -> slice:
    """The part of `length` samples, laid at `place`, that falls within `room`."""
    first = max(0, -place)
    return slice(first, max(first, min(length, room - place)))


def _trimmed(image: NDArray[np.uint8], x: int, y: int) -> tuple[NDArray[np.uint8], int, int]:
    """The part with alpha, padded so that it starts and ends on even pixels, and its place."""
    rows = np.flatnonzero(image[..., 3].any(axis=1))
    columns = np.flatnonzero(image[..., 3].any(axis=0))
    if not rows.size:
        return np.zeros((2, 2, 4), np.uint8), x - x % 2, y - y % 2
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    before = ((y + top) % 2, (x + left) % 2)
    after = ((y + bottom) % 2, (x + right) % 2)
    padded = np.pad(
        image[top:bottom, left:right], ((before[0], after[0]), (before[1], after[1]), (0, 0))
    )
    return padded, x + left - before[1], y + top - before[0]
