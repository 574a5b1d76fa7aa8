"""The lines of a film as sound with the time of each word: spoken, or found spoken.

A line is kept under its content key. Once said it is never said again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reelsmith.domain.assets import Asset
from reelsmith.domain.model import Entity
from reelsmith.domain.specs import FilmSpec
from reelsmith.domain.speech import SpokenWord, Timing
from reelsmith.domain.timelines import SAMPLE_RATE, content_key
from reelsmith.errors import Invalid, MediaError
from reelsmith.media import align, pcm, wav
from reelsmith.ports import Deps, Speaker
from reelsmith.recipes import pacing
from reelsmith.recipes.plans import Said
from reelsmith.storage import keys
from reelsmith.usecases import cache, material
from reelsmith.usecases.papers import Desk

VOICE_OVER = "voice-over"
MOST_SOUND_SECONDS = 1_800.0


class _Words(Entity):
    samples: int
    sha256: str
    words: tuple[SpokenWord, ...]
    timing: Timing = "engine"


@dataclass(frozen=True, slots=True)
class Narrator:
    """Who speaks, and in which of its voices; None is its own choice."""

    speaker: Speaker
    voice: str | None


def spoken(deps: Deps, desk: Desk, spec: FilmSpec, line: str, *, narrator: Narrator) -> Said:
    """A line of a film as a narrator says it.

    Raises:
        Invalid: there is no voice for the language, or not the one asked for.
        MediaError: the voice failed on the line.
        Unavailable: the voice is out of reach.
    """
    make = narrator.speaker.fingerprint(language=spec.language, voice=narrator.voice)
    key = keys.speech(desk.tenant, content_key(line, "speech", make))
    return _once(deps, key, lambda: _speak(deps, spec, line, key, narrator))


def found(deps: Deps, desk: Desk, spec: FilmSpec, line: str) -> Said:
    """A line of a film as a ready narration says it, or paced to be read where nobody speaks.

    Raises:
        MediaError: the ready narration cannot be used.
    """
    if spec.voice_over:
        return _say_over(deps, desk, spec, spec.voice_over, line)
    return pacing.read_silently(line)


def warnings(spec: FilmSpec, said: Sequence[Said]) -> tuple[str, ...]:
    """What the owner of a film should know about how its words were timed."""
    if spec.voice_over and any(line.timing == "estimated" for line in said):
        return (
            "word times of the voice-over are estimated from the length of the words: the words "
            "of the prompt were not found in it, or its language is not one that we read",
        )
    return ()


def _say_over(deps: Deps, desk: Desk, spec: FilmSpec, voice_over: str, line: str) -> Said:
    """A ready narration: its words timed by its subtitles, or else by a reading of them."""
    asset = deps.assets.get(desk.tenant, voice_over)
    if spec.captions_file:
        timed = deps.assets.get(desk.tenant, spec.captions_file)
        key = keys.speech(desk.tenant, content_key(line, VOICE_OVER, asset.sha256, timed.sha256))
        return _once(deps, key, lambda: _take_over(deps, asset, key, _by_subtitles(deps, timed)))
    reader = _reader(deps, spec.language)
    make = f"{reader}/{align.RECIPE}" if reader else "estimated"
    key = keys.speech(desk.tenant, content_key(line, VOICE_OVER, asset.sha256, make))
    timing = _by_reading(deps, spec.language if reader else None, line)
    return _once(deps, key, lambda: _take_over(deps, asset, key, timing))


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
    return Said(
        samples=made.samples, words=made.words, key=key, sha256=made.sha256, timing=made.timing
    )


def _speak(deps: Deps, spec: FilmSpec, line: str, key: str, narrator: Narrator) -> _Words:
    with TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw.wav")
        speech = narrator.speaker.speak(
            line, language=spec.language, voice=narrator.voice, out=raw
        )
        samples = wav.resampled(raw, Path(scratch, "said.wav"), rate=SAMPLE_RATE)
        stored = deps.store.put(Path(scratch, "said.wav"), key, content_type="audio/wav")
    return _Words(
        samples=samples, sha256=stored.sha256 or "", words=speech.words, timing=speech.timing
    )


_Timed = tuple[tuple[SpokenWord, ...], Timing]


def _take_over(deps: Deps, asset: Asset, key: str, time: Callable[[Path], _Timed]) -> _Words:
    """Store a caller's narration as a line of ours; `time` gives the words of its WAV."""
    with TemporaryDirectory() as scratch:
        file = deps.store.fetch(asset.key, Path(scratch, "in"))
        sound = pcm.load(file, name=asset.original_filename, max_seconds=MOST_SOUND_SECONDS)
        samples, said = len(sound), Path(scratch, "said.wav")
        wav.write(said, wav.mono(sound), rate=SAMPLE_RATE)
        del sound
        stored = deps.store.put(said, key, content_type="audio/wav")
        words, timing = time(said)
    heard = tuple(word for word in words if word.start < samples / SAMPLE_RATE)
    return _Words(samples=samples, sha256=stored.sha256 or "", words=heard, timing=timing)


def _by_subtitles(deps: Deps, timed: Asset) -> Callable[[Path], _Timed]:
    return lambda _: (material.timed_words(deps, timed), "engine")


def _by_reading(deps: Deps, language: str | None, line: str) -> Callable[[Path], _Timed]:
    """Times by a reading in the language, or by the length of the words where there is none."""

    def timed(said: Path) -> _Timed:
        words = _aligned(deps, language, line, said) if language else ()
        if words:
            return words, "aligned"
        samples, _, rate = wav.shape_of(said)
        return pacing.spread(line, samples / rate), "estimated"

    return timed


def _aligned(deps: Deps, language: str, line: str, said: Path) -> tuple[SpokenWord, ...]:
    with TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw.wav")
        try:
            speech = _cheapest(deps).speak(line, language=language, voice=None, out=raw)
        except MediaError:
            return ()
        reading, _ = wav.read(raw)
    sound, rate = wav.read(said)
    return align.align(
        sound[:, 0], wav.mono(reading), speech.words, rate=rate, reading_rate=speech.rate
    )


def _reader(deps: Deps, language: str) -> str | None:
    """What beside the words decides a reading, or None where nobody reads the language."""
    try:
        return _cheapest(deps).fingerprint(language=language, voice=None)
    except Invalid:
        return None


def _cheapest(deps: Deps) -> Speaker:
    """The voice for what nobody hears: the last of the understudies needs no service."""
    return deps.understudies[-1] if deps.understudies else deps.speaker
