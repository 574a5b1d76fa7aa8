"""Raw pictures in a file, one after the other: yuv420p, luma above both chroma planes."""

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from reelsmith.media.planes import Planes

_PAGE = 4096


def size_bytes(width: int, height: int, frames: int) -> int:
    """Bytes of so many pictures."""
    return width * height * 3 // 2 * frames


def write(path: Path, pictures: Iterable[Planes]) -> None:
    """Write pictures, in order."""
    with path.open("wb") as file:
        for picture in pictures:
            for plane in picture.all:
                file.write(plane.tobytes())


def load(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """The pictures as (frames, height * 3 / 2, width) uint8, all of them in memory already."""
    whole = np.memmap(path, np.uint8, "r+")
    whole[::_PAGE].max()
    return whole.reshape(-1, height * 3 // 2, width)


def frame(picture: NDArray[np.uint8]) -> av.VideoFrame:
    """One of them as the encoder takes it; the pixels are shared."""
    return av.VideoFrame.from_numpy_buffer(np.asarray(picture), format="yuv420p")
