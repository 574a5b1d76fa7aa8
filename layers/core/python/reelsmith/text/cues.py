"""Spoken words into cues: what stands on the picture together, and when, in whole frames.

Breaks are sought where a reader expects them: after a sentence, at a pause, after a comma, and at
last where the cue is full; then the cues come out about alike. A cue stays a moment after its last
word, and until the next cue when the gap between them is too short to be seen as one. While it
stands, one of its words is always lit. Where a script parts no words, its characters stand for
them, two for a word.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from reelsmith.domain import writing
from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.speech import SpokenWord
from reelsmith.domain.timelines import CaptionWord, Cue

_SENTENCE_END = ".!?…。！？؟۔।"
_CLAUSE_END = ",;:،؛、，；："
_CLOSERS = "\"'»”’›)]}」』】"
_PAUSE_SECONDS = 0.3
_LINGER_SECONDS = 0.5  # after the last word, so that it can be read to its end
_TINY_GAP_SECONDS = 0.4  # a shorter blank between two cues would flicker
_CLAUSE_BONUS = 0.5  # of the price of one more cue
_DANGLING = 0.2  # the price of ending on a small word, an article say, that belongs to the next
_HURRY = 3.0  # the price of a cue that is gone before it is read, in cues
_PIECE_SHARE = 0.5  # of a word, that a character counts in a script without spaces


@dataclass(frozen=True, slots=True)
class _Shape:
    """How much stands on the picture at a time, and how long at least."""

    most_words: int
    most_characters: int
    least_seconds: float


_SHAPES = {
    CaptionStyle.POP: _Shape(most_words=4, most_characters=24, least_seconds=0.5),
    CaptionStyle.PLAIN: _Shape(most_words=14, most_characters=48, least_seconds=1.0),
}


@dataclass(frozen=True, slots=True)
class _Word:
    """A word from its own frame on; it is heard until before `heard_until`.

    `share` is 1, or less for a piece of a word.
    """

    text: str
    frame: int
    heard_until: int
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class _Pace:
    """A shape's times in frames."""

    pause: int
    linger: int
    tiny_gap: int
    least: int

    @classmethod
    def of(cls, shape: _Shape, fps: int) -> "_Pace":
        """The times at `fps` frames a second."""
        times = (_PAUSE_SECONDS, _LINGER_SECONDS, _TINY_GAP_SECONDS, shape.least_seconds)
        return cls(*(round(seconds * fps) for seconds in times))


def make(
    words: Sequence[SpokenWord],
    *,
    fps: int,
    frames: int,
    first_frame: int = 0,
    style: CaptionStyle = CaptionStyle.POP,
) -> tuple[Cue, ...]:
    """The cues of `words`, whose seconds count from frame `first_frame` of the film.

    Cues do not overlap, hold every word once and in order, and lie between `first_frame` and
    `first_frame + frames`. Words that fall on one frame are one caption word. `POP` shows one to
    four words at a time, `PLAIN` about two lines of 24 characters, `NONE` nothing.
    """
    if style not in _SHAPES or frames < 1:
        return ()
    shape = _SHAPES[style]
    pace = _Pace.of(shape, fps)
    spoken = [piece for word in words for piece in _pieces(word)]
    timed = list(_timed(spoken, fps=fps, frames=frames))
    groups = [group for run in _runs(timed, pace) for group in _filled(run, shape, pace)]
    starts = [group[0].frame for group in groups]
    return tuple(
        _cue(group, _end(group, until, pace, is_last=until == frames), first_frame)
        for group, until in zip(groups, [*starts[1:], frames], strict=True)
    )


def _pieces(word: SpokenWord) -> Iterator[SpokenWord]:
    """The word, or its characters with an even share of its time each."""
    texts = writing.pieces(word.text)
    step = (word.end - word.start) / len(texts)
    for number, text in enumerate(texts):
        start = word.start + number * step
        yield SpokenWord(text=text, start=start, end=start + step)


def _timed(words: Sequence[SpokenWord], *, fps: int, frames: int) -> Iterator[_Word]:
    """The words on frames, each on one of its own."""

    def frame_of(word: SpokenWord) -> int:
        return min(round(word.start * fps), frames - 1)

    for frame, together in groupby(words, frame_of):
        same = list(together)
        heard_until = min(round(same[-1].end * fps), frames)
        texts = [word.text for word in same]
        share = sum(_PIECE_SHARE if writing.is_unparted(text) else 1 for text in texts)
        yield _Word(writing.joined(texts), frame, max(heard_until, frame + 1), share)


def _ends_with(word: _Word, marks: str) -> bool:
    return word.text.rstrip(_CLOSERS).endswith(tuple(marks))


def _runs(words: Sequence[_Word], pace: _Pace) -> Iterator[list[_Word]]:
    """Words that no sentence end or pause parts; a run too short to be read has the next in it."""
    run: list[_Word] = []
    for word in words:
        if run and word.frame - run[0].frame >= pace.least:
            pause = word.frame - run[-1].heard_until
            if _ends_with(run[-1], _SENTENCE_END) or pause >= pace.pause:
                yield run
                run = []
        run.append(word)
    if run:
        yield run


def _filled(run: Sequence[_Word], shape: _Shape, pace: _Pace) -> list[Sequence[_Word]]:
    """The run in as few groups as fit the shape, about alike, rather parted after commas.

    The cheapest way to part the first n words is found for n = 1, 2, ...: a group costs 1, its
    empty room squared, and more when it cannot be read in its time.
    """
    cheapest: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(run) + 1):
        after = run[end].frame if end < len(run) else None
        ways = []
        for start in range(max(0, end - round(shape.most_words / _PIECE_SHARE)), end):
            group = run[start:end]
            if start == end - 1 or _fits(group, shape):
                ways.append((cheapest[start][0] + _price(group, after, shape, pace), start))
        cheapest.append(min(ways))
    groups: list[Sequence[_Word]] = []
    end = len(run)
    while end:
        start = cheapest[end][1]
        groups.insert(0, run[start:end])
        end = start
    return groups


def _fits(group: Sequence[_Word], shape: _Shape) -> bool:
    words = sum(word.share for word in group)
    return words <= shape.most_words and _characters(group) <= shape.most_characters


def _price(group: Sequence[_Word], after: int | None, shape: _Shape, pace: _Pace) -> float:
    price = 1 + max(0.0, 1 - _characters(group) / shape.most_characters) ** 2
    if after is not None:
        price -= _CLAUSE_BONUS if _ends_with(group[-1], _CLAUSE_END) else 0
        price += _DANGLING if _belongs_to_next(group[-1]) else 0
        price += _HURRY if after - group[0].frame < pace.least else 0
    return price


def _belongs_to_next(word: _Word) -> bool:
    return word.share >= 1 and len(word.text) <= 3 and word.text.isalpha()


def _characters(group: Sequence[_Word]) -> int:
    return writing.columns(writing.joined([word.text for word in group]))


def _end(group: Sequence[_Word], until: int, pace: _Pace, *, is_last: bool) -> int:
    """The frame on which the cue is gone; `until` is the next one's, or the end of the film."""
    read = max(group[-1].heard_until + pace.linger, group[0].frame + pace.least)
    if read >= until or (not is_last and until - read < pace.tiny_gap):
        return until
    return read


def _cue(group: Sequence[_Word], end: int, first_frame: int) -> Cue:
    lit = [*(word.frame for word in group), end]
    return Cue(
        words=tuple(
            CaptionWord(text=word.text, first_frame=first_frame + on, end_frame=first_frame + off)
            for word, (on, off) in zip(group, pairwise(lit), strict=True)
        ),
        first_frame=first_frame + group[0].frame,
        end_frame=first_frame + end,
    )
