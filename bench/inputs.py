"""What films are made of here: photos, slides, clips, words, a voice and a tune, all by numbers.

Nothing is downloaded and nothing is random: the same seed gives the same bytes everywhere.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from reelsmith.domain.timelines import SAMPLE_RATE
from reelsmith.media import wav

Rgb = NDArray[np.uint8]

FONTS = Path(__file__).parents[1] / "layers" / "ffmpeg" / "fonts"
TEXT = (
    "Meet the new way to make your mornings better. Fresh roasted beans shipped to your door "
    "every single week. No plastic, no waste, no compromise. Just pick your roast, choose your "
    "grind and press one button. Thousands of happy customers already switched. Try it today "
    "with free shipping and cancel at any time. Your best coffee is one click away, so start now "
    "and taste the difference that small farms make."
)
_SLIDE_GROUNDS = ("#ffffff", "#f5f7fa", "#181c28", "#faf5eb")
_SLIDE_BARS = ("#1e5ac8", "#c83c3c", "#28a06e")


def photo(seed: int, width: int = 1600, height: int = 2400) -> Rgb:
    """A picture with the spectrum of a photograph (1 / f), some edges and a little grain."""
    rng = np.random.default_rng(seed)
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    falling = 1 / np.maximum(np.hypot(rows, columns), 1 / max(width, height)) ** 1.5
    common = rng.standard_normal((height, width))
    picture = np.empty((height, width, 3))
    for channel in range(3):
        noise = common + 0.4 * rng.standard_normal((height, width))
        picture[..., channel] = np.fft.irfft2(np.fft.rfft2(noise) * falling, s=(height, width))
    picture = 128 + 52 * picture / picture.std()
    for _ in range(24):
        y, x = rng.integers(0, height - 200), rng.integers(0, width - 200)
        picture[y : y + rng.integers(20, 200), x : x + rng.integers(20, 200)] += rng.normal(0, 40)
    picture += rng.standard_normal((height, width, 1))
    made: Rgb = np.clip(picture, 0, 255).astype(np.uint8)
    return made


def photos(folder: Path, count: int) -> list[Path]:
    """`count` photos as JPEG files, upright and across in turn."""
    made = []
    for seed in range(count):
        size = (1600, 2400) if seed % 3 else (2400, 1600)
        path = folder / f"photo{seed:02}.jpg"
        Image.fromarray(photo(seed, *size)).save(path, quality=92)
        made.append(path)
    return made


def blobs(path: Path) -> None:
    """Soft white dots on grey, 1620 x 2880: what jitter is measured by."""
    spot = np.exp(-(np.arange(-60, 61) ** 2) / (2 * 8.0**2))
    dot = 180 * np.outer(spot, spot)
    picture = np.full((2880, 1620), 40.0)
    for y in range(260, 2700, 300):
        for x in range(230, 1450, 300):
            picture[y - 60 : y + 61, x - 60 : x + 61] += dot
    grey = np.clip(picture, 0, 255).astype(np.uint8)
    Image.fromarray(grey).convert("RGB").save(path)


def slides(folder: Path, count: int) -> list[Path]:
    """`count` slides of 1920x1080 as PNG files: a title, lines of words, bars or a photo."""
    words = TEXT.replace(".", "").replace(",", "").split()
    title, body = (ImageFont.truetype(str(FONTS / "Inter-Bold.ttf"), size) for size in (56, 36))
    made = []
    for n in range(count):
        rng = np.random.default_rng(n)
        ground = _SLIDE_GROUNDS[n % len(_SLIDE_GROUNDS)]
        ink = "#ebf0fa" if ground == "#181c28" else "#14141e"
        image = Image.new("RGB", (1920, 1080), ground)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, 1920, 120), fill=_SLIDE_BARS[n % len(_SLIDE_BARS)])
        draw.text((60, 28), f"{n + 1}. {' '.join(rng.choice(words, 4))}", font=title, fill="white")
        for line in range(6):
            text = " ".join(rng.choice(words, 6))
            draw.text((130, 190 + 90 * line), text, font=body, fill=ink)
        if n % 3 == 0:
            image.paste(Image.fromarray(photo(100 + n, 600, 400)), (1220, 220))
        else:
            for bar in range(8):
                top = 1000 - int(rng.integers(80, 420))
                x = 1300 + 70 * bar
                draw.rectangle((x, top, x + 50, 1000), fill=(60 + bar * 20, 120, 220 - bar * 15))
        path = folder / f"slide{n:02}.png"
        image.save(path)
        made.append(path)
    return made


def voice(path: Path, seconds: float, seed: int = 0) -> None:
    """Sound with the rhythm of speech: bursts of a buzzing tone, pauses between. Mono 48 kHz."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 130 + 25 * np.sin(2 * np.pi * 0.4 * time)
    buzz = sum(
        np.sin(2 * np.pi * harmonic * np.cumsum(pitch) / SAMPLE_RATE) / harmonic
        for harmonic in range(1, 12)
    )
    syllables = np.clip(np.sin(2 * np.pi * 3.7 * time + rng.uniform(0, 6)), 0, 1) ** 0.7
    phrases = np.clip(4 * np.sin(2 * np.pi * time / 4.1) + 2.5, 0, 1)
    wav.write(path, _sixteen_bits(buzz * syllables * phrases, 0.35), rate=SAMPLE_RATE)


def tune(path: Path, seconds: float) -> None:
    """Chords of plucked tones, stereo 48 kHz."""
    rng = np.random.default_rng(3)
    beat = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    beats = []
    for _ in range(int(seconds * 2) + 1):
        tones = 220 * 2 ** (rng.choice([0, 3, 5, 7, 10, 12, 15], 3) / 12)
        sound = [
            np.sin(2 * np.pi * tones[:, None] * beat * detune).sum(0) for detune in (1, 1.003)
        ]
        beats.append(np.stack(sound, axis=1) * np.exp(-4 * beat)[:, None])
    whole = np.concatenate(beats)[: round(seconds * SAMPLE_RATE)]
    wav.write(path, _sixteen_bits(whole, 0.6), rate=SAMPLE_RATE)


def _sixteen_bits(sound: NDArray[np.float64], peak: float) -> NDArray[np.int16]:
    scaled: NDArray[np.int16] = np.rint(sound / np.abs(sound).max() * peak * 32_767).astype("<i2")
    return scaled


def clip(
    path: Path,
    *,
    width: int,
    height: int,
    fps: int,
    seconds: float,
    seed: int,
    sound: bool = False,
) -> None:
    """A filmed scene as an MP4 file: a photo under a hand-held camera, with grain that lives."""
    with av.open(str(path), "w") as film:
        video = film.add_stream("libx264", rate=fps, options={"preset": "veryfast", "crf": "20"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = film.add_stream("aac", rate=SAMPLE_RATE) if sound else None
        for frame in _handheld(width, height, fps, seconds, seed):
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if audio is not None:
            for heard in _hum(seconds):
                film.mux(audio.encode(heard))
            film.mux(audio.encode(None))


def _handheld(
    width: int, height: int, fps: int, seconds: float, seed: int
) -> Iterator[av.VideoFrame]:
    margin = 80
    scene = photo(seed, width + 2 * margin, height + 2 * margin)
    rng = np.random.default_rng(seed)
    grains = [rng.integers(-5, 6, (height, width, 1), dtype=np.int16) for _ in range(5)]
    for number in range(round(fps * seconds)):
        at = number / fps
        x = margin + round(60 * np.sin(1.7 * at) + 8 * np.sin(9 * at))
        y = margin + round(50 * np.cos(1.3 * at) + 8 * np.cos(8 * at))
        seen = scene[y : y + height, x : x + width] + grains[number % len(grains)]
        picture = np.clip(seen, 0, 255).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, fps)
        yield frame


def _hum(seconds: float) -> Iterator[av.AudioFrame]:
    for first in range(0, round(seconds * SAMPLE_RATE), 1024):
        places = np.arange(first, first + 1024) / SAMPLE_RATE
        tone = (0.2 * np.sin(2 * np.pi * 330 * places)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack((tone, tone)), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, first
        yield frame
