"""W3, mixed sources: stills and clips of other rates, sizes and shapes, with words over them.

Its limit is decoding the clips and encoding the finished frames, both in one process, with nothing
in between: no fitting, no drawing, no confinement of the decoder.
"""

from collections.abc import Mapping
from pathlib import Path

from bench import ad, films, harness, inputs, kits, raw
from bench.harness import Work
from bench.kits import Kit
from bench.results import Result
from reelsmith.domain.jobs import CaptionStyle, Transition
from reelsmith.domain.layers import Clip, Fit, Move, Source, TextBox
from reelsmith.domain.timelines import CROSSFADE_FRAMES, FPS, Scene, Timeline

WIDTH, HEIGHT = 1920, 1080
SCENE_FRAMES = 120
_BAR = 1.18
_STILL = "still"
_CLIPS = {
    "hd24": (1280, 720, 24, Fit.COVER),
    "full60": (1920, 1080, 60, Fit.COVER),
    "upright25": (720, 1280, 25, Fit.CONTAIN),
}
_WHOLE = (_STILL, "hd24", _STILL, "full60", "upright25", _STILL)
_SHORT = (_STILL, "hd24", "upright25")


def measure(quick: bool) -> list[Result]:
    """CPU to decoding and encoding alone."""
    order = _SHORT if quick else _WHOLE
    with harness.scratch(raw.size_bytes(WIDTH, HEIGHT, SCENE_FRAMES * len(order))) as folder:
        home, frames = str(folder), str(folder / "frames.yuv")
        harness.of_work(make, folder=home, order=order)
        harness.of_work(films.drawn, folder=home, frames=frames)
        ours, bare = folder / "ours.mp4", folder / "bare.mp4"
        rounds = harness.alternating(
            {
                "limit": lambda: harness.of_work(
                    decoded_and_encoded, folder=home, frames=frames, out=str(bare)
                ),
                "ours": lambda: harness.of_work(
                    films.whole, folder=home, out=str(ours), with_sound=False
                ),
            },
            rounds=1 if quick else 3,
        )
        return [
            ad.limit_result(
                "W3 mixed sources: CPU to decoding and encoding alone",
                rounds,
                (ours, bare, Path(frames)),
                size=(WIDTH, HEIGHT),
                bar=_BAR,
            )
        ]


def make(folder: str, *, order: list[str]) -> Work:
    """Lay stills and clips into a folder, four seconds of film from each, crossfaded."""
    home = Path(folder)
    photos = iter(inputs.photos(home, order.count(_STILL)))
    scenes, words = [], []
    for n, kind in enumerate(order):
        first = n * SCENE_FRAMES
        source: Source = kits.picture(next(photos)) if kind == _STILL else _clip(home, kind, n)
        scenes.append(_scene(n, source))
        text = f"Scene {n + 1}: {kind}"
        words.append(TextBox(text=text, y=0.85, first_frame=first + 15, end_frame=first + 100))
    timeline = Timeline(
        width=WIDTH,
        height=HEIGHT,
        scenes=tuple(scenes),
        overlays=tuple(words),
        caption_style=CaptionStyle.NONE,
    )
    Kit(home, timeline).save()
    return dict


def _clip(home: Path, kind: str, seed: int) -> Clip:
    width, height, fps, fit = _CLIPS[kind]
    path = home / f"{kind}.mp4"
    seconds = (SCENE_FRAMES + CROSSFADE_FRAMES) / FPS + 1
    inputs.clip(path, width=width, height=height, fps=fps, seconds=seconds, seed=seed)
    return Clip(key=path.name, sha256=kits.sha256(path), name=path.name, fit=fit)


def _scene(n: int, source: Source) -> Scene:
    return Scene(
        index=n,
        first_frame=n * SCENE_FRAMES,
        frames=SCENE_FRAMES,
        source=source,
        move=Move(zoom_from=1.0, zoom_to=1.12, y_from=0.45, y_to=0.55),
        transition=Transition.CROSSFADE if n else Transition.CUT,
        transition_frames=CROSSFADE_FRAMES if n else 0,
    )


def decoded_and_encoded(folder: str, frames: str, out: str) -> Work:
    """The clips of a kit decoded as far as they are seen, then its raw frames encoded."""
    kit = Kit.open(folder)
    encode = films.encoder_alone(folder, frames, out)

    def work() -> Mapping[str, float]:
        for scene in kit.timeline.scenes:
            if isinstance(scene.source, Clip):
                shown = kit.timeline.visible_until(scene.index) - scene.first_frame
                films.decode(kit.folder / scene.source.key, seconds=shown / FPS)
        return encode()

    return work
