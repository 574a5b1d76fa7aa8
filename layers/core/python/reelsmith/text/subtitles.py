"""Subtitle files, SubRip (`.srt`) and WebVTT (`.vtt`): read from strangers, written for players.

What is read is text and times, nothing else: markup, styles, positions and commands of players are
dropped, never carried on. What is written comes from cues alone. Times are whole milliseconds.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelsmith.domain import writing
from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.speech import SpokenWord
from reelsmith.domain.timelines import Cue
from reelsmith.errors import FieldFault, Invalid
from reelsmith.text import cues

SRT_TYPE, VTT_TYPE = "application/x-subrip", "text/vtt"
MOST_BYTES = 2 << 20
MOST_CUES = 10_000
MOST_CHARACTERS = 500  # of one cue; a reader sees about a hundred
_LINE_COLUMNS = 42  # Netflix' and the BBC's guides: 37 to 42 characters a line

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_LINE_END = re.compile(r"\\[Nnh]|<br\s{0,9}/?>", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{0,200}>|\{[^{}]{0,200}\}")
_STRAY = re.compile(r"[<>{}\\]")
_MOST_SECONDS = 24 * 3_600


@dataclass(frozen=True, slots=True)
class Subtitle:
    """Text from `start_ms` to before `end_ms`; lines are parted by spaces."""

    text: str
    start_ms: int
    end_ms: int


def parse(body: bytes, *, name: str) -> tuple[Subtitle, ...]:
    """The subtitles of a SubRip or WebVTT file in the order of their times, without markup.

    Subtitles that cannot be read, hold no text or end before they begin are left out; where two
    overlap the earlier one ends. Of a text beyond `MOST_CHARACTERS` the rest is dropped.

    Raises:
        Invalid: the file is too long, no text, or holds no subtitle or too many; names it.
    """
    if len(body) > MOST_BYTES:
        raise _refused(name, f"more than {MOST_BYTES} bytes")
    try:
        text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as broken:
        raise _refused(name, "this is not UTF-8 text") from broken
    found = list(_in_one_row(_subtitles(text.splitlines(), name)))
    if not found:
        raise _refused(name, "no subtitle with a time and a text was found")
    return tuple(found)


def words(subtitles: Sequence[Subtitle]) -> tuple[SpokenWord, ...]:
    """The words of subtitles, each subtitle's time shared among its words by their length."""
    return tuple(word for subtitle in subtitles for word in _words(subtitle))


def as_srt(timeline_cues: Sequence[Cue], *, fps: int) -> str:
    """A SubRip file of a film's cues, in lines of a reader's length."""
    blocks = []
    for number, cue in enumerate(_readable(timeline_cues, fps), 1):
        times = (
            f"{_clock(_ms(cue.first_frame, fps), ',')} --> {_clock(_ms(cue.end_frame, fps), ',')}"
        )
        lines = "\n".join(_lines([_plain(word.text) for word in cue.words]))
        blocks.append(f"{number}\n{times}\n{lines}\n")
    return "\n".join(blocks)


def as_vtt(timeline_cues: Sequence[Cue], *, fps: int, language: str) -> str:
    """A WebVTT file of a film's cues; each word but the first has its own time."""
    blocks = [f"WEBVTT\nLanguage: {language}\n"]
    for cue in _readable(timeline_cues, fps):
        times = (
            f"{_clock(_ms(cue.first_frame, fps), '.')} --> {_clock(_ms(cue.end_frame, fps), '.')}"
        )
        marked = [_escaped(cue.words[0].text)]
        for before, word in pairwise(cue.words):
            stamp = f"<{_clock(_ms(word.first_frame, fps), '.')}>"
            space = "" if writing.is_glued(before.text, word.text) else " "
            marked.append(f"{space}{stamp}{_escaped(word.text)}")
        blocks.append(f"{times}\n{''.join(marked)}\n")
    return "\n".join(blocks)


def _refused(name: str, detail: str) -> Invalid:
    fault = FieldFault(
        pointer=f"/{name}", detail=detail, remedy="send a UTF-8 file in SubRip or WebVTT form"
    )
    return Invalid(f"{name}: {detail}", (fault,))


def _subtitles(lines: Sequence[str], name: str) -> Iterator[Subtitle]:
    """What follows each line of times, up to a blank line or the next times."""
    count = at = 0
    while at < len(lines):
        found = _TIMING.fullmatch(lines[at][:200])
        at += 1
        if not found:
            continue
        count += 1
        if count > MOST_CUES:
            raise _refused(name, f"more than {MOST_CUES} subtitles")
        first = at
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            at += 1
        subtitle = _subtitle(found, " ".join(lines[first:at])[: 4 * MOST_CHARACTERS])
        if subtitle:
            yield subtitle


def _subtitle(found: re.Match[str], raw: str) -> Subtitle | None:
    start, end = _time(found.groups()[:4]), _time(found.groups()[4:])
    text = _cleaned(raw)
    if start is None or end is None or end <= start or not text:
        return None
    return Subtitle(text, start, end)


def _time(parts: Sequence[str | None]) -> int | None:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    if minutes > 59 or seconds > 59:
        return None
    whole = hours * 3_600 + minutes * 60 + seconds
    return whole * 1_000 + int((parts[3] or "").ljust(3, "0")) if whole < _MOST_SECONDS else None


def _cleaned(raw: str) -> str:
    """Text without markup, entities, controls and doubled white space, of bounded length."""
    bare = _STRAY.sub(" ", html.unescape(_MARKUP.sub("", _LINE_END.sub(" ", raw))))
    seen = (" " if mark.isspace() or _is_control(mark) else mark for mark in bare)
    return " ".join("".join(seen).split())[:MOST_CHARACTERS].strip()


def _is_control(mark: str) -> bool:
    return unicodedata.category(mark) in ("Cc", "Cs", "Zl", "Zp")


def _in_one_row(subtitles: Iterable[Subtitle]) -> Iterator[Subtitle]:
    """Subtitles by time; one ends where the next begins, and of two that begin together one."""
    ordered = sorted(subtitles, key=lambda one: (one.start_ms, one.end_ms))
    starts = [*(one.start_ms for one in ordered[1:]), _MOST_SECONDS * 1_000]
    for one, following in zip(ordered, starts, strict=False):
        end_ms = min(one.end_ms, following)
        if end_ms > one.start_ms:
            yield Subtitle(one.text, one.start_ms, end_ms)


def _words(subtitle: Subtitle) -> Iterator[SpokenWord]:
    tokens = subtitle.text.split()
    weights = [writing.columns(token) + 1 for token in tokens]
    unit = (subtitle.end_ms - subtitle.start_ms) / 1_000 / sum(weights)
    at = subtitle.start_ms / 1_000
    for token, weight in zip(tokens, weights, strict=True):
        yield SpokenWord(text=token, start=at, end=at + weight * unit)
        at += weight * unit


def _readable(timeline_cues: Sequence[Cue], fps: int) -> tuple[Cue, ...]:
    """The words of cues, which may be a few at a time, in cues of about two lines."""
    if not timeline_cues:
        return ()
    spoken = [
        SpokenWord(text=word.text, start=word.first_frame / fps, end=word.end_frame / fps)
        for cue in timeline_cues
        for word in cue.words
    ]
    end = timeline_cues[-1].end_frame
    return cues.make(spoken, fps=fps, frames=end, style=CaptionStyle.PLAIN)


def _lines(tokens: Sequence[str]) -> Iterator[str]:
    """Tokens in one line, or in two of about the same length."""
    whole = writing.joined(tokens)
    if writing.columns(whole) <= _LINE_COLUMNS or len(tokens) < 2:
        yield whole
        return
    cuts = range(1, len(tokens))
    halves = [(writing.joined(tokens[:cut]), writing.joined(tokens[cut:])) for cut in cuts]
    yield from min(halves, key=lambda pair: max(map(writing.columns, pair)))


def _plain(text: str) -> str:
    """Text that no player of SubRip takes for markup."""
    return text.replace("<", "‹").replace(">", "›").replace("{", "(").replace("}", ")")


def _escaped(text: str) -> str:
    """Text as WebVTT wants it; an arrow would end the cue."""
    return html.escape(text, quote=False)


def _ms(frame: int, fps: int) -> int:
    return round(frame * 1_000 / fps)


def _clock(ms: int, mark: str) -> str:
    seconds, rest = divmod(ms, 1_000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{rest:03}"
