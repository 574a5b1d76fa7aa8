"""Scenes into segments, segments and sound into a film."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from reelsmith.domain.jobs import CaptionStyle, Stage
from reelsmith.domain.model import Entity
from reelsmith.domain.resources import Resources
from reelsmith.domain.shares import Share
from reelsmith.domain.specs import as_film
from reelsmith.domain.timelines import Timeline
from reelsmith.errors import NotFound
from reelsmith.media import film, scenes, segments, sound, stream
from reelsmith.media.captions import Captions
from reelsmith.media.coding import Progress
from reelsmith.media.overlays import Overlays
from reelsmith.media.tracks import AacTrack
from reelsmith.ports import Deps
from reelsmith.telemetry import log
from reelsmith.usecases import cache, fanout, material, papers
from reelsmith.usecases.material import Reel
from reelsmith.usecases.papers import Desk, ShootingScript
from reelsmith.usecases.progress import Reporter, ShareReporter

_FETCHES = 8  # segments on their way at a time


class Rendered(Entity):
    """What a render task did: frames it coded, parts that somebody else had made meanwhile."""

    frames: int
    found: int
    promised: Resources


def render(deps: Deps, desk: Desk, share: Share) -> Rendered:
    """Render the parts of one task, each stored under its content key as soon as it is done.

    Raises:
        MediaError: a picture cannot be used.
        Cancelled, Stale: the job was called off, or another attempt took over.
    """
    papers.at_work(deps, desk)
    script = papers.take(deps, desk, papers.SCRIPT, ShootingScript)
    report = ShareReporter(deps, desk, share.index, tasks=len(script.parts))
    done = coded = found = 0
    with (
        TemporaryDirectory() as scratch,
        closing(_Studio(deps, script, Path(scratch))) as studio,
    ):
        for number in script.missing_of(share.first, share.end):
            key, since = script.parts[number].key, script.fresh_since
            if cache.holds(deps, key, since=since):
                found += 1
            else:
                studio.make(number, progress=partial(_add, report, done)).unlink()
                coded += len(script.part(number).frames)
            done += len(script.part(number).frames)
            report(done, now=True)
    return Rendered(frames=coded, found=found, promised=fanout.promise(script, share))


class _Studio:
    """Renders parts of one film, keeping the files that they share in `room`."""

    def __init__(self, deps: Deps, script: ShootingScript, room: Path) -> None:
        self._deps = deps
        self._script = script
        self._room = room
        self._reel = Reel(deps, script.timeline, room)

    def close(self) -> None:
        """End what is still open."""
        self._reel.close()

    @cached_property
    def _captions(self) -> Captions | None:
        timeline = self._script.timeline
        return None if timeline.caption_style is CaptionStyle.NONE else Captions(timeline)

    @cached_property
    def _overlays(self) -> Overlays | None:
        return material.overlays(self._deps, self._script.timeline, self._room)

    def make(self, number: int, *, progress: Progress) -> Path:
        """Render a part, store it under its key, and give the local file as well."""
        part = self._script.part(number)
        timeline = self._script.timeline
        segment = self._room / f"{number}.seg"
        scenes.render(
            timeline,
            part.scene,
            sources=self._reel.sources(part.scene, part=part.frames),
            captions=self._captions,
            overlays=self._overlays,
            threads=self._deps.settings.encoder_threads,
            into=segment,
            progress=progress,
            part=part.frames,
        )
        self._deps.meter.holds(self._room)
        self._deps.store.put(segment, part.key, content_type="application/octet-stream")
        return segment


class Assembled(Entity):
    """A film that was joined; `repaired` counts segments that were damaged or gone."""

    size_bytes: int
    repaired: int


def assemble(deps: Deps, desk: Desk) -> Assembled:
    """Join the segments, make the sound once, write the film.

    A segment that is gone, or not what was written, is rendered again on the spot.

    Raises:
        MediaError: segments do not fit together, or a sound file cannot be used.
        Cancelled, Stale: as `papers.at_work`.
    """
    papers.at_work(deps, desk)
    report = Reporter(deps, desk, Stage.ASSEMBLING_VIDEO)
    report(0)
    script = papers.take(deps, desk, papers.SCRIPT, ShootingScript)
    timeline = script.timeline
    with TemporaryDirectory() as scratch:
        room = Path(scratch)
        mastered = sound.master(timeline, files=material.sounds(deps, timeline, room))
        report(0.6)
        files, repaired = _segments(deps, script, room)
        out = room / "film.mp4"
        film.assemble(
            files,
            mastered.track,
            out,
            width=timeline.width,
            height=timeline.height,
            fps=timeline.fps,
        )
        if as_film(deps.jobs.spec(desk.tenant, desk.job_id)).hls:
            _stream(deps, desk, timeline, files, heard=mastered.track, room=room)
        deps.meter.holds(room)
        stored = deps.store.put(out, desk.key(papers.FILM), content_type="video/mp4")
    report(1)
    return Assembled(size_bytes=stored.size_bytes, repaired=repaired)


def _stream(
    deps: Deps,
    desk: Desk,
    timeline: Timeline,
    parts: Sequence[Path],
    *,
    heard: AacTrack,
    room: Path,
) -> None:
    """Join the same segments and the same sound for players that read in pieces."""
    out = room / papers.STREAM
    facts = stream.write(
        parts, heard, out, width=timeline.width, height=timeline.height, fps=timeline.fps
    )
    deps.store.put(out, desk.key(papers.STREAM), content_type="video/mp4")
    papers.lay(deps, desk, papers.STREAM_FACTS, facts)


def _segments(deps: Deps, script: ShootingScript, room: Path) -> tuple[list[Path], int]:
    """The segments of a film as sound files, and how many had to be rendered again for that."""
    numbers = {key: number for number, key in enumerate(script.segments)}
    with ThreadPoolExecutor(_FETCHES) as fetches:
        sound_ones = fetches.map(partial(_fetched, deps, room), numbers.values(), numbers)
        files = dict(zip(numbers, sound_ones, strict=True))
    broken = [number for key, number in numbers.items() if files[key] is None]
    with closing(_Studio(deps, script, room)) as studio:
        mended = {number: studio.make(number, progress=lambda _done: None) for number in broken}
    if broken:
        log.warning("segments were damaged or gone", extra={"parts": broken[:20]})
    return [files[key] or mended[numbers[key]] for key in script.segments], len(broken)


def _fetched(deps: Deps, room: Path, number: int, key: str) -> Path | None:
    """A segment as a file; None when it is gone or holds other bytes than were written."""
    try:
        file = deps.store.fetch(key, room / f"{number}.seg")
    except NotFound:
        return None
    return file if segments.is_sound(file) else None


def _add(report: ShareReporter, before: int, done: int) -> None:
    report(before + done)
