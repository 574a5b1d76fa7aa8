"""Films as the render tasks make them, and the encoder alone on the same pictures."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path

import av

from bench import raw
from bench.harness import Work
from bench.kits import Kit, reel
from reelsmith.media import film, scenes, segments, sound
from reelsmith.media.coded import Picture
from reelsmith.media.encode import Encoder, profile
from reelsmith.media.planes import Planes

THREADS = 2


def decode(path: Path, *, seconds: float = inf) -> None:
    """Decode the pictures of a file, up to some second, and drop them."""
    for frame in decoded(path):
        if frame.time >= seconds:
            return


def decoded(path: Path) -> Iterator[av.VideoFrame]:
    """The pictures of a file, one after the other."""
    with av.open(str(path)) as opened:
        opened.streams.video[0].codec_context.thread_count = THREADS
        yield from opened.decode(video=0)


def whole(folder: str, out: str, *, with_sound: bool) -> Work:
    """The film of a kit, from its files to an MP4 at `out`."""
    kit = Kit.open(folder)

    def work() -> Mapping[str, float]:
        timeline = kit.timeline
        parts = list(_segments(kit, range(len(timeline.scenes)), Path(out).parent))
        track = sound.master(timeline, files=kit.files).track if with_sound else None
        size = timeline.width, timeline.height
        made = film.assemble(
            parts, track, Path(out), width=size[0], height=size[1], fps=timeline.fps
        )
        return {"frames": made.frames, "size_bytes": made.size_bytes}

    return work


def opened(folder: str) -> Work:
    """The sources of a kit's scenes, decoded and no more."""
    kit = Kit.open(folder)

    def work() -> Mapping[str, float]:
        with reel(kit) as (sources, _):
            return {"sources": sum(len(sources.sources(s.index)) for s in kit.timeline.scenes)}

    return work


def task(folder: str, into: str, *, first: int, end: int) -> Work:
    """The segments of some scenes of a kit, as one render task makes them."""
    kit = Kit.open(folder)

    def work() -> Mapping[str, float]:
        made = list(_segments(kit, range(first, end), Path(into)))
        return {"size_bytes": sum(path.stat().st_size for path in made)}

    return work


def encoder_alone(folder: str, frames: str, out: str, *, each: int = 1) -> Work:
    """The raw frames of a kit's film through the encoder with the same settings, to an MP4.

    Pictures that stand, `each` for so many frames, are coded as finely as ours are.
    """
    timeline = Kit.open(folder).timeline
    size = {"width": timeline.width, "height": timeline.height, "fps": timeline.fps}
    shown = [raw.frame(one) for one in raw.load(Path(frames), timeline.width, timeline.height)]

    def work() -> Mapping[str, float]:
        chosen = profile(timeline.codec, timeline.preset)
        crf = chosen.motion_crf if each == 1 else chosen.hold_crf
        encoder = Encoder(**size, threads=THREADS, crf=crf, profile=chosen)
        played = (frame for frame in shown for _ in range(each))
        coded = [picture for frame in played for picture in encoder.add(frame)]
        coded += encoder.finish()
        made = _film_of(coded, encoder, Path(out), size)
        return {"frames": made.frames, "size_bytes": made.size_bytes}

    return work


def one_pass(folder: str, out: str) -> Work:
    """The pictures of a kit's film, drawn and coded in one go by one encoder, to an MP4."""
    kit = Kit.open(folder)
    timeline = kit.timeline
    size = {"width": timeline.width, "height": timeline.height, "fps": timeline.fps}

    def work() -> Mapping[str, float]:
        chosen = profile(timeline.codec, timeline.preset)
        encoder = Encoder(**size, threads=THREADS, crf=chosen.motion_crf, profile=chosen)
        coded = [picture for _ in _drawings(kit, encoder.canvas, 1) for picture in encoder.add()]
        coded += encoder.finish()
        made = _film_of(coded, encoder, Path(out), size)
        return {"size_bytes": made.size_bytes}

    return work


def joined(folder: str, out: str) -> Work:
    """The film of a kit from the segments that lie in its folder already."""
    kit = Kit.open(folder)

    def work() -> Mapping[str, float]:
        timeline = kit.timeline
        parts = [kit.folder / f"{scene.index}.seg" for scene in timeline.scenes]
        size = {"width": timeline.width, "height": timeline.height, "fps": timeline.fps}
        made = film.assemble(parts, None, Path(out), **size)
        return {"size_bytes": made.size_bytes}

    return work


def drawn(folder: str, frames: str, *, every: int = 1) -> Work:
    """The pictures of a kit's film before any coding, all or one of `every`, to a file."""
    kit = Kit.open(folder)

    def work() -> Mapping[str, float]:
        canvas = Planes.black(kit.timeline.width, kit.timeline.height)
        raw.write(Path(frames), (canvas for _ in _drawings(kit, canvas, every)))
        return {}

    return work


def _segments(kit: Kit, wanted: range, into: Path) -> Iterator[Path]:
    with reel(kit) as (sources, overlays):
        captions = kit.captions
        for index in wanted:
            yield scenes.render(
                kit.timeline,
                index,
                sources=sources.sources(index),
                captions=captions,
                overlays=overlays,
                threads=THREADS,
                into=into / f"{index}.seg",
                progress=lambda _done: None,
            ).path


def _drawings(kit: Kit, canvas: Planes, every: int) -> Iterator[int]:
    """Draw all frames of a film, or one of `every`, one after the other; gives their numbers."""
    with reel(kit) as (sources, overlays):
        captions = kit.captions
        for scene in kit.timeline.scenes:
            shot = scenes.Shot(
                kit.timeline,
                scene.index,
                sources=sources.sources(scene.index),
                captions=captions,
                overlays=overlays,
            )
            for number in range(scene.first_frame, scene.end_frame, every):
                shot.draw(number, canvas)
                yield number


def _film_of(
    coded: Sequence[Picture], encoder: Encoder, out: Path, size: Mapping[str, int]
) -> film.FilmFacts:
    part = out.with_suffix(".seg")
    segments.write(part, [coded], **size, header=encoder.headers.pop())
    return film.assemble([part], None, out, **size)
