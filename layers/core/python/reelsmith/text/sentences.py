"""Text into sentences, for scripts that part words by spaces and for those that do not.

A sentence ends at a mark (`.`, `!`, `?`, `…` and their kin in other scripts) with the quotes and
brackets that close after it, or at the end of a line. A full stop ends none inside a number or a
name (`3.5`, `reelsmith.io`), after an abbreviation or an initial, or where the text goes on in
lower case. A line that goes on in lower case is a wrapped line, not an end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

MAX_CHARACTERS = 240

_CLOSERS = "\"'»”’›)\\]}」』】"
_END = re.compile(
    f"(?P<mark>[.!?…]+)(?P<closers>[{_CLOSERS}]*)(?=\\s|$)|(?P<full>[。！？｡؟۔।॥]+[{_CLOSERS}]*)"
)
_WRAP = re.compile(r"[^\S\n]*\n[^\S\n]*(?=[^\W\d_])")
_OPENERS = "\"'«“‘‹([{「『【—–- "
_CLAUSE = re.compile(r"[,;:،؛—–]\s+|\s[–—-]\s+|[、，；：]")
_SPACE = re.compile(r"\s+")
_LAST_WORD = re.compile(r"[^\s([{«“‘\"'¿¡]*$")
_INITIALS = re.compile(r"([^\W\d_]\.)*[^\W\d_]")
_SPEAKS = re.compile(r"[^\W_]")
_DAY_PERIODS = frozenset({"a.m", "p.m"})  # initials that may well end a sentence

# Followed by a name or a noun, so a full stop after them is no end.
_TITLES = {
    "": "dr prof st mr mrs ms sr jr vs",
    "es": "sra sres srta dra ud uds vd lic ing arq av avda ee ej cía excmo ilmo",
    "en": "messrs gen sen rep gov capt lt sgt rev hon mt",
    "fr": "mm mme mmes mlle mlles bd ex",
    "de": "hr fr bzw evtl ggf inkl zzgl",
    "it": "sig dott ing avv es",
    "pt": "sra srta dra exmo exma av ex",
    "ca": "sra dra av ex",
    "nl": "dhr mevr mw bijv",
}
# Followed by a number, so a full stop between them is no end.
_COUNTERS = """
    no nº núm num nr pág pag p pp fig vol tel tfno art cap approx aprox ca
    jan feb mar apr jun jul aug sep sept oct nov dec
"""
_DOTTED_ORDINALS = frozenset({"cs", "da", "de", "et", "fi", "hu", "nb", "no", "pl", "sk", "sl"})


@dataclass(frozen=True, slots=True)
class _Manner:
    """What a language adds to the rules."""

    titles: frozenset[str]
    dotted_ordinals: bool

    @classmethod
    def of(cls, language: str) -> "_Manner":
        base = language.lower().partition("-")[0]
        words = f"{_TITLES['']} {_TITLES.get(base, '')}".split()
        return cls(frozenset(words), base in _DOTTED_ORDINALS)


def split(text: str, *, language: str, max_characters: int = MAX_CHARACTERS) -> tuple[str, ...]:
    """The sentences of `text` in order; joined by spaces they are the text, white space aside.

    A sentence longer than `max_characters` is cut at clauses, else between words, never within
    one. What holds no letter or digit (an emoji, a row of dashes) stays with its neighbour.
    """
    manner = _Manner.of(language)
    whole = "\n".join(text.splitlines())
    unwrapped = _WRAP.sub(lambda found: _joint(whole, found.end()), whole)
    pieces = [
        piece
        for line in unwrapped.split("\n")
        for sentence in _sentences(line.strip(), manner)
        for piece in _cut(sentence, max_characters)
    ]
    return tuple(_with_neighbours(pieces))


def _joint(text: str, at: int) -> str:
    """What parts two lines: nothing but a space when the later goes on in lower case."""
    return " " if text[at].islower() else "\n"


def _sentences(line: str, manner: _Manner) -> Iterator[str]:
    start = 0
    for found in _END.finditer(line):
        if _is_end(line[start : found.start()], found, line[found.end() :].lstrip(), manner):
            yield line[start : found.end()].strip()
            start = found.end()
    if line[start:].strip():
        yield line[start:].strip()


def _is_end(before: str, found: re.Match[str], after: str, manner: _Manner) -> bool:
    """Whether the mark that was found between `before` and `after` ends a sentence."""
    if found["full"] or not after:
        return True
    goes_on = after.lstrip(_OPENERS)[:1].islower()
    if "!" in found["mark"] or "?" in found["mark"]:
        return not (goes_on and found["closers"])
    if goes_on:
        return False
    return found["mark"] != "." or not _is_short_form(before, after, manner)


def _is_short_form(before: str, after: str, manner: _Manner) -> bool:
    """Whether a full stop after `before` shortens a word or marks an ordinal."""
    last = _LAST_WORD.search(before)
    word = last[0].lower() if last else ""
    if word.isdecimal():
        return word == before.strip() or (manner.dotted_ordinals and len(word) <= 2)
    if word in manner.titles:
        return True
    if word in _COUNTERS.split():
        return after[0].isdecimal()
    return bool(_INITIALS.fullmatch(word)) and word not in _DAY_PERIODS


def _cut(sentence: str, most: int) -> list[str]:
    """A sentence in parts of at most `most` characters, about alike, where words allow it."""
    parts: list[str] = []
    while len(sentence) > most:
        ideal = len(sentence) / ceil(len(sentence) / most)
        clauses = [found.end() for found in _CLAUSE.finditer(sentence)]
        spaces = [found.end() for found in _SPACE.finditer(sentence)]
        fitting = [at for at in clauses if ideal / 2 <= at <= most]
        fitting = fitting or [at for at in spaces if at <= most] or spaces[:1]
        if not fitting:
            break
        at = min(fitting, key=lambda at: abs(at - ideal))
        parts.append(sentence[:at].rstrip())
        sentence = sentence[at:]
    return [*parts, sentence] if sentence else parts


def _with_neighbours(pieces: list[str]) -> list[str]:
    """The pieces, those without letters or digits joined to the one before, or the one after."""
    joined: list[str] = []
    for piece in pieces:
        if joined and not (_SPEAKS.search(piece) and _SPEAKS.search(joined[-1])):
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined
