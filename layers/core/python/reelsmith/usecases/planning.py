"""The first two tasks of a film: lay down the plan, speak its lines, fix every frame."""

from reelsmith.domain.assets import DECKS
from reelsmith.domain.jobs import Stage
from reelsmith.domain.model import Moment
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.domain.specs import FilmSpec, as_film
from reelsmith.domain.timelines import Timeline, content_key
from reelsmith.media import build, cuts
from reelsmith.ports import Deps
from reelsmith.recipes import kinds, pacing
from reelsmith.recipes.plans import Plan
from reelsmith.storage import keys
from reelsmith.usecases import cache, casting, material, papers, presenting
from reelsmith.usecases.casting import Narration
from reelsmith.usecases.papers import Desk, Part, ShootingScript
from reelsmith.usecases.progress import Reporter


def plan(deps: Deps, desk: Desk) -> Plan:
    """See that every file can be used, and lay the words over the pictures.

    An attempt that goes on from an earlier one takes its plan over.

    Raises:
        MediaError: a file cannot be used; the message names it as its owner does.
        Cancelled, Stale: as `papers.at_work`.
    """
    job = papers.at_work(deps, desk)
    if kept := papers.taken_over(deps, job, papers.PLAN, Plan):
        return kept
    spec = as_film(deps.jobs.spec(desk.tenant, desk.job_id))
    slides = isinstance(spec, PresentationSpec)
    report = Reporter(deps, desk, Stage.PROCESSING_SLIDES if slides else Stage.ANALYSING_PROMPT)
    report(0)
    assets = deps.assets.get_many(desk.tenant, list(spec.material))
    sizes: dict[str, tuple[int, int]] = {}
    for done, asset in enumerate(assets.values(), 1):
        if asset.file_type in DECKS:
            continue
        if size := material.inspected(deps, asset):
            sizes[asset.id] = size
        report(0 if slides else done / len(assets))
    if isinstance(spec, PresentationSpec):
        made = presenting.plan(deps, spec, title=job.title, assets=assets, report=report)
    else:
        made = kinds.plan(spec, title=job.title, assets=assets, sizes=sizes)
    papers.lay(deps, desk, papers.PLAN, made)
    return made


def narrate(deps: Deps, desk: Desk) -> ShootingScript:
    """Speak the lines, or find them spoken; make the timeline and name its segments.

    Raises:
        Invalid, MediaError, Unavailable: as `casting.narrated`.
        Cancelled, Stale: as `papers.at_work`.
    """
    job = papers.at_work(deps, desk)
    report = Reporter(deps, desk, Stage.SYNTHESIZING_AUDIO)
    laid = papers.take(deps, desk, papers.PLAN, Plan)
    spec = as_film(deps.jobs.spec(desk.tenant, desk.job_id))
    told = casting.narrated(deps, desk, spec, laid.lines, report)
    timeline = pacing.timeline(laid, told.said, voice_engine=told.engine)
    since = job.fresh_since or (job.created_at if spec.fresh else None)
    script = _script(deps, desk, spec, timeline, told=told, since=since)
    shown = {"slides": laid.slides, "warnings": (*told.warnings, *laid.warnings)}
    script = script.model_copy(update=shown)
    papers.lay(deps, desk, papers.SCRIPT, script)
    return script


def _script(
    deps: Deps,
    desk: Desk,
    spec: FilmSpec,
    timeline: Timeline,
    *,
    told: Narration,
    since: Moment | None,
) -> ShootingScript:
    renderer = build.fingerprint(
        threads=deps.settings.encoder_threads, codec=timeline.codec, preset=timeline.preset
    )
    cut = tuple(
        Part(
            scene=scene.index,
            first=frames.start,
            end=frames.stop,
            key=keys.segment(
                desk.tenant, content_key(timeline.picture_form(scene.index, frames), renderer)
            ),
        )
        for scene in timeline.scenes
        for frames in cuts.spans(scene.frames)
    )
    found = cache.held(deps, [part.key for part in cut], since=since)
    files = deps.assets.get_many(desk.tenant, list(spec.material)).values()
    return ShootingScript(
        timeline=timeline,
        parts=cut,
        reused=tuple(n for n, there in enumerate(found) if there),
        fresh_since=since,
        sizes={file.sha256: file.size_bytes for file in files},
        voice=told.voice if timeline.voice_engine else None,
    )
