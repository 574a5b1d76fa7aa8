"""Stills shown whole: before a blurred, darker copy of themselves, with room to move in."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from reelsmith.domain.layers import Move

_TINY = 64  # pixels of the longer side of the backdrop before it is enlarged: nothing is readable
_BLUR = 3.0  # of those pixels
_LIGHT, _COLOUR = 0.55, 0.8  # what is left of the backdrop's brightness and of its colours
_MOMENTS = 33  # at which it is seen to that a move cuts nothing off
_ALIKE = 0.97  # shapes that differ by less are cut; a strip of backdrop would look like a fault


def contained(
    image: NDArray[np.uint8], move: Move, *, width: int, height: int, shape: tuple[int, int]
) -> NDArray[np.uint8]:
    """All of a picture, composed into `width` x `height` so that `move` never cuts it.

    `image` is (h, w, 3) uint8, sRGB; so is the result. `shape` is the frame's, in pixels. A
    picture of about that shape comes back as it is.
    """
    rows, columns = image.shape[:2]
    wider = columns * shape[1] / (rows * shape[0])
    if min(wider, 1 / wider) > _ALIKE:
        return image
    picture = Image.fromarray(np.ascontiguousarray(image))
    left, top, right, bottom = _always_seen(move)
    scale = min((right - left) * width / columns, (bottom - top) * height / rows)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    whole = _backdrop(picture, width, height)
    middle = (left + right) / 2 * width, (top + bottom) / 2 * height
    place = round(middle[0] - size[0] / 2), round(middle[1] - size[1] / 2)
    whole.paste(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0), place)
    return np.asarray(whole)


def _always_seen(move: Move) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what no moment of a move leaves out, in shares."""
    share = np.linspace(0, 1, _MOMENTS)
    zoom = move.zoom_from + (move.zoom_to - move.zoom_from) * share
    left = (move.x_from + (move.x_to - move.x_from) * share) * (1 - 1 / zoom)
    top = (move.y_from + (move.y_to - move.y_from) * share) * (1 - 1 / zoom)
    edges = left.max(), top.max(), (left + 1 / zoom).min(), (top + 1 / zoom).min()
    if edges[0] < edges[2] and edges[1] < edges[3]:
        return float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3])
    return 0.0, 0.0, 1.0, 1.0  # nothing is always seen: the move is wider than its window


def _backdrop(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of the picture, in the frame's shape, without anything to look at."""
    kept = min(picture.width, picture.height * width / height)
    high = min(picture.height, picture.width * height / width)
    left, top = (picture.width - kept) / 2, (picture.height - high) / 2
    shrink = _TINY / max(width, height)
    tiny = picture.resize(
        (max(2, round(width * shrink)), max(2, round(height * shrink))),
        Image.Resampling.BOX,
        box=(left, top, left + kept, top + high),
    )
    soft = np.asarray(tiny.filter(ImageFilter.GaussianBlur(_BLUR)), np.float32)
    grey = soft.mean(axis=2, keepdims=True)
    dim = Image.fromarray(np.rint((grey + (soft - grey) * _COLOUR) * _LIGHT).astype(np.uint8))
    return dim.resize((width, height), Image.Resampling.BICUBIC)
