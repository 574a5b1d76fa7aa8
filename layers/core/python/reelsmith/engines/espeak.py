"""A voice that needs no service: espeak-ng, in a process of its own, with the time of each word.

What is not speech is not spoken: control characters, emoji and invisible marks become spaces of
the same length, so positions stay true. Markup is plain text to the engine. Every token of the
text, as white space cuts it, has its word in the answer, an emoji or a dash too: what the engine
reports no time for shares the time of the word before it.
"""

import functools
import importlib.util
import json
import re
import sys
import tempfile
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from reelsmith.domain.speech import Speech, SpokenWord
from reelsmith.errors import Invalid, MediaError
from reelsmith.media.run import Limits, run

WORDS_PER_MINUTE = 165  # espeak's own default is 175, hurried for an ad
_RECIPE = 1  # part of the fingerprint: raise it when cleaning or timing changes
_DEFAULT_VARIANT = "f3"  # understood better than the plain voice: word error rate 0.86 to 0.89
_VARIANTS = ("f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8")
_WORKER = Path(__file__).with_name("espeak_worker.py")
_TIMEOUT_S = 120.0
_LIMITS = Limits(memory_bytes=1 << 30)
_SYSTEM_LIBRARY = "libespeak-ng.so.1"

# Spoken under their own tag. Languages that do not part words by spaces are left out: the engine
# gives no times for their words.
_PLAIN = """
    ar bg bs ca cs cy da de el es es-419 et eu fa fi fr fr-be fr-ch ga he hi hr hu id is it lt lv
    mk ms nb nl pl ro ru sk sl sq sr sv sw tr uk vi
"""
# BCP 47 tag, lower case -> espeak's name. A bare language means its most spoken form (CLDR's
# likely subtags); other regions of it are spoken as the bare language.
_LANGUAGES = {
    **{tag: tag for tag in _PLAIN.split()},
    "en": "en-us",
    "en-us": "en-us",
    "en-gb": "en",
    "es-es": "es",
    "no": "nb",
    "pt": "pt-br",
    "pt-br": "pt-br",
    "pt-pt": "pt",
}
_BRITISH = frozenset({"au", "ie", "in", "nz", "za"})

_EMOJI = (
    "[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\U000e0000-\U000e007f]"
    "[\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]*"
)
_INVISIBLE = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffd\ud800-\udfff\ue000-\uf8ff]"
)
_UNSPEAKABLE = re.compile(f"{_EMOJI}|{_INVISIBLE}")
_TOKEN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Engine:
    """Where the engine stands: its library, and the folder of its data or None."""

    library: str
    data: Path | None


@functools.cache
def _engine() -> _Engine:
    """The engine of the espeakng-loader wheel where it is installed, else the system's own."""
    wheel = importlib.util.find_spec("espeakng_loader")
    if wheel is None or not wheel.submodule_search_locations:
        return _Engine(_SYSTEM_LIBRARY, None)
    home = Path(next(iter(wheel.submodule_search_locations)))
    return _Engine(str(home / "libespeak-ng.so"), home / "espeak-ng-data")


def _ask(**request: object) -> dict[str, Any]:
    """The worker's answer. Raises MediaError when it fails, Unavailable without temp space."""
    engine = _engine()
    with tempfile.TemporaryDirectory(prefix="espeak-") as folder:
        data = None
        if engine.data:  # the engine cuts paths at 160 characters, so it is given a short one
            (Path(folder) / "espeak-ng-data").symlink_to(engine.data)
            data = "."
        told = {"library": engine.library, "data": data, **request}
        finished = run(
            [sys.executable, "-I", "-S", str(_WORKER)],
            stdin=json.dumps(told).encode(),
            cwd=Path(folder),
            timeout_s=_TIMEOUT_S,
            limits=_LIMITS,
        )
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def _spoken_language(language: str) -> str:
    """The engine's name of a BCP 47 language. Raises Invalid."""
    tag = language.lower().replace("_", "-")
    if tag in _LANGUAGES:
        return _LANGUAGES[tag]
    base, _, region = tag.partition("-")
    if base == "es":
        return "es-419"
    if base == "en" and region in _BRITISH:
        return "en"
    if base in _LANGUAGES:
        return _LANGUAGES[base]
    raise Invalid.field(
        "/language",
        f"there is no voice for the language {language!r}",
        remedy=f"use one of: {', '.join(sorted(_LANGUAGES))}",
    )


def _voice_name(language: str, voice: str | None) -> str:
    """The engine's name of a voice such as `es+f3`. Raises Invalid."""
    spoken = _spoken_language(language)
    variant = _DEFAULT_VARIANT if voice in {None, "auto"} else voice
    if variant not in _VARIANTS:
        raise Invalid.field(
            "/voice",
            f"there is no voice {voice!r}",
            remedy=f"use auto or one of: {', '.join(_VARIANTS)}",
        )
    return f"{spoken}+{variant}"


def _speakable(text: str) -> str:
    """The text with spaces for what is not spoken, of the same length."""
    return _UNSPEAKABLE.sub(lambda found: " " * len(found[0]), text)


@dataclass(slots=True)
class _Slot:
    """Samples in which the tokens from `first` to before the next slot's are said."""

    first: int
    start: int
    end: int


def _slots(starts: list[int], events: list[list[Any]], samples: int) -> list[_Slot]:
    """Where the engine was heard to start a token; `starts` are the tokens' first characters.

    A slot ends where its sound ends, so a pause after a word is nobody's.
    """
    slots: list[_Slot] = []
    quiet_from = 0
    for kind, character, sample in events:
        if kind == "sound":
            quiet_from = 0
        elif kind == "silence":
            quiet_from = quiet_from or sample
        elif not slots:
            slots.append(_Slot(0, sample, samples))
        else:
            token, last = bisect_right(starts, character) - 1, slots[-1]
            if token > last.first and sample > last.start:
                last.end = quiet_from if quiet_from > last.start else sample
                slots.append(_Slot(token, sample, samples))
    if slots and quiet_from > slots[-1].start:
        slots[-1].end = quiet_from
    return slots


def _words(text: str, events: list[list[Any]], *, samples: int, rate: int) -> list[SpokenWord]:
    """One word per token: starts in strict order, no word ends after the next one starts."""
    tokens = list(_TOKEN.finditer(text))
    slots = _slots([token.start() for token in tokens], events, samples)
    firsts = [*(slot.first for slot in slots), len(tokens)]
    words: list[SpokenWord] = []
    for slot, (first, after) in zip(slots, pairwise(firsts), strict=True):
        group = [token[0] for token in tokens[first:after]]
        # a token without letters is no sound: it gets a sliver beside the words that are
        weights = (1 + 4 * sum(map(str.isalnum, token)) for token in group)
        shares = list(accumulate(weights, initial=0))
        length = slot.end - slot.start
        times = [(slot.start + length * share / shares[-1]) / rate for share in shares]
        words += [
            SpokenWord(text=token, start=start, end=end)
            for token, (start, end) in zip(group, pairwise(times), strict=True)
        ]
    return words


class EspeakSpeaker:
    """The engine `espeak`: 165 words a minute, mono 16-bit at 22,050 Hz."""

    name = "espeak"

    def speak(self, text: str, *, language: str, voice: str | None, out: Path) -> Speech:
        """Say `text` into a WAV at `out`, with the time of every token of it.

        Raises:
            Invalid: no voice for this language, or not the one named; both are listed.
            MediaError: there is nothing to say in the text, or the engine failed on it.
            Unavailable: there is no room for the sound.
        """
        named = _voice_name(language, voice)
        answer = _ask(
            voice=named,
            words_per_minute=WORDS_PER_MINUTE,
            text=_speakable(text),
            out=str(out.resolve()),
        )
        samples, rate = answer["samples"], answer["rate"]
        words = _words(text, answer["events"], samples=samples, rate=rate)
        if not words:
            raise MediaError(f"there is nothing to say in {text[:80]!r}")
        return Speech(
            samples=samples,
            rate=rate,
            words=tuple(words),
            engine=self.name,
            voice=named,
            timing="engine",
        )

    def fingerprint(self, *, language: str, voice: str | None) -> str:
        """Engine, version, voice and pace: what beside the text decides the sound.

        Raises:
            Invalid: as `speak`.
            MediaError: the engine does not start.
        """
        named = _voice_name(language, voice)
        return f"{self.name}/{_version()}/{named}/{WORDS_PER_MINUTE}/{_RECIPE}"


@functools.cache
def _version() -> str:
    """The version that the engine gives itself; asked once per process."""
    version: str = _ask()["version"]
    return version
