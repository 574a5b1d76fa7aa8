"""Grounds for cards: palettes, and five ways to fill a frame with one.

Each style gives an RGB picture. The art keeps to the lower part and the edges; words stand in the
upper middle, and `cards` calms what still reaches under them. All choices come from `chance`, so
the same chance gives the same ground.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

Rgb = tuple[int, int, int]

_COARSE = 8  # soft light is computed at an eighth of the size
_FINE = 2  # hard edges are drawn at twice the size


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that go together. `ink` and `accent` are readable on `deep` and on `base`."""

    deep: Rgb
    base: Rgb
    lights: tuple[Rgb, ...]
    ink: Rgb
    accent: Rgb


@dataclass(frozen=True, slots=True)
class Ground:
    """A frame to fill: its size in pixels, its colours, and where choices come from."""

    width: int
    height: int
    palette: Palette
    chance: Random

    @property
    def unit(self) -> float:
        """A 1080th of the shorter side: lengths keep their proportion in any frame."""
        return min(self.width, self.height) / 1080

    @property
    def is_upright(self) -> bool:
        """Whether the frame is at least as high as wide."""
        return self.height >= self.width


def _palette(deep: str, base: str, lights: Sequence[str], ink: str, accent: str) -> Palette:
    def rgb(text: str) -> Rgb:
        red, green, blue = ImageColor.getrgb(text)[:3]
        return red, green, blue

    return Palette(rgb(deep), rgb(base), tuple(map(rgb, lights)), rgb(ink), rgb(accent))


PALETTES = (
    _palette("#1b0b1e", "#3a0f2b", ("#ff5e62", "#ff9966", "#7b2ff7"), "#fff6ee", "#ffb86b"),
    _palette("#04192b", "#063b52", ("#00c2a8", "#1e88ff", "#6ef3d6"), "#f1fffb", "#6ef3d6"),
    _palette("#fff3d6", "#ffe0a3", ("#ffb703", "#fb8500", "#ff5d8f"), "#2b1600", "#963200"),
    _palette("#150a35", "#2d1266", ("#c77dff", "#5a189a", "#ff6bd6"), "#fbf3ff", "#ff9de6"),
    _palette("#eaf7e4", "#cfeec4", ("#52b788", "#a7e163", "#1b9aaa"), "#0d2818", "#0e5c42"),
    _palette("#0e1116", "#1c2430", ("#3a86ff", "#8338ec", "#2ec4b6"), "#f4f7fb", "#7fb2ff"),
)


def aurora(ground: Ground) -> Image.Image:
    """Three soft lights that melt into each other."""
    rows, columns = -(-ground.height // _COARSE), -(-ground.width // _COARSE)
    field = _gradient(ground, columns, rows)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) * np.float32(_COARSE)
    places = [(0.06, 0.86), (0.95, 0.98), (1.04, -0.02)]
    ground.chance.shuffle(places)
    for light, (across, down) in zip(ground.palette.lights, places, strict=True):
        centre_x = ground.width * (across + ground.chance.uniform(-0.08, 0.08))
        centre_y = ground.height * (down + ground.chance.uniform(-0.05, 0.05))
        reach_x = ground.unit * ground.chance.uniform(430, 600)
        reach_y = ground.unit * ground.chance.uniform(380, 520)
        share = np.exp(-(((x - centre_x) / reach_x) ** 2) - ((y - centre_y) / reach_y) ** 2)
        field += (np.array(light, np.float32) - field) * (0.88 * share)[..., None]
    return _enlarged(field, ground)


def bands(ground: Ground) -> Image.Image:
    """Broad slanted stripes that come in from a lower corner."""
    image, pen = _canvas(ground)
    slope = radians(ground.chance.choice((-34, -28, 28, 34)))
    unit = ground.unit * _FINE
    middle_x = image.width * (0.86 if slope < 0 else 0.14)
    middle_y = image.height * (0.86 if ground.is_upright else 1.0)
    along, across = (cos(slope), sin(slope)), (-sin(slope), cos(slope))
    reach = image.width + image.height
    for index, light in enumerate(ground.palette.lights):
        near = (index * 190 - 280) * unit
        corners = [(-reach, near), (reach, near), (reach, near + 140 * unit)]
        corners.append((-reach, near + 140 * unit))
        pen.polygon(
            [
                (middle_x + u * along[0] + v * across[0], middle_y + u * along[1] + v * across[1])
                for u, v in corners
            ],
            fill=light,
        )
    return image.reduce(_FINE)


def orbit(ground: Ground) -> Image.Image:
    """A shaded globe with rings and moons, low on the right."""
    image, pen = _canvas(ground)
    unit = ground.unit * _FINE
    centre_x = image.width * ground.chance.uniform(0.66, 0.84)
    centre_y = image.height * (0.82 if ground.is_upright else 0.98)
    globe = 300 * unit
    radii = [globe * (1.22 + 0.27 * ring) for ring in range(5)]
    for ring, radius in enumerate(radii):
        colour = _mixed(ground.palette.base, ground.palette.ink, 0.24 - 0.04 * ring)
        pen.circle((centre_x, centre_y), radius, outline=colour, width=max(1, round(3 * unit)))
    for light in (*ground.palette.lights, ground.palette.accent):
        turn, radius = ground.chance.uniform(0, 2 * pi), ground.chance.choice(radii)
        place = (centre_x + radius * cos(turn), centre_y + radius * sin(turn))
        pen.circle(place, ground.chance.uniform(12, 30) * unit, fill=light)
    first, second = ground.palette.lights[:2]
    steps = 48  # of shade, each a disc within the last, towards the light at the upper left
    for step in range(steps):
        share = step / (steps - 1)
        place = (centre_x - 0.34 * globe * share, centre_y - 0.38 * globe * share)
        pen.circle(place, globe * (1 - share) ** 0.8, fill=_mixed(second, first, share))
    return image.reduce(_FINE)


def tiles(ground: Ground) -> Image.Image:
    """A frieze of quarter discs, dots and triangles along the lower edge."""
    image, pen = _canvas(ground)
    columns, rows = (4, 2) if ground.is_upright else (7, 1)
    side = image.width / columns
    colours = [*ground.palette.lights, ground.palette.accent, ground.palette.base]
    for column in range(columns):
        for row in range(rows):
            left = column * side
            top = image.height - (row + 1) * side
            under, over = ground.chance.sample(colours, 2)
            pen.rectangle((left, top, left + side, top + side), fill=under)
            _motif(pen, left, top, side, colour=over, kind=ground.chance.randrange(4))
    return image.reduce(_FINE)


def waves(ground: Ground) -> Image.Image:
    """Hills one behind the other, and a sun."""
    image, pen = _canvas(ground)
    unit = ground.unit * _FINE
    phase = ground.chance.uniform(0, 2 * pi)
    horizon = 0.72 if ground.is_upright else 0.78
    sun = (image.width * ground.chance.uniform(0.6, 0.84), image.height * horizon)
    pen.circle(sun, 190 * unit, fill=ground.palette.accent)
    for hill in range(6):
        light = ground.palette.lights[hill % 3]
        colour = _mixed(ground.palette.deep, light, 0.35 + 0.11 * hill)
        crest = image.height * (horizon + (1 - horizon) / 6 * hill)
        swell = unit * (74 - 7 * hill)
        steps = [image.width * step / 48 for step in range(49)]
        line = [
            (
                x,
                crest
                + swell * sin(phase + 0.8 * hill + x / image.width * 2.3 * pi * (1 + hill / 9)),
            )
            for x in steps
        ]
        pen.polygon([(0, image.height), *line, (image.width, image.height)], fill=colour)
    return image.reduce(_FINE)


STYLES: tuple[Callable[[Ground], Image.Image], ...] = (aurora, bands, orbit, tiles, waves)


def _gradient(ground: Ground, columns: int, rows: int) -> NDArray[np.float32]:
    """From `deep` at the top to `base` at the bottom: (rows, columns, 3), 0 to 255."""
    share = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    deep = np.array(ground.palette.deep, np.float32)
    base = np.array(ground.palette.base, np.float32)
    return np.broadcast_to(deep + (base - deep) * share, (rows, columns, 3)).copy()


def _enlarged(field: NDArray[np.float32], ground: Ground) -> Image.Image:
    """Scaled in floats: in eight bits, soft light would show its steps."""
    size = (ground.width, ground.height)
    bands = [Image.fromarray(field[..., band]) for band in range(3)]
    large = [band.resize(size, Image.Resampling.BICUBIC).convert("L") for band in bands]
    return Image.merge("RGB", large)


def _canvas(ground: Ground) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """The gradient at twice the size, and a pen for it."""
    size = (ground.width * _FINE, ground.height * _FINE)
    rows = Image.fromarray(np.rint(_gradient(ground, 1, size[1])).astype(np.uint8))
    image = rows.resize(size, Image.Resampling.NEAREST)
    return image, ImageDraw.Draw(image)


def _motif(
    pen: ImageDraw.ImageDraw, left: float, top: float, side: float, *, colour: Rgb, kind: int
) -> None:
    right, bottom = left + side, top + side
    if kind == 0:
        pen.circle((left + side / 2, top + side / 2), 0.32 * side, fill=colour)
    elif kind == 1:
        pen.pieslice((left - side, top, right, bottom + side), 270, 360, fill=colour)
    elif kind == 2:
        pen.pieslice((left, top - side, right + side, bottom), 90, 180, fill=colour)
    else:
        pen.polygon([(left, bottom), (right, bottom), (right, top)], fill=colour)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """The colour between two, with `share` 0 to 1 of the other."""
    red, green, blue = (
        round(a + (b - a) * min(1.0, share)) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue
