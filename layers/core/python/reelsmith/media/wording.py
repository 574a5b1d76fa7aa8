"""How the words of a film come out: judged from their setting, before anybody looks at a picture.

Captions and cards are set once more, without being painted; what stands in the film was set by the
same code with the same fonts.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from reelsmith.domain import writing
from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.layers import Card, TextBox
from reelsmith.domain.quality import Wording
from reelsmith.domain.timelines import SAMPLE_RATE, Cue, Timeline
from reelsmith.media import cards, fonts, overlays
from reelsmith.media.captions import Setting

LEAST_SIZE = 0.028  # of the shorter side: 30 pixels at 1080x1920
# Columns a second; a hanzi has two. Guides for subtitles ask for 17 to 20 letters, 9 to 11 hanzi.
FASTEST_READING = 27.0
_MOST_LISTED = 20
_MOST_SHOWN = 60  # characters of a text in the report

_Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _SetText:
    """A text as it was set; `whole` when all of it stands inside the frame."""

    text: str
    size_px: int
    whole: bool


def judge(timeline: Timeline, *, lines: Sequence[str] = ()) -> Wording:
    """Judge all words of a film. `lines` are what its narration says, or has to be read."""
    cues = timeline.cues if timeline.caption_style is not CaptionStyle.NONE else ()
    clipped, small = _unfit(timeline, cues)
    return Wording(
        coverage=_coverage(timeline, cues),
        missing_glyphs=_listed(map(_code_point, fonts.undrawable(_all_text(timeline, cues)))),
        never_shown=_listed(_never_shown(lines, cues)) if cues else (),
        clipped=_listed(clipped),
        too_small=_listed(small),
        too_fast=_listed(_too_fast(timeline, cues)),
    )


def _listed(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text[:_MOST_SHOWN] for text in islice(texts, _MOST_LISTED))


def _code_point(mark: str) -> str:
    return f"U+{ord(mark):04X} {mark}"


def _all_text(timeline: Timeline, cues: Sequence[Cue]) -> str:
    spoken = (word.text for cue in cues for word in cue.words)
    titles = (f"{card.text} {card.kicker}" for card in _cards(timeline))
    boxes = (over.text for over in timeline.overlays if isinstance(over, TextBox))
    return " ".join(chain(spoken, titles, boxes))


def _unfit(timeline: Timeline, cues: Sequence[Cue]) -> tuple[list[str], list[str]]:
    """Texts that reach out of the frame or are cut, and texts too small to be read."""
    least = LEAST_SIZE * min(timeline.width, timeline.height)
    set_texts = [
        *_set_captions(timeline, cues),
        *_set_cards(timeline),
        *_set_boxes(timeline),
    ]
    clipped = [one.text for one in set_texts if not one.whole]
    return clipped, [one.text for one in set_texts if one.size_px < least]


def _set_captions(timeline: Timeline, cues: Sequence[Cue]) -> Iterator[_SetText]:
    width, height = timeline.width, timeline.height
    for cue in cues:
        laid = Setting(cue, width=width, height=height, language=timeline.language).laid
        if laid:
            left, top, right, bottom = laid.edges
            inside = left >= 0 and top >= 0 and right <= width and bottom <= height
            yield _SetText(_said(cue), laid.size_px, inside)


def _set_cards(timeline: Timeline) -> Iterator[_SetText]:
    for source in _cards(timeline):
        title = cards.title_of(source, timeline.width, timeline.height)
        if title:
            whole = len(title.words) >= len(writing.all_pieces(source.text))
            yield _SetText(source.text, title.size, whole)


def _set_boxes(timeline: Timeline) -> Iterator[_SetText]:
    """Boxes of words: they are set smaller until they fit, and stand inside the frame."""
    for over in timeline.overlays:
        if isinstance(over, TextBox):
            size = (timeline.width, timeline.height)
            for block in overlays.paragraphs(over, timeline.language, *size)[:1]:
                yield _SetText(over.text, block.size, whole=True)


def _cards(timeline: Timeline) -> Iterator[Card]:
    return (scene.source for scene in timeline.scenes if isinstance(scene.source, Card))


def _said(cue: Cue) -> str:
    return writing.joined([word.text for word in cue.words])


def _never_shown(lines: Sequence[str], cues: Sequence[Cue]) -> Iterator[str]:
    """Words of the lines that no caption holds, and words of captions without any glyph."""
    shown = [word.text for cue in cues for word in cue.words]
    wanted = [token for line in lines for token in line.split()]
    if lines and _letters(shown) != _letters(wanted):
        left = Counter(piece for text in shown for piece in text.split())
        for token in wanted:
            for piece in writing.pieces(token):
                if not left[piece]:
                    yield piece
                left[piece] -= 1
    for text in dict.fromkeys(shown):
        if not fonts.runs(text, wanted=fonts.Wanted.DISPLAY):
            yield text


def _letters(words: Iterable[str]) -> str:
    return unicodedata.normalize("NFC", "".join("".join(words).split()))


def _coverage(timeline: Timeline, cues: Sequence[Cue]) -> float | None:
    """The share of the time of narration in which words stand on the picture."""
    spoken = [
        (voiced.first_sample / SAMPLE_RATE, (voiced.first_sample + voiced.samples) / SAMPLE_RATE)
        for voiced in timeline.narration
    ]
    if not spoken or timeline.caption_style is CaptionStyle.NONE:
        return None
    fps = timeline.fps
    shown = [(cue.first_frame / fps, cue.end_frame / fps) for cue in cues]
    both = sum(_shared(one, other) for one in spoken for other in shown)
    return round(min(1.0, both / sum(end - start for start, end in spoken)), 4)


def _shared(one: _Interval, other: _Interval) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _too_fast(timeline: Timeline, cues: Sequence[Cue]) -> Iterator[str]:
    for cue in cues:
        text = _said(cue)
        seconds = (cue.end_frame - cue.first_frame) / timeline.fps
        if writing.columns(text) / seconds > FASTEST_READING:
            yield f"{cue.first_frame / timeline.fps:.1f} s: {text}"
