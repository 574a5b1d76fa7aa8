"""The first two tasks of a film: lay down the plan, speak its lines, fix every frame."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reelsmith.domain.assets import Asset
from reelsmith.domain.jobs import Stage, UgcSpec
from reelsmith.domain.manifests import Voice
from reelsmith.domain.model import Entity, Moment
from reelsmith.domain.specs import as_film
from reelsmith.domain.speech import SpokenWord
from reelsmith.domain.timelines import SAMPLE_RATE, Timeline, content_key
from reelsmith.media import build, cuts, pcm, wav
from reelsmith.ports import Deps
from reelsmith.recipes import kinds, pacing
from reelsmith.recipes.plans import Plan, Said
from reelsmith.storage import keys
from reelsmith.usecases import cache, material, papers
from reelsmith.usecases.papers import Desk, Part, ShootingScript
from reelsmith.usecases.progress import Reporter

VOICE_OVER = "voice-over"
MOST_SOUND_SECONDS = 1_800.0


class _Words(Entity):
    samples: int
    sha256: str
    words: tuple[SpokenWord, ...]


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
    report = Reporter(deps, desk, Stage.ANALYSING_PROMPT)
    report(0)
    spec = as_film(deps.jobs.spec(desk.tenant, desk.job_id))
    assets = deps.assets.get_many(desk.tenant, _asset_ids(spec))
    sizes: dict[str, tuple[int, int]] = {}
    for done, asset in enumerate(assets.values(), 1):
        if size := material.inspected(deps, asset):
            sizes[asset.id] = size
        report(done / len(assets))
    made = kinds.plan(spec, title=job.title, assets=assets, sizes=sizes)
    papers.lay(deps, desk, papers.PLAN, made)
    return made


def narrate(deps: Deps, desk: Desk) -> ShootingScript:
    """Speak the lines, or find them spoken; make the timeline and name its segments.

    Raises:
        Invalid: there is no voice for the language, or not the one asked for.
        MediaError: the voice failed on a line.
        Cancelled, Stale: as `papers.at_work`.
    """
    job = papers.at_work(deps, desk)
    report = Reporter(deps, desk, Stage.SYNTHESIZING_AUDIO)
    laid = papers.take(deps, desk, papers.PLAN, Plan)
    spec = as_film(deps.jobs.spec(desk.tenant, desk.job_id))
    said = []
    for done, line in enumerate(laid.lines, 1):
        said.append(_say(deps, desk, spec, line))
        report(done / len(laid.lines))
    timeline = pacing.timeline(laid, said, voice_engine=_engine(deps, spec))
    since = job.fresh_since or (job.created_at if spec.fresh else None)
    script = _script(deps, desk, spec, timeline, since=since)
    papers.lay(deps, desk, papers.SCRIPT, script)
    return script


def _asset_ids(spec: UgcSpec) -> Sequence[str]:
    named = (*spec.images, spec.music, spec.voice_over, spec.captions_file)
    return [asset_id for asset_id in named if asset_id]


def _say(deps: Deps, desk: Desk, spec: UgcSpec, line: str) -> Said:
    """The line as sound under its content key: once spoken it is never spoken again."""
    if spec.voice is None and spec.voice_over is None:
        return pacing.read_silently(line)
    if spec.voice_over:
        return _say_over(deps, desk, spec.voice_over, spec.captions_file, line)
    voice = deps.speaker.fingerprint(language=spec.language, voice=_named(spec.voice))
    key = keys.speech(desk.tenant, content_key(line, "speech", voice))
    return _once(deps, key, lambda: _speak(deps, spec, line, key))


def _say_over(
    deps: Deps, desk: Desk, voice_over: str, captions_file: str | None, line: str
) -> Said:
    """A ready narration, its words timed by its subtitles or else by their length."""
    asset = deps.assets.get(desk.tenant, voice_over)
    timed = deps.assets.get(desk.tenant, captions_file) if captions_file else None
    key = keys.speech(
        desk.tenant, content_key(line, VOICE_OVER, asset.sha256, timed.sha256 if timed else "")
    )
    return _once(deps, key, lambda: _take_over(deps, asset, timed, line, key))


def _once(deps: Deps, key: str, make: Callable[[], _Words]) -> Said:
    """What is stored under a content key, made first when it is not there.

    The words are written last: where they are, the sound is whole.
    """
    words_key = keys.words(key)
    if cache.holds(deps, words_key, key):
        made = _Words.model_validate_json(deps.store.read(words_key))
    else:
        made = make()
        body = made.model_dump_json().encode()
        deps.store.write(body, words_key, content_type="application/json")
    return Said(samples=made.samples, words=made.words, key=key, sha256=made.sha256)


def _speak(deps: Deps, spec: UgcSpec, line: str, key: str) -> _Words:
    with TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw.wav")
        speech = deps.speaker.speak(
            line, language=spec.language, voice=_named(spec.voice), out=raw
        )
        samples = wav.resampled(raw, Path(scratch, "said.wav"), rate=SAMPLE_RATE)
        stored = deps.store.put(Path(scratch, "said.wav"), key, content_type="audio/wav")
    return _Words(samples=samples, sha256=stored.sha256 or "", words=speech.words)


def _take_over(deps: Deps, asset: Asset, timed: Asset | None, line: str, key: str) -> _Words:
    with TemporaryDirectory() as scratch:
        file = deps.store.fetch(asset.key, Path(scratch, "in"))
        sound = pcm.load(file, name=asset.original_filename, max_seconds=MOST_SOUND_SECONDS)
        said = Path(scratch, "said.wav")
        wav.write(said, wav.mono(sound), rate=SAMPLE_RATE)
        stored = deps.store.put(said, key, content_type="audio/wav")
    seconds = len(sound) / SAMPLE_RATE
    words = material.timed_words(deps, timed) if timed else pacing.spread(line, seconds)
    heard = tuple(word for word in words if word.start < seconds)
    return _Words(samples=len(sound), sha256=stored.sha256 or "", words=heard)


def _named(voice: str | None) -> str | None:
    return None if voice == "auto" else voice


def _engine(deps: Deps, spec: UgcSpec) -> str:
    return VOICE_OVER if spec.voice_over else deps.speaker.name


def _warnings(spec: UgcSpec) -> tuple[str, ...]:
    if spec.voice_over and not spec.captions_file:
        return ("word times of the voice-over are estimated from the length of the words",)
    return ()


def _script(
    deps: Deps, desk: Desk, spec: UgcSpec, timeline: Timeline, *, since: Moment | None
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
    files = deps.assets.get_many(desk.tenant, _asset_ids(spec)).values()
    return ShootingScript(
        timeline=timeline,
        parts=cut,
        reused=tuple(n for n, there in enumerate(found) if there),
        fresh_since=since,
        sizes={file.sha256: file.size_bytes for file in files},
        voice=_voice(deps, spec, timeline),
        warnings=_warnings(spec),
    )


def _voice(deps: Deps, spec: UgcSpec, timeline: Timeline) -> Voice | None:
    """Who spoke. A ready narration has no other make than its own hash, which is an input."""
    if timeline.voice_engine is None:
        return None
    make = (
        ""
        if spec.voice_over
        else deps.speaker.fingerprint(language=spec.language, voice=_named(spec.voice))
    )
    return Voice(engine=timeline.voice_engine, fingerprint=make)
