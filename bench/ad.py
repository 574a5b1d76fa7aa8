"""W1, an ad: photos under slow moves, crossfades, words that light up, at 1080x1920.

Its limit is x264 alone on the very same frames, drawn before and kept in memory: what no renderer
with this encoder can undercut. Decoding of the photos, drawing, captions and joining are ours.
"""

from collections.abc import Iterator
from pathlib import Path

from bench import films, harness, inputs, kits, naive, peers, quality, raw
from bench.harness import Costs, Rounds, Spent, Work
from bench.kits import Kit
from bench.results import Result, skipped
from reelsmith.domain.jobs import CaptionStyle, Preset, Transition
from reelsmith.domain.layers import Move
from reelsmith.domain.timelines import (
    CROSSFADE_FRAMES,
    FPS,
    SAMPLE_RATE,
    Music,
    Scene,
    Timeline,
    Voiced,
)
from reelsmith.recipes import pacing
from reelsmith.text import cues

WIDTH, HEIGHT = 1080, 1920
SCENE_FRAMES = 90
BARS = {Preset.STANDARD: 1.25, Preset.HIGH: 1.12}
_MOVIEPY_SECONDS = 6
_X264 = {Preset.STANDARD: ("veryfast", 21), Preset.HIGH: ("medium", 20)}
_BAR_ZOOMPAN, _BAR_REMOTION, _BAR_MOVIEPY = 1 / 1.7, 1 / 4, 1 / 5
_MOVES = (
    Move(zoom_from=1.0, zoom_to=1.15, x_from=0.65, x_to=0.35, y_from=0.4, y_to=0.6),
    Move(zoom_from=1.15, zoom_to=1.0, x_from=0.35, x_to=0.65, y_from=0.4, y_to=0.6),
)


def measure(quick: bool) -> list[Result]:
    """CPU to the limit at two presets, and to the peers."""
    return [*_against_limit(quick), *_against_peers(quick)]


def make(folder: str, *, scenes: int, preset: str, smaller: int = 1) -> Work:
    """Lay a film of so many scenes of three seconds into a folder: photos, voice, tune, words.

    It is made `smaller` times smaller where only shares of it count.
    """
    home = Path(folder)
    seconds = scenes * SCENE_FRAMES / FPS
    photos = inputs.photos(home, scenes)
    inputs.voice(home / "voice.wav", seconds)
    inputs.tune(home / "tune.wav", min(seconds, 20))
    size = {"width": WIDTH // smaller, "height": HEIGHT // smaller}
    film = timeline(photos, Preset(preset)).model_copy(update=size)
    Kit(home, film).save()
    return dict


def timeline(photos: list[Path], preset: Preset) -> Timeline:
    """The film of these photos; voice and tune lie beside them."""
    frames = len(photos) * SCENE_FRAMES
    scenes = tuple(_scene(n, path) for n, path in enumerate(photos))
    text = " ".join(inputs.TEXT.split()[: round(frames / FPS * 2.4)])
    words = pacing.spread(text, frames / FPS - 0.3)
    voice, tune = (photos[0].with_name(name) for name in ("voice.wav", "tune.wav"))
    samples = frames * SAMPLE_RATE // FPS
    return Timeline(
        width=WIDTH,
        height=HEIGHT,
        scenes=scenes,
        cues=cues.make(words, fps=FPS, frames=frames, style=CaptionStyle.POP),
        language="en",
        preset=preset,
        narration=(
            Voiced(key=voice.name, sha256=kits.sha256(voice), first_sample=0, samples=samples),
        ),
        music=Music(key=tune.name, sha256=kits.sha256(tune)),
    )


def _scene(n: int, photo: Path) -> Scene:
    return Scene(
        index=n,
        first_frame=n * SCENE_FRAMES,
        frames=SCENE_FRAMES,
        source=kits.picture(photo),
        move=_MOVES[n % len(_MOVES)],
        transition=Transition.CROSSFADE if n else Transition.CUT,
        transition_frames=CROSSFADE_FRAMES if n else 0,
    )


def _against_limit(quick: bool) -> Iterator[Result]:
    for preset, scenes in ((Preset.STANDARD, 2 if quick else 10), (Preset.HIGH, 2)):
        needed = raw.size_bytes(WIDTH, HEIGHT, scenes * SCENE_FRAMES)
        with harness.scratch(needed) as folder:
            yield _to_limit(
                folder, preset, scenes, rounds=1 if quick and preset is Preset.HIGH else 3
            )


def _to_limit(folder: Path, preset: Preset, scenes: int, *, rounds: int) -> Result:
    kit, frames = str(folder), str(folder / "frames.yuv")
    harness.of_work(make, folder=kit, scenes=scenes, preset=preset)
    harness.of_work(films.drawn, folder=kit, frames=frames)
    ours, bare = folder / "ours.mp4", folder / "bare.mp4"
    rounds_of = harness.alternating(
        {
            "limit": lambda: harness.of_work(
                films.encoder_alone, folder=kit, frames=frames, out=str(bare)
            ),
            "ours": lambda: harness.of_work(
                films.whole, folder=kit, out=str(ours), with_sound=False
            ),
        },
        rounds=rounds,
    )
    return limit_result(
        f"W1 ad, {_X264[preset][0]}: CPU to the encoder alone",
        rounds_of,
        (ours, bare, Path(frames)),
        size=(WIDTH, HEIGHT),
        bar=BARS[preset],
    )


def limit_result(
    name: str,
    rounds: Rounds,
    films_and_frames: tuple[Path, Path, Path],
    *,
    size: tuple[int, int],
    bar: float,
) -> Result:
    """Ours against the limit, with how good both look: our film, the limit's, the raw frames."""
    ours, bare, frames = films_and_frames
    spent = rounds.middle("ours")
    looks = quality.measured(ours, frames, width=size[0], height=size[1])
    limits = quality.measured(bare, frames, width=size[0], height=size[1])
    return Result(
        name=name,
        ratio=rounds.ratio("ours", "limit"),
        bar=bar,
        cpu_s=spent.cpu_s,
        wall_s=spent.wall_s,
        peak_mb=spent.peak_mb,
        size_bytes=ours.stat().st_size,
        quality={**looks} | {f"{what}_of_limit": value for what, value in limits.items()},
        note=f"limit {rounds.middle('limit').cpu_s:.2f} s, {bare.stat().st_size / 1e6:.2f} MB",
    )


def _against_peers(quick: bool) -> Iterator[Result]:
    scenes = 2 if quick else 10
    with harness.scratch(1 << 28) as folder:
        harness.of_work(make, folder=str(folder), scenes=scenes, preset=Preset.STANDARD)
        kit, out = Kit.open(str(folder)), folder / "ours.mp4"
        ours = harness.of_work(films.whole, folder=str(folder), out=str(out), with_sound=not quick)
        frames = kit.timeline.frames
        whole = Costs(ours, frames, out)
        yield peers.against(
            "W1 ad: CPU to FFmpeg, zoompan 4x and ASS",
            whole,
            lambda: Costs(_zoompan(kit, folder / "zoompan.mp4", with_sound=not quick), frames),
            bar=_BAR_ZOOMPAN,
        )
        yield skipped("W1 ad: CPU to Remotion", peers.remotion(), bar=_BAR_REMOTION)
        yield peers.against(
            "W1 ad: CPU to MoviePy 2",
            whole,
            lambda: Costs(
                _moviepy(kit, folder / "moviepy.mp4", _MOVIEPY_SECONDS, with_sound=not quick),
                _MOVIEPY_SECONDS * FPS,
            ),
            bar=_BAR_MOVIEPY,
        )


def _zoompan(kit: Kit, out: Path, *, with_sound: bool) -> Spent:
    preset, crf = _X264[Preset.STANDARD]
    program = peers.ffmpeg()
    return harness.of_command(
        naive.ad(kit, out, program=program, preset=preset, crf=crf, with_sound=with_sound)
    )


def _moviepy(kit: Kit, out: Path, seconds: int, *, with_sound: bool) -> Spent:
    """The first seconds of the film by MoviePy, which takes too long for more."""
    preset, crf = _X264[Preset.STANDARD]
    told = {
        "kind": "ad",
        "out": str(out),
        "preset": preset,
        "crf": crf,
        "seconds": seconds,
        "width": WIDTH,
        "height": HEIGHT,
        "font": str(inputs.FONTS / "Anton-Regular.ttf"),
        "voice": str(kit.folder / "voice.wav") if with_sound else "",
        "music": str(kit.folder / "tune.wav"),
        "scenes": list(_scenes_for_moviepy(kit, seconds)),
        "words": [
            {"text": word.text, "start": word.first_frame / FPS, "end": word.end_frame / FPS}
            for cue in kit.timeline.cues
            for word in cue.words
            if word.end_frame <= seconds * FPS
        ],
    }
    return peers.moviepy(told)


def _scenes_for_moviepy(kit: Kit, seconds: int) -> Iterator[dict[str, object]]:
    for scene in kit.timeline.scenes:
        if scene.first_frame >= seconds * FPS:
            return
        shown = kit.timeline.visible_until(scene.index) - scene.first_frame
        yield {
            "path": str(kits.source_file(kit, scene)),
            "start": scene.first_frame / FPS,
            "seconds": shown / FPS,
            "fade": scene.transition_frames / FPS,
            "zoom_from": scene.move.zoom_from,
            "zoom_to": scene.move.zoom_to,
        }
