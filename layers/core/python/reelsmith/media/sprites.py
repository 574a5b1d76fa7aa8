"""Small pictures of a video on one sheet, for players that show where a jump would lead."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLUMNS = 5
_QUALITY = 80  # of JPEG


def sheet(tiles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Tiles (n, height, width, 3) laid out in rows of `COLUMNS`, black where there is none."""
    count, height, width, _ = tiles.shape
    rows = -(-count // COLUMNS)
    whole = np.zeros((rows * COLUMNS, height, width, 3), np.uint8)
    whole[:count] = tiles
    placed = whole.reshape(rows, COLUMNS, height, width, 3).swapaxes(1, 2)
    return placed.reshape(rows * height, COLUMNS * width, 3)


def save(picture: NDArray[np.uint8], path: Path) -> None:
    """Write a picture (height, width, 3) sRGB as JPEG, without any words in it."""
    Image.fromarray(picture).save(path, "JPEG", quality=_QUALITY, optimize=True)
