"""Scenes into segments, segments and sound into a film, and the film measured."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.jobs import CaptionStyle, Stage
from reelsmith.domain.layers import Card
from reelsmith.domain.timelines import Timeline
from reelsmith.media import cards, check, film, pictures, scenes, sound
from reelsmith.media.captions import Captions
from reelsmith.ports import Deps
from reelsmith.usecases import papers
from reelsmith.usecases.papers import Checked, Desk, ShootingScript
from reelsmith.usecases.progress import Reporter

# A task renders for five to ten seconds of film: smaller ones cost up to twice the CPU, and each
# costs a state transition (facts of the render study, "chunk size").
TASK_FRAMES = 240
_OVERSIZE = 1.4  # a still is kept this much larger than the film, so that zooming stays sharp


def tasks(script: ShootingScript) -> tuple[tuple[int, ...], ...]:
    """The scenes that nobody has rendered yet, in runs that are worth a task each."""
    runs: list[list[int]] = []
    frames = 0
    seen: set[str] = set()
    for scene, key in zip(script.timeline.scenes, script.segments, strict=True):
        if scene.index in script.reused or key in seen:
            continue
        seen.add(key)
        if not runs or frames + scene.frames > TASK_FRAMES:
            runs.append([])
            frames = 0
        runs[-1].append(scene.index)
        frames += scene.frames
    return tuple(tuple(run) for run in runs)


def render(deps: Deps, desk: Desk, wanted: Sequence[int]) -> int:
    """Render the scenes of one task, each stored under its content key as soon as it is done.

    Returns:
        The number of frames rendered; scenes found rendered meanwhile are not done again.

    Raises:
        MediaError: a picture cannot be used.
        Cancelled, Stale: the job was called off, or another attempt took over.
    """
    papers.at_work(deps, desk)
    script = papers.take(deps, desk, papers.SCRIPT, ShootingScript)
    timeline = script.timeline
    report = Reporter(deps, desk, Stage.RENDERING)
    captions = None if timeline.caption_style is CaptionStyle.NONE else Captions(timeline)
    rendered = 0
    with TemporaryDirectory() as scratch:
        for index in wanted:
            if deps.store.head(script.segments[index]):
                continue
            scene = timeline.scenes[index]
            segment = Path(scratch, f"{index}.seg")
            scenes.render(
                timeline,
                index,
                sources=_sources(deps, timeline, index, Path(scratch)),
                captions=captions,
                threads=deps.settings.encoder_threads,
                into=segment,
                progress=partial(_tell, report, scene.first_frame, timeline.frames),
            )
            deps.store.put(
                segment, script.segments[index], content_type="application/octet-stream"
            )
            segment.unlink()
            rendered += scene.frames
    return rendered


def assemble(deps: Deps, desk: Desk) -> int:
    """Join the segments, make the sound once, write the film. Gives its size in bytes.

    Raises:
        NotFound: a segment is missing.
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
        mastered = sound.master(timeline, files=_sounds(deps, timeline, room))
        report(0.6)
        out = room / "film.mp4"
        film.assemble(
            [deps.store.fetch(key, room / f"{n}.seg") for n, key in enumerate(script.segments)],
            mastered.track,
            out,
            width=timeline.width,
            height=timeline.height,
            fps=timeline.fps,
        )
        stored = deps.store.put(out, desk.key(papers.FILM), content_type="video/mp4")
    report(1)
    return stored.size_bytes


def verify(deps: Deps, desk: Desk) -> Checked:
    """Measure the film and hold it against its timeline.

    Raises:
        BrokenPromise: it is not what was promised; the message says in what.
        Cancelled, Stale: as `papers.at_work`.
    """
    papers.at_work(deps, desk)
    Reporter(deps, desk, Stage.CHECKING)(0)
    script = papers.take(deps, desk, papers.SCRIPT, ShootingScript)
    with TemporaryDirectory() as scratch:
        made = deps.store.fetch(desk.key(papers.FILM), Path(scratch, "film.mp4"))
        measured = check.measure(made)
    warnings = check.verify(measured, script.timeline)
    checked = Checked(measured=measured, warnings=(*script.warnings, *warnings))
    papers.lay(deps, desk, papers.CHECKED, checked)
    return checked


def _tell(report: Reporter, first: int, frames: int, done: int) -> None:
    report((first + done) / frames)


def _sources(
    deps: Deps, timeline: Timeline, index: int, room: Path
) -> Mapping[int, NDArray[np.uint8]]:
    needed = [index]
    if timeline.scenes[index].transition_frames:
        needed.append(index - 1)
    return {n: _source(deps, timeline, n, room) for n in needed}


def _source(deps: Deps, timeline: Timeline, index: int, room: Path) -> NDArray[np.uint8]:
    source = timeline.scenes[index].source
    if isinstance(source, Card):
        return cards.draw(source, timeline.width, timeline.height)
    file = room / source.sha256
    if not file.exists():
        deps.store.fetch(source.key, file)
    longest = round(max(timeline.width, timeline.height) * _OVERSIZE)
    return pictures.load(file, name=source.name, longest_side=longest)


def _sounds(deps: Deps, timeline: Timeline, room: Path) -> Mapping[str, Path]:
    wanted = {voiced.key for voiced in timeline.narration}
    if timeline.music:
        wanted.add(timeline.music.key)
    return {
        key: deps.store.fetch(key, room / f"sound-{n}") for n, key in enumerate(sorted(wanted))
    }
