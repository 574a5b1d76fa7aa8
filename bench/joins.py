"""Joins: what 200 scenes look and sound like once they are one film, and what joining 1,000 costs.

Each scene begins with a click in the sound. The finished film is decoded, the clicks and the
changes of picture are sought in it, and the times of both compared.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bench import ad, films, harness, inputs, kits, peers
from bench.harness import Costs, Spent, Work
from bench.kits import Kit
from bench.results import Result
from reelsmith.domain.jobs import CaptionStyle, Preset
from reelsmith.domain.layers import Move
from reelsmith.domain.timelines import FPS, SAMPLE_RATE, Scene, Timeline, Voiced
from reelsmith.media import film, wav

SCENES, SEGMENTS = 200, 1_000
WIDTH, HEIGHT = 180, 320
_STANDS, _MOVES = 45, 24  # frames of every other scene
_MOVE = Move(zoom_from=1.0, zoom_to=1.1)
CLICK = np.hanning(97)[1:-1] * np.cos(np.arange(-47, 48) * 2 * np.pi * 3_000 / SAMPLE_RATE)
_NEAR_SAMPLES, _NEAR_FRAMES = SAMPLE_RATE // 20, 6
_BAR_AV_MS, _BAR_CPU_S, _BAR_CONCAT = 1.0, 1.0, 1 / 10


def measure(quick: bool) -> list[Result]:
    """Frames, times, sound and stills over 200 scenes; CPU of joining 1,000."""
    del quick  # a claim about 200 scenes is shown on 200 scenes
    with harness.scratch(1 << 28) as folder:
        harness.of_work(make, folder=str(folder))
        harness.of_work(
            films.whole, folder=str(folder), out=str(folder / "film.mp4"), with_sound=True
        )
        found = harness.of_work(seen, folder=str(folder)).said
    with harness.scratch(3 << 30) as folder:
        return [*_exactness(found), *_thousand(folder)]


def make(folder: str) -> Work:
    """Lay 200 scenes, standing and moving in turn, with a click at the start of each."""
    home = Path(folder)
    photos = inputs.photos(home, 4)
    scenes: list[Scene] = []
    for n in range(SCENES):
        first = scenes[-1].end_frame if scenes else 0
        stands = n % 2 == 0
        scenes.append(
            Scene(
                index=n,
                first_frame=first,
                frames=_STANDS if stands else _MOVES,
                source=kits.picture(photos[n % len(photos)]),
                move=Move() if stands else _MOVE,
            )
        )
    clicks = home / "clicks.wav"
    samples = scenes[-1].end_frame * SAMPLE_RATE // FPS
    wav.write(clicks, _clicks(scenes, samples), rate=SAMPLE_RATE)
    told = Voiced(key=clicks.name, sha256=kits.sha256(clicks), first_sample=0, samples=samples)
    timeline = Timeline(
        width=WIDTH,
        height=HEIGHT,
        scenes=tuple(scenes),
        caption_style=CaptionStyle.NONE,
        narration=(told,),
    )
    Kit(home, timeline).save()
    return dict


def _clicks(scenes: list[Scene], samples: int) -> NDArray[np.int16]:
    sound = np.zeros(samples + len(CLICK))
    for scene in scenes:
        at = scene.first_frame * SAMPLE_RATE // FPS
        sound[at : at + len(CLICK)] += 12_000 * CLICK
    clicks: NDArray[np.int16] = np.rint(sound[:samples]).astype(np.int16)
    return clicks


def seen(folder: str) -> Work:
    """What the finished film of a kit shows and sounds like, once decoded."""
    kit = Kit.open(folder)
    path = kit.folder / "film.mp4"

    def work() -> Mapping[str, float]:
        pictures, times = _pictures(path)
        starts = [scene.first_frame for scene in kit.timeline.scenes]
        return {
            "frames": abs(len(pictures) - kit.timeline.frames),
            "time_s": float(max(abs(at - Fraction(n, FPS)) for n, at in enumerate(times))),
            "av_ms": apart_ms(pictures, times, _sound(path), starts),
            "unlike": sum(_unlike(pictures, scene) for scene in kit.timeline.scenes[::2]),
        }

    return work


def _pictures(path: Path) -> tuple[list[NDArray[np.uint8]], list[Fraction]]:
    """All pictures of a film, and when each is shown, in seconds."""
    with av.open(str(path)) as opened:
        frames = [
            (
                frame.to_ndarray().astype(np.uint8, copy=False),
                (frame.pts or 0) * (frame.time_base or Fraction(0)),
            )
            for frame in opened.decode(video=0)
        ]
    return [picture for picture, _ in frames], [at for _, at in frames]


def _sound(path: Path) -> NDArray[np.float32]:
    """The left channel as a player hears it, from time 0 on."""
    with av.open(str(path)) as opened:
        blocks = [
            (round((frame.pts or 0) * (frame.time_base or Fraction(0)) * SAMPLE_RATE), frame)
            for frame in opened.decode(audio=0)
        ]
    heard = np.zeros(blocks[-1][0] + blocks[-1][1].samples, np.float32)
    for at, frame in blocks:
        samples = frame.to_ndarray()[0][max(0, -at) :]
        heard[max(0, at) : max(0, at) + len(samples)] = samples
    return heard


def apart_ms(
    pictures: list[NDArray[np.uint8]],
    times: list[Fraction],
    sound: NDArray[np.float32],
    starts: list[int],
) -> float:
    """The longest time between a change of picture and its click, in ms.

    `times` in seconds are those of `pictures`, `sound` is 48 kHz from time 0 on, and `starts` are
    the frames where scenes should begin, the first of the film among them.
    """
    apart = []
    for start in starts[1:]:
        changed = _change(pictures, start)
        around = start * SAMPLE_RATE // FPS - _NEAR_SAMPLES
        window = sound[around : around + 2 * _NEAR_SAMPLES]
        clicked = around + int(np.correlate(window, CLICK, "valid").argmax())
        apart.append(abs(float(times[changed]) - clicked / SAMPLE_RATE))
    return 1000 * max(apart)


def _change(pictures: list[NDArray[np.uint8]], near: int) -> int:
    """The picture near a place that differs most from the one before it."""
    places = range(near - _NEAR_FRAMES, min(near + _NEAR_FRAMES, len(pictures)))
    steps = [
        np.abs(pictures[n].astype(np.int16) - pictures[n - 1].astype(np.int16)).mean()
        for n in places
    ]
    return places[int(np.argmax(steps))]


def _unlike(pictures: list[NDArray[np.uint8]], scene: Scene) -> int:
    """Pictures of a standing scene that are not bit for bit its first one."""
    first = pictures[scene.first_frame]
    shown = pictures[scene.first_frame : scene.end_frame]
    return sum(not np.array_equal(first, picture) for picture in shown)


def _exactness(found: Mapping[str, float]) -> Iterator[Result]:
    joins = f"joins of {SCENES} scenes"
    yield Result(name=f"{joins}: frames amiss", ratio=found["frames"], bar=0, unit="frames")
    yield Result(name=f"{joins}: error of a timestamp", ratio=found["time_s"], bar=0, unit="s")
    yield Result(
        name=f"{joins}: a click from its picture", ratio=found["av_ms"], bar=_BAR_AV_MS, unit="ms"
    )
    yield Result(
        name=f"{joins}: held frames that are not alike",
        ratio=found["unlike"],
        bar=0,
        unit="frames",
    )


def assembled(segment: str, out: str) -> Work:
    """The film of 1,000 times one segment."""

    def work() -> Mapping[str, float]:
        parts = [Path(segment)] * SEGMENTS
        made = film.assemble(parts, None, Path(out), width=ad.WIDTH, height=ad.HEIGHT, fps=FPS)
        return {"frames": made.frames}

    return work


def _thousand(folder: Path) -> Iterator[Result]:
    home, out = str(folder), folder / "film.mp4"
    harness.of_work(ad.make, folder=home, scenes=1, preset=Preset.STANDARD)
    harness.of_work(films.task, folder=home, into=home, first=0, end=1)
    segment = folder / "0.seg"
    spent = harness.of_work(assembled, segment=str(segment), out=str(out))
    size_bytes = out.stat().st_size
    out.unlink()
    name = f"assembling {SEGMENTS:,} segments"
    yield Result(
        name=f"{name}: CPU",
        ratio=spent.cpu_s,
        bar=_BAR_CPU_S,
        unit="s",
        cpu_s=spent.cpu_s,
        wall_s=spent.wall_s,
        peak_mb=spent.peak_mb,
        size_bytes=size_bytes,
    )
    frames = SEGMENTS * ad.SCENE_FRAMES
    yield peers.against(
        f"{name}: CPU to FFmpeg's concat demuxer",
        Costs(spent, frames),
        lambda: Costs(_concatenated(folder, segment), frames),
        bar=_BAR_CONCAT,
    )


def _concatenated(folder: Path, segment: Path) -> Spent:
    one, listed = folder / "one.mp4", folder / "list.txt"
    film.assemble([segment], None, one, width=ad.WIDTH, height=ad.HEIGHT, fps=FPS)
    listed.write_text(f"file '{one}'\n" * SEGMENTS)
    return harness.of_command(
        [
            *(peers.ffmpeg(), "-v", "error", "-y", "-f", "concat", "-safe", "0"),
            *("-i", str(listed), "-c", "copy", "-movflags", "+faststart"),
            str(folder / "concat.mp4"),
        ]
    )
