"""Pictures and music for the demo, made here: scenes lit like photographs, and a quiet bed.

All of it is a function of a seed, so that two runs give the same bytes.
"""

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 1600)  # width, height in pixels
RATE = 44_100  # Hz

Colour = tuple[int, int, int]
Picture = NDArray[np.float32]  # (height, width, 3), 0-255


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of a time of day: sky above, sky at the horizon, the sun, the ground."""

    zenith: Colour
    horizon: Colour
    sun: Colour
    ground: Colour
    sun_at: tuple[float, float]  # shares of width and height


DAWN = Light((40, 58, 112), (250, 172, 130), (255, 236, 196), (38, 44, 66), (0.68, 0.50))
NOON = Light((38, 118, 205), (184, 222, 244), (255, 250, 230), (40, 92, 78), (0.28, 0.22))
DUSK = Light((30, 20, 66), (236, 94, 98), (255, 206, 120), (26, 18, 44), (0.50, 0.56))
NIGHT = Light((6, 10, 30), (34, 50, 98), (226, 232, 250), (10, 14, 28), (0.74, 0.20))


def mountains(light: Light, seed: int) -> Image.Image:
    """Ridges behind ridges, paler with distance."""
    picture = _sky(light)
    random = np.random.default_rng(seed)
    for depth in range(5):
        share = depth / 4
        height = SIZE[1] * (0.52 + 0.11 * depth)
        ridge = height + _ridge(random, 170 - 24 * depth)
        colour = _mixed(light.horizon, light.ground, 0.35 + 0.65 * share)
        _fill_below(picture, ridge, colour)
    return _photographed(picture, random)


def sea(light: Light, seed: int) -> Image.Image:
    """Water to the horizon, with the sun's way across it."""
    picture = _sky(light)
    random = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    line = int(height * 0.58)
    rows = np.arange(line, height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    near = (rows - line) / (height - line)
    waves = np.sin(columns / (9 + 60 * near) + rows * (0.9 - 0.6 * near) + 4 * np.sin(rows / 11))
    away = np.abs(columns - light.sun_at[0] * width) / (40 + 260 * near)
    glitter = np.exp(-(away**2)) * np.clip(waves + 0.3, 0, 1) * (1 - 0.4 * near)
    water = np.asarray(_mixed(light.ground, light.horizon, 0.35), np.float32)
    depth = np.asarray(light.ground, np.float32)
    body = water * (1 - near[..., None]) + depth * near[..., None] + 9 * waves[..., None]
    sun = np.asarray(light.sun, np.float32)
    picture[line:] = body * (1 - glitter[..., None]) + sun * glitter[..., None]
    return _photographed(picture, random)


def city(light: Light, seed: int) -> Image.Image:
    """Towers against the sky, some windows lit."""
    random = np.random.default_rng(seed)
    image = Image.fromarray(np.clip(_sky(light), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for depth in range(3):
        colour = _mixed(light.horizon, light.ground, 0.45 + 0.27 * depth)
        left = -40
        while left < SIZE[0]:
            wide = int(random.integers(90, 190))
            top = int(SIZE[1] * (0.30 + 0.14 * depth) + random.integers(0, 320))
            draw.rectangle((left, top, left + wide, SIZE[1]), fill=colour)
            _windows(draw, (left, top, wide), light.sun, random)
            left += wide + int(random.integers(4, 34))
    return _photographed(np.asarray(image, np.float32), random)


def product(light: Light, seed: int) -> Image.Image:
    """A bottle on a table, light from one side."""
    width, height = SIZE
    image = Image.fromarray(np.clip(_sky(light), 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(40))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, int(height * 0.74), width, height), fill=light.ground)
    shade = Image.new("L", SIZE)
    ImageDraw.Draw(shade).ellipse((330, 1270, 1010, 1380), fill=170)
    image.paste((0, 0, 0), mask=shade.filter(ImageFilter.GaussianBlur(30)))
    image.paste(_glass(light), mask=_bottle().filter(ImageFilter.GaussianBlur(1.5)))
    label = _mixed(light.horizon, (255, 255, 255), 0.6)
    draw.rounded_rectangle((430, 820, 770, 1120), 8, fill=label)
    draw.ellipse((540, 900, 660, 1020), fill=light.zenith)
    return _photographed(np.asarray(image, np.float32), np.random.default_rng(seed))


def save(pictures: Sequence[Callable[[], Image.Image]], folder: Path, name: str) -> list[Path]:
    """Write pictures as JPEG files and give the files back."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}-{number}.jpg" for number in range(1, len(pictures) + 1)]
    for file, picture in zip(files, pictures, strict=True):
        picture().save(file, quality=90)
    return files


def music(file: Path, *, seconds: float, root_hz: float = 220.0) -> Path:
    """Four soft chords over and over, as a 16-bit stereo WAV."""
    time = np.arange(int(seconds * RATE), dtype=np.float32) / RATE
    bar = 2.4
    chords = ((0, 4, 7, 11), (-3, 0, 4, 7), (-7, -3, 0, 5), (-5, -1, 2, 7))
    sound = np.zeros((len(time), 2), np.float32)
    for number, chord in enumerate(chords):
        here = ((time // bar) % len(chords)) == number
        swell = np.sin(np.pi * (time % bar) / bar) ** 0.5 * here
        for voice, step in enumerate(chord):
            hertz = root_hz * 2 ** (step / 12)
            tone = np.sin(2 * np.pi * hertz * time) + 0.3 * np.sin(4 * np.pi * hertz * time)
            side = 0.35 + 0.3 * (voice % 2)
            sound += (0.09 * tone * swell)[:, None] * np.array([side, 1 - side], np.float32)
    beat = np.exp(-(time % (bar / 4)) * 18) * np.sin(2 * np.pi * 62 * time) * 0.14
    sound += beat[:, None].astype(np.float32)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return file


def _bottle() -> Image.Image:
    form = Image.new("L", SIZE)
    draw = ImageDraw.Draw(form)
    draw.rounded_rectangle((430, 560, 770, 1320), 90, fill=255)
    draw.rounded_rectangle((530, 380, 670, 620), 30, fill=255)
    return form


def _glass(light: Light) -> Image.Image:
    """A sheet that is lit as a cylinder between the bottle's sides."""
    across = (np.arange(SIZE[0], dtype=np.float32) - 600) / 170
    shine = 0.35 + 0.65 * np.exp(-((np.clip(across, -1, 1) + 0.45) ** 2) / 0.08)
    row = np.asarray(light.sun, np.float32) * shine[:, None]
    sheet = np.broadcast_to(np.clip(row, 0, 255), (SIZE[1], SIZE[0], 3))
    return Image.fromarray(sheet.astype(np.uint8))


def _sky(light: Light) -> Picture:
    width, height = SIZE
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    share = np.clip(rows / 0.62, 0, 1) ** 1.3
    zenith, horizon = np.asarray(light.zenith, np.float32), np.asarray(light.horizon, np.float32)
    picture = np.broadcast_to(zenith * (1 - share) + horizon * share, (height, width, 3)).copy()
    across = np.arange(width, dtype=np.float32)[None, :] - light.sun_at[0] * width
    down = np.arange(height, dtype=np.float32)[:, None] - light.sun_at[1] * height
    distance = np.sqrt(across**2 + down**2)
    disc = 1 / (1 + np.exp(np.clip((distance - 74) / 3, -60, 60)))
    glow = np.clip(0.75 * np.exp(-distance / 210) + disc, 0, 1)[..., None]
    sky: Picture = (picture * (1 - glow) + np.asarray(light.sun) * glow).astype(np.float32)
    return sky


def _ridge(random: np.random.Generator, rough: float) -> NDArray[np.float32]:
    across = np.linspace(0, 1, SIZE[0], dtype=np.float32)
    line = np.zeros(SIZE[0], np.float32)
    for octave in range(1, 8):
        points = np.linspace(0, 1, 2**octave + 2)
        heights = random.uniform(-1, 1, len(points)) / 1.7**octave
        line += np.interp(across, points, heights).astype(np.float32)
    return line * rough


def _fill_below(picture: Picture, edge: NDArray[np.float32], colour: Colour) -> None:
    rows = np.arange(picture.shape[0], dtype=np.float32)[:, None]
    inside = np.clip(rows - edge[None, :], 0, 1)[..., None]
    mist = np.clip((rows - edge[None, :]) / 420, 0, 1)[..., None] * 26
    picture[:] = picture * (1 - inside) + (np.asarray(colour, np.float32) + mist) * inside


def _windows(
    draw: ImageDraw.ImageDraw,
    tower: tuple[int, int, int],
    colour: Colour,
    random: np.random.Generator,
) -> None:
    left, top, wide = tower
    for row in range(top + 18, SIZE[1], 34):
        for column in range(left + 14, left + wide - 20, 26):
            if random.random() < 0.22:
                draw.rectangle((column, row, column + 11, row + 17), fill=colour)


def _photographed(picture: Picture, random: np.random.Generator) -> Image.Image:
    """A little grain and a darker rim, as a lens gives."""
    height, width = picture.shape[:2]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    rim = 1 - 0.22 * np.clip(across**2 + down**2 - 0.5, 0, 1)
    grain = random.normal(0, 2.2, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(picture * rim[..., None] + grain, 0, 255).astype(np.uint8))


def _mixed(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
