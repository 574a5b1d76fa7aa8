"""Who narrates a film: the voice of the stage, or one of its understudies, and why.

A film has one voice. Where it fails on a line, the film is begun again in the next voice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reelsmith.domain.manifests import Voice
from reelsmith.domain.specs import FilmSpec
from reelsmith.errors import Invalid, MediaError, Unavailable
from reelsmith.ports import Deps
from reelsmith.recipes.plans import Said
from reelsmith.usecases import voicing
from reelsmith.usecases.papers import Desk
from reelsmith.usecases.voicing import VOICE_OVER, Narrator

Report = Callable[[float], None]
Say = Callable[[str], Said]


@dataclass(frozen=True, slots=True)
class Narration:
    """The lines as they were said, who said them, and what the owner of the film should know."""

    said: tuple[Said, ...]
    engine: str
    voice: Voice
    warnings: tuple[str, ...]


def narrated(
    deps: Deps, desk: Desk, spec: FilmSpec, lines: Sequence[str], report: Report
) -> Narration:
    """All lines in one voice: the first of the stage's that can, and is there.

    Raises:
        Invalid: there is no voice for the language, or not the one asked for.
        MediaError: no voice could say a line, or the ready narration cannot be used.
        Unavailable: the only voice that there is was out of reach.
    """
    if spec.voice is None or spec.voice_over:
        said = _each(lines, lambda line: voicing.found(deps, desk, spec, line), report)
        # a ready narration has no other make than its own hash, which is an input
        ready = Voice(engine=VOICE_OVER, fingerprint="")
        return Narration(said, VOICE_OVER, ready, voicing.warnings(spec, said))
    fallen: list[str] = []
    *first, last = _narrators(deps, spec, fallen)
    for narrator in first:
        try:
            said = _each(lines, _by(deps, desk, spec, narrator), report)
        except (Unavailable, MediaError) as failure:
            fallen.append(f"{narrator.speaker.name} did not narrate: {failure.detail}")
        else:
            return _credited(spec, narrator, said, fallen)
    return _credited(spec, last, _each(lines, _by(deps, desk, spec, last), report), fallen)


def _narrators(deps: Deps, spec: FilmSpec, fallen: list[str]) -> Iterator[Narrator]:
    """Who may narrate, in order. Understudies speak in their own voice for one they have not.

    That a language is not the first one's is noted in `fallen`. Raises Invalid when nobody can.
    """
    named = None if spec.voice == "auto" else spec.voice
    refused: list[Invalid] = []
    found = False
    for speaker in (deps.speaker, *deps.understudies):
        for voice in (named, None) if found and named else (named,):
            try:
                speaker.fingerprint(language=spec.language, voice=voice)
            except Invalid as why:
                refused.append(why)
            else:
                found = True
                yield Narrator(speaker, voice)
                break
    if not found:
        raise refused[0]
    if named is None and refused:
        fallen.append(f"{deps.speaker.name} did not narrate: {refused[0].detail}")


def _by(deps: Deps, desk: Desk, spec: FilmSpec, narrator: Narrator) -> Say:
    return lambda line: voicing.spoken(deps, desk, spec, line, narrator=narrator)


def _each(lines: Sequence[str], say: Say, report: Report) -> tuple[Said, ...]:
    said = []
    for done, line in enumerate(lines, 1):
        said.append(say(line))
        report(done / len(lines))
    return tuple(said)


def _credited(
    spec: FilmSpec, narrator: Narrator, said: tuple[Said, ...], fallen: Sequence[str]
) -> Narration:
    name = narrator.speaker.name
    make = narrator.speaker.fingerprint(language=spec.language, voice=narrator.voice)
    told = tuple(f"{why}; {name} narrates instead" for why in fallen)
    return Narration(said, name, Voice(engine=name, fingerprint=make), told)
