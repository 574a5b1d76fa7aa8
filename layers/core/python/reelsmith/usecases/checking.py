"""The finished film held against its timeline; its report, manifest and subtitle files."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from reelsmith.domain.jobs import Stage
from reelsmith.domain.manifests import Manifest
from reelsmith.domain.quality import Quality, Report
from reelsmith.domain.specs import as_film
from reelsmith.media import check, manifest, promises, report
from reelsmith.media.witness import Witness
from reelsmith.ports import Deps
from reelsmith.recipes.plans import Plan
from reelsmith.text import subtitles
from reelsmith.usecases import papers
from reelsmith.usecases.papers import Checked, Desk, ShootingScript
from reelsmith.usecases.progress import Reporter


def verify(deps: Deps, desk: Desk) -> Checked:
    """Measure the film, write what is kept beside it, and hold it against its timeline.

    The report is written even when a promise is broken.

    Raises:
        BrokenPromise: the film is not what was promised; the message says in what.
        Cancelled, Stale: as `papers.at_work`.
    """
    papers.at_work(deps, desk)
    Reporter(deps, desk, Stage.CHECKING)(0)
    script = papers.take(deps, desk, papers.SCRIPT, ShootingScript)
    plan = papers.take(deps, desk, papers.PLAN, Plan)
    witness = Witness(script.timeline)
    with TemporaryDirectory() as scratch:
        film = deps.store.fetch(desk.key(papers.FILM), Path(scratch, "film.mp4"))
        measured = check.measure(film, witness=witness)
        told = report.make(measured, witness.seen(film), script.timeline, lines=plan.lines)
    papers.lay(deps, desk, papers.REPORT, told)
    promises.hold(told.promises)
    papers.lay(deps, desk, papers.MANIFEST, _manifest(deps, script, witness, told))
    checked = Checked(
        measured=measured,
        quality=Quality.of(told),
        beside=(
            *(papers.REPORT, papers.MANIFEST),
            *_captions(deps, desk, script),
            *_stream(deps, desk),
        ),
        warnings=(*script.warnings, *told.warnings),
    )
    papers.lay(deps, desk, papers.CHECKED, checked)
    return checked


def _stream(deps: Deps, desk: Desk) -> tuple[str, ...]:
    """What the film is streamed from, if that was asked for."""
    asked = as_film(deps.jobs.spec(desk.tenant, desk.job_id)).hls
    return (papers.STREAM, papers.STREAM_FACTS) if asked else ()


def _manifest(deps: Deps, script: ShootingScript, witness: Witness, told: Report) -> Manifest:
    return manifest.make(
        script.timeline,
        segments=script.segments,
        hashes=witness.hashes(),
        film_sha256=told.measured.sha256,
        voice=script.voice,
        threads=deps.settings.encoder_threads,
    )


def _captions(deps: Deps, desk: Desk, script: ShootingScript) -> Iterator[str]:
    """Write the words of the film as subtitle files, if it has any; gives their names."""
    cues, fps = script.timeline.cues, script.timeline.fps
    if not cues:
        return
    srt = subtitles.as_srt(cues, fps=fps)
    vtt = subtitles.as_vtt(cues, fps=fps, language=script.timeline.language)
    for name, text, content_type in (
        (papers.SRT, srt, subtitles.SRT_TYPE),
        (papers.VTT, vtt, subtitles.VTT_TYPE),
    ):
        deps.store.write(text.encode(), desk.key(name), content_type=content_type)
        yield name
