"""The voices of Amazon Polly, with the time of each word, for stages that pay for them.

A line is asked for twice, as sound and as speech marks: both are billed. Marks count bytes of the
UTF-8 text (Polly Developer Guide, "Using speech marks"). Text is sent as text: markup is read out.
"""

import json
import re
import wave
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from reelsmith import aws
from reelsmith.domain.speech import Speech, SpokenWord
from reelsmith.errors import Invalid, MediaError, Unavailable

RATE = 16_000  # Hz, the most that Polly gives as PCM
_MOST_CHARACTERS = 2_800  # of a request; 3,000 are allowed
_RECIPE = 1  # part of the fingerprint: raise it when cutting or timing changes
_NOT_TAKEN = frozenset(
    {
        "EngineNotSupportedException",
        "LanguageNotSupportedException",
        "TextLengthExceededException",
        "ValidationException",
    }
)

# BCP 47 tag, lower case -> the voice that speaks it unless another is named; all of them neural.
# A bare language means its most spoken form, and so do regions that have no voice.
_VOICES = {
    "ca": "Arlet",
    "da": "Sofie",
    "de": "Vicki",
    "de-at": "Hannah",
    "en": "Joanna",
    "en-au": "Olivia",
    "en-gb": "Amy",
    "en-nz": "Aria",
    "en-za": "Ayanda",
    "es": "Lupe",
    "es-es": "Lucia",
    "es-mx": "Mia",
    "fi": "Suvi",
    "fr": "Lea",
    "fr-be": "Isabelle",
    "fr-ca": "Gabrielle",
    "it": "Bianca",
    "nb": "Ida",
    "nl": "Laura",
    "nl-be": "Lisa",
    "no": "Ida",
    "pl": "Ola",
    "pt": "Camila",
    "pt-pt": "Ines",
    "sv": "Elin",
}
_NAME = re.compile(r"[A-Z][a-z]{1,30}")
_TOKEN = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[.!?…]\s")


class PollySpeaker:
    """The engine `polly`: mono 16-bit at 16 kHz, by `kind` of its own engines."""

    name = "polly"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def speak(self, text: str, *, language: str, voice: str | None, out: Path) -> Speech:
        """Say `text` into a WAV at `out`, with the time of every token of it.

        Raises:
            Invalid: no voice for this language, or not the one named.
            MediaError: there is nothing to say in the text, or Polly does not take it.
            Unavailable: Polly is busy or out of reach.
        """
        named = _voice(language, voice)
        sound, words = bytearray(), []
        for piece in _pieces(text):
            since = len(sound) / 2 / RATE
            body = self._ask(piece, named, OutputFormat="pcm", SampleRate=str(RATE))
            marks = self._ask(piece, named, OutputFormat="json", SpeechMarkTypes=["word"])
            words += _words(piece, marks, since=since, seconds=len(body) / 2 / RATE)
            sound += body
        if not words:
            raise MediaError(f"there is nothing to say in {text[:80]!r}")
        _write(out, bytes(sound))
        return Speech(
            samples=len(sound) // 2,
            rate=RATE,
            words=tuple(words),
            engine=self.name,
            voice=named,
            timing="engine",
        )

    def fingerprint(self, *, language: str, voice: str | None) -> str:
        """Engine, its kind, voice: what beside the text decides the sound. Raises Invalid."""
        return f"{self.name}/{self._kind}/{_voice(language, voice)}/{_RECIPE}"

    def _ask(self, text: str, voice: str, **wanted: object) -> bytes:
        """What Polly makes of a text. Raises MediaError, Unavailable."""
        try:
            answer = aws.client("polly").synthesize_speech(
                Engine=self._kind, VoiceId=voice, Text=text, TextType="text", **wanted
            )
            body: bytes = answer["AudioStream"].read()
        except aws.FAILURES as failure:
            code = getattr(failure, "response", {}).get("Error", {}).get("Code", "")
            if code in _NOT_TAKEN:
                raise MediaError(f"polly does not speak {text[:80]!r} as {voice}") from failure
            raise Unavailable("polly is busy or out of reach") from failure
        return body


def _voice(language: str, voice: str | None) -> str:
    """Polly's name of a voice. Raises Invalid."""
    if voice not in {None, "auto"}:
        if _NAME.fullmatch(str(voice)):
            return str(voice)
        raise Invalid.field(
            "/voice", f"there is no voice {voice!r}", remedy="use auto or a name such as Lucia"
        )
    tag = language.lower().replace("_", "-")
    named = _VOICES.get(tag) or _VOICES.get(tag.partition("-")[0])
    if named is None:
        raise Invalid.field(
            "/language",
            f"there is no voice for the language {language!r}",
            remedy=f"use one of: {', '.join(sorted(_VOICES))}",
        )
    return named


def _pieces(text: str) -> Iterator[str]:
    """The text in parts that are not too long, cut after sentences, else between words."""
    while len(text) > _MOST_CHARACTERS:
        head = text[:_MOST_CHARACTERS]
        ends = [found.end() for found in _SENTENCE_END.finditer(head)]
        cut = ends[-1] if ends else head.rfind(" ") + 1 or _MOST_CHARACTERS
        yield text[:cut]
        text = text[cut:]
    yield text


def _words(text: str, marks: bytes, *, since: float, seconds: float) -> list[SpokenWord]:
    """One word per token, by the marks within it; `since` is when the text begins.

    A token without a mark shares the time of the one before it, and those before the first mark
    that of the first.
    """
    tokens = list(_TOKEN.finditer(text))
    begins = [token.start() for token in tokens]
    slots: list[tuple[int, float]] = []  # the first token of a slot, and when it starts
    for character, start in _heard(text, marks):
        token = bisect_right(begins, character) - 1
        if token > (slots[-1][0] if slots else -1):
            slots.append((token if slots else 0, min(start, seconds)))
    edges = [*slots, (len(tokens), seconds)]
    words: list[SpokenWord] = []
    for (first, start), (after, end) in pairwise(edges):
        unit = (end - start) / (after - first)
        words += [
            SpokenWord(
                text=tokens[n][0],
                start=since + start + unit * (n - first),
                end=since + start + unit * (n - first + 1),
            )
            for n in range(first, after)
        ]
    return words


def _heard(text: str, marks: bytes) -> Iterator[tuple[int, float]]:
    """Marks as (character of the text, second), in the order of the text."""
    raw = text.encode()
    for line in marks.splitlines():
        mark: dict[str, Any] = json.loads(line)
        if mark.get("type") == "word":
            yield len(raw[: mark["start"]].decode(errors="ignore")), mark["time"] / 1000


def _write(out: Path, samples: bytes) -> None:
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)
