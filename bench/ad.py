"""An ad: photos under slow moves, a crossfade, captions that change, at 1080x1920.

What a film costs is told as a ratio to the encoder alone on the very same frames, drawn before
and kept in memory (about 560 MB): what no renderer with this encoder can undercut. CPU seconds of
this process with all its threads, so that other work on the machine disturbs little.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.layers import Card, Move
from reelsmith.domain.timelines import CROSSFADE_FRAMES, FPS, Scene, Timeline
from reelsmith.media import film, scenes
from reelsmith.media.encode import MOTION_CRF, Encoder
from reelsmith.media.planes import Overlay, Planes

WIDTH, HEIGHT = 1080, 1920
SCENE_FRAMES = 90
MOVES = (
    Move(zoom_from=1.0, zoom_to=1.12, x_from=0.4, x_to=0.6),
    Move(zoom_from=1.12, zoom_to=1.0, y_from=0.3, y_to=0.7),
)
_WORD_FRAMES = 9


def a_photo(seed: int) -> NDArray[np.uint8]:
    """A picture with the spectrum of a photograph (1 / f) and some edges, 2400 x 1600."""
    rng = np.random.default_rng(seed)
    rows, columns = np.fft.fftfreq(2400)[:, None], np.fft.rfftfreq(1600)[None]
    falling = 1 / np.maximum(np.hypot(rows, columns), 1 / 1600) ** 1.1
    picture = np.empty((2400, 1600, 3))
    common = rng.standard_normal((2400, 1600))
    for channel in range(3):
        noise = common + 0.4 * rng.standard_normal((2400, 1600))
        picture[..., channel] = np.fft.irfft2(np.fft.rfft2(noise) * falling, s=(2400, 1600))
    picture = 128 + 48 * picture / picture.std()
    for _ in range(40):
        y, x = rng.integers(0, 2200), rng.integers(0, 1400)
        picture[y : y + rng.integers(20, 200), x : x + rng.integers(20, 200)] += rng.normal(0, 40)
    made: NDArray[np.uint8] = np.clip(picture, 0, 255).astype(np.uint8)
    return made


class Plates:
    """Captions of the usual size: a plate of letters-like bars that changes every few frames."""

    def __init__(self) -> None:
        image = np.zeros((220, 860, 4), np.uint8)
        for bar in range(0, 860, 60):
            image[30:190, bar + 8 : bar + 48] = (0, 0, 0, 255)
            image[40:180, bar + 18 : bar + 38] = (255, 230, 0, 255)
        self._states = [
            Overlay.from_rgba(np.roll(image, 20 * n, axis=1), x=110, y=1300) for n in range(3)
        ]

    def at(self, frame: int) -> Overlay | None:
        """The overlay of a frame."""
        return self._states[frame // _WORD_FRAMES % 3]


def a_timeline(*, moving: bool) -> Timeline:
    """Two scenes with a crossfade between them."""
    made = tuple(
        Scene(
            index=n,
            first_frame=n * SCENE_FRAMES,
            frames=SCENE_FRAMES,
            source=Card(text="bench"),
            move=move if moving else Move(),
            transition_frames=CROSSFADE_FRAMES if n and moving else 0,
        )
        for n, move in enumerate(MOVES)
    )
    return Timeline(width=WIDTH, height=HEIGHT, fps=FPS, scenes=made)


def measure(*, rounds: int, threads: int) -> Iterator[str]:
    """Lines of figures, medians over `rounds`."""
    photos = {n: a_photo(n) for n in range(len(MOVES))}
    timeline = a_timeline(moving=True)
    frames = _drawn(timeline, photos)
    bare = _median(lambda: _encode(frames, threads), rounds)
    drawing = _median(lambda: _draw(timeline, photos), rounds)
    whole = _median(lambda: _film(timeline, photos, threads, captions=Plates()), rounds)
    held = _median(lambda: _film(a_timeline(moving=False), photos, threads, captions=None), rounds)
    each = 1000 / timeline.frames
    yield f"ad  {WIDTH}x{HEIGHT}, {timeline.frames} frames, {threads} threads, {rounds} rounds"
    for name, seconds in {
        "the encoder alone": bare,
        "drawing alone": drawing,
        "film": whole,
        "film of stills that stand": held,
    }.items():
        yield f"    {name:26} {seconds * each:6.2f} ms a frame, {seconds / bare:.3f} of it"


def _median(work: Callable[[], None], rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent)


def _shots(timeline: Timeline, photos: dict[int, NDArray[np.uint8]]) -> Iterator[scenes.Shot]:
    for scene in timeline.scenes:
        yield scenes.Shot(timeline, scene.index, sources=photos, captions=Plates())


def _drawn(timeline: Timeline, photos: dict[int, NDArray[np.uint8]]) -> list[av.VideoFrame]:
    frames = []
    for scene, shot in zip(timeline.scenes, _shots(timeline, photos), strict=True):
        for number in range(scene.first_frame, scene.end_frame):
            frames.append(av.VideoFrame(WIDTH, HEIGHT, "yuv420p"))
            shot.draw(number, Planes.of(frames[-1]))
    return frames


def _draw(timeline: Timeline, photos: dict[int, NDArray[np.uint8]]) -> None:
    canvas = Planes.black(WIDTH, HEIGHT)
    for scene, shot in zip(timeline.scenes, _shots(timeline, photos), strict=True):
        for number in range(scene.first_frame, scene.end_frame):
            shot.draw(number, canvas)


def _encode(frames: list[av.VideoFrame], threads: int) -> None:
    encoder = Encoder(width=WIDTH, height=HEIGHT, fps=FPS, threads=threads, crf=MOTION_CRF)
    for frame in frames:
        list(encoder.add(frame))
    list(encoder.finish())


def _film(
    timeline: Timeline,
    photos: dict[int, NDArray[np.uint8]],
    threads: int,
    captions: Plates | None,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = [
            scenes.render(
                timeline,
                scene.index,
                sources=photos,
                captions=captions,
                threads=threads,
                into=Path(folder) / f"{scene.index}.seg",
                progress=lambda _done: None,
            ).path
            for scene in timeline.scenes
        ]
        film.assemble(parts, None, Path(folder) / "film.mp4", width=WIDTH, height=HEIGHT, fps=FPS)
