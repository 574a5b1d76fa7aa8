"""W2, slides that stand while somebody speaks: 1920x1080, eight seconds each.

Its limit is x264 on every one of the raw frames, as a renderer pays that does not know that
nothing moves. Decoding of the slides is ours.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import films, harness, inputs, kits, naive, peers, quality, raw
from bench.harness import Costs, Spent, Work
from bench.kits import Kit
from bench.results import Result
from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.timelines import FPS, SAMPLE_RATE, Scene, Timeline, Voiced

WIDTH, HEIGHT = 1920, 1080
SECONDS = 8
FRAMES = SECONDS * FPS
_BAR_LIMIT, _BAR_LOOP, _BAR_MOVIEPY = 0.06, 1 / 30, 1 / 15


def measure(quick: bool) -> list[Result]:
    """CPU of the pictures to the limit and to the peers, frames, quality, what sound adds."""
    count = 3 if quick else 10
    with harness.scratch(raw.size_bytes(WIDTH, HEIGHT, count)) as folder:
        harness.of_work(make, folder=str(folder), slides=count)
        return [*_to_limit(folder, quick), *_to_peers(folder, quick)]


def make(folder: str, *, slides: int) -> Work:
    """Lay so many slides with their voices into a folder."""
    home = Path(folder)
    pictures = inputs.slides(home, slides)
    voiced = []
    for n in range(slides):
        voice = home / f"voice{n:02}.wav"
        inputs.voice(voice, SECONDS, seed=n)
        samples = SECONDS * SAMPLE_RATE
        voiced.append(
            Voiced(
                key=voice.name,
                sha256=kits.sha256(voice),
                first_sample=n * samples,
                samples=samples,
            )
        )
    scenes = tuple(
        Scene(index=n, first_frame=n * FRAMES, frames=FRAMES, source=kits.picture(path))
        for n, path in enumerate(pictures)
    )
    timeline = Timeline(
        width=WIDTH,
        height=HEIGHT,
        scenes=scenes,
        caption_style=CaptionStyle.NONE,
        narration=tuple(voiced),
    )
    Kit(home, timeline).save()
    return dict


def _to_limit(folder: Path, quick: bool) -> Iterator[Result]:
    kit, frames, ours = str(folder), folder / "frames.yuv", folder / "ours.mp4"
    harness.of_work(films.drawn, folder=kit, frames=str(frames), every=FRAMES)
    sides = {
        "limit": lambda: harness.of_work(
            films.encoder_alone,
            folder=kit,
            frames=str(frames),
            out=str(folder / "bare.mp4"),
            each=FRAMES,
        ),
        "ours": lambda: harness.of_work(films.whole, folder=kit, out=str(ours), with_sound=False),
        "decoding": lambda: harness.of_work(films.opened, folder=kit),
    }
    rounds = harness.alternating(sides, rounds=1 if quick else 3)
    spent, decoding = rounds.middle("ours"), rounds.middle("decoding")
    count = len(Kit.open(kit).timeline.scenes)
    yield Result(
        name="W2 slides: CPU of the pictures to the encoder on all of them",
        ratio=rounds.ratio("ours", "limit"),
        bar=_BAR_LIMIT,
        cpu_s=spent.cpu_s,
        wall_s=spent.wall_s,
        peak_mb=spent.peak_mb,
        size_bytes=ours.stat().st_size,
        quality=_looks(folder, frames),
        note=f"limit {rounds.middle('limit').cpu_s:.2f} s on raw frames; of ours "
        f"{decoding.cpu_s:.2f} s is decoding PNG, confined",
    )
    yield Result(
        name="W2 slides: frames too many or too few",
        ratio=abs(spent.said["frames"] - count * FRAMES),
        bar=0,
        unit="frames",
    )


def _looks(folder: Path, frames: Path) -> Mapping[str, float]:
    """Quality of one held frame of each slide, ours and the limit's."""
    looks: dict[str, float] = {}
    for name, suffix in (("ours", ""), ("bare", "_of_limit")):
        seen = quality.measured(
            folder / f"{name}.mp4", frames, width=WIDTH, height=HEIGHT, every=FRAMES
        )
        looks |= {f"{what}{suffix}": value for what, value in seen.items()}
    return looks


def _to_peers(folder: Path, quick: bool) -> Iterator[Result]:
    """The pictures alone, on both sides: every one of the peers makes the same sound."""
    kit, out = Kit.open(str(folder)), folder / "ours.mp4"
    spent = harness.of_work(films.whole, folder=str(folder), out=str(out), with_sound=False)
    ours = Costs(spent, kit.timeline.frames, out)
    yield peers.against(
        "W2 slides: CPU of the pictures to FFmpeg, -loop 1",
        ours,
        lambda: Costs(_looped(kit, folder / "loop.mp4"), kit.timeline.frames),
        bar=_BAR_LOOP,
    )
    count = 1 if quick else 2
    yield peers.against(
        "W2 slides: CPU of the pictures to MoviePy 2",
        ours,
        lambda: Costs(_moviepy(kit, folder / "moviepy.mp4", count), count * FRAMES),
        bar=_BAR_MOVIEPY,
    )
    sounding = harness.of_work(films.whole, folder=str(folder), out=str(out), with_sound=True)
    yield Result(
        name="W2 slides: CPU of the whole film with sound, to its pictures",
        ratio=sounding.cpu_s / spent.cpu_s,
        cpu_s=sounding.cpu_s,
        wall_s=sounding.wall_s,
        peak_mb=sounding.peak_mb,
        size_bytes=out.stat().st_size,
    )


def _looped(kit: Kit, out: Path) -> Spent:
    program = peers.ffmpeg()
    return harness.of_command(naive.slides(_pictures(kit), SECONDS, out, program=program))


def _moviepy(kit: Kit, out: Path, count: int) -> Spent:
    return peers.moviepy(
        {
            "kind": "slides",
            "out": str(out),
            "preset": "veryfast",
            "crf": 18,
            "seconds": SECONDS,
            "pictures": [str(path) for path in _pictures(kit)[:count]],
        }
    )


def _pictures(kit: Kit) -> list[Path]:
    return [kits.source_file(kit, scene) for scene in kit.timeline.scenes]
