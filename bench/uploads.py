"""W4, uploads: 2560x1440 made into one of our films with thumbnail and sprite, or copied.

Its limit is decoding pictures and sound, scaling the pictures to 1080p with the scaler and the
settings that we use, and encoding the finished frames and the sound, in one process, with nothing
in between: no sprite, no thumbnail, no confinement of the decoder. Scaling belongs to it since
nobody makes 1080p of 1440p without; what the ratio is when it does not is told in the note.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bench import films, harness, inputs, kits, raw
from bench.harness import Work
from bench.kits import Kit
from bench.results import Result
from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.layers import Clip
from reelsmith.domain.timelines import FPS, SAMPLE_RATE, Scene, Timeline
from reelsmith.media import aac, uploads
from reelsmith.media.reshape import Reshaper, Target

WIDTH, HEIGHT = 1920, 1080
_BAR = 1.12
_UPLOAD, _ALREADY = "upload.mp4", "already.mp4"
_BIT_RATE = 160_000


def measure(quick: bool) -> list[Result]:
    """CPU of an upload that must be coded, and of one that need not, to the limit."""
    frames_count = FPS * (3 if quick else 10)
    with harness.scratch(raw.size_bytes(WIDTH, HEIGHT, frames_count)) as folder:
        home, frames = str(folder), str(folder / "frames.yuv")
        harness.of_work(make, folder=home, frames=frames_count)
        harness.of_work(films.drawn, folder=home, frames=frames)
        given = {"folder": home, "frames": frames, "out": str(folder / "bare.mp4")}
        rounds = harness.alternating(
            {
                "limit": lambda: harness.of_work(bare, **given, scaled=True),
                "unscaled": lambda: harness.of_work(bare, **given, scaled=False),
                "coded": lambda: harness.of_work(normalised, folder=home, name=_UPLOAD),
                "copied": lambda: harness.of_work(normalised, folder=home, name=_ALREADY),
            },
            rounds=1 if quick else 3,
        )
    found = []
    for side, bar in (("coded", _BAR), ("copied", None)):
        spent = rounds.middle(side)
        if spent.said["copied"] != (side == "copied"):
            raise harness.Broken(f"the upload that is to be {side} is not")
        found.append(
            Result(
                name=f"W4 uploads, {side}: CPU to decoding, scaling and encoding alone",
                ratio=rounds.ratio(side, "limit"),
                bar=bar,
                cpu_s=spent.cpu_s,
                wall_s=spent.wall_s,
                peak_mb=spent.peak_mb,
                size_bytes=round(spent.said["size_bytes"]),
                note=f"limit {rounds.middle('limit').cpu_s:.2f} s; "
                f"{rounds.ratio(side, 'unscaled'):.2f} to decoding and encoding",
            )
        )
    return found


def make(folder: str, *, frames: int) -> Work:
    """Lay an upload of 1440p into a folder, and one of 1080p that is like our films already."""
    home = Path(folder)
    seconds = frames / FPS
    for name, width, height in ((_UPLOAD, 2560, 1440), (_ALREADY, WIDTH, HEIGHT)):
        inputs.clip(
            home / name,
            width=width,
            height=height,
            fps=FPS,
            seconds=seconds,
            seed=7,
            sound=True,
        )
    source = Clip(key=_UPLOAD, sha256=kits.sha256(home / _UPLOAD), name=_UPLOAD)
    scene = Scene(index=0, first_frame=0, frames=frames, source=source)
    timeline = Timeline(
        width=WIDTH, height=HEIGHT, scenes=(scene,), caption_style=CaptionStyle.NONE
    )
    Kit(home, timeline).save()
    return dict


def normalised(folder: str, *, name: str) -> Work:
    """What becomes of an upload."""
    home = Path(folder)

    def work() -> Mapping[str, float]:
        made = uploads.normalise(
            home / name,
            home / f"made-{name}",
            name=name,
            thumbnail=home / "thumbnail.jpg",
            sprite=home / "sprite.jpg",
            threads=films.THREADS,
        )
        return {"copied": made.copied, "size_bytes": made.size_bytes}

    return work


def bare(folder: str, frames: str, out: str, *, scaled: bool) -> Work:
    """The upload decoded, `scaled` or not; its finished frames and its sound encoded."""
    upload = Path(folder) / _UPLOAD
    encode = films.encoder_alone(folder, frames, out)
    reshaper = Reshaper(Target(WIDTH, HEIGHT, contain=False))

    def work() -> Mapping[str, float]:
        for frame in films.decoded(upload):
            if scaled:
                reshaper.fitted(frame, Fraction(1))
        aac.encode(_sound(upload), bit_rate=_BIT_RATE)
        return encode()

    return work


def _sound(path: Path) -> Iterator[NDArray[np.float32]]:
    with av.open(str(path)) as opened:
        heard = [frame.to_ndarray().T for frame in opened.decode(audio=0)]
    sound = np.concatenate(heard).astype(np.float32)
    for first in range(0, len(sound), SAMPLE_RATE):
        yield sound[first : first + SAMPLE_RATE]
