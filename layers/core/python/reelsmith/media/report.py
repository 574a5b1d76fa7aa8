"""Puts the quality report of a film together, and says in words what a person should look at."""

from collections.abc import Iterator, Sequence

from reelsmith.domain.measures import Measured
from reelsmith.domain.quality import Report, Seen, Span, Wording
from reelsmith.domain.timelines import SAMPLE_RATE, Timeline
from reelsmith.media import promises, wording

LEAST_COVERAGE = 0.8  # words stand on the picture for this share of the spoken time, at least
_UNHEARD_SECONDS = 1.5  # of narration that is silent, before it is remarked on


def make(
    measured: Measured, seen: Seen, timeline: Timeline, *, lines: Sequence[str] = ()
) -> Report:
    """The report of a film. `lines` are what its narration says, or has to be read.

    A broken promise stands in `promises`; `promises.hold` makes an error of it.
    """
    words = wording.judge(timeline, lines=lines)
    return Report(
        promises=promises.of(measured, timeline),
        measured=measured,
        seen=seen,
        wording=words,
        warnings=(
            *promises.remarks(measured, timeline),
            *_of_pictures(seen),
            *_of_silence(seen, timeline),
            *_of_words(words),
        ),
    )


def _of_pictures(seen: Seen) -> Iterator[str]:
    for span in seen.black:
        yield f"the picture is black {_from_to(span)}"
    for still in seen.frozen:
        if not still.expected:
            yield f"the picture stands still {_from_to(still)}, where it should move"


def _of_silence(seen: Seen, timeline: Timeline) -> Iterator[str]:
    """Silence while something should be heard: narration, or music anywhere."""
    for span in seen.silent:
        if timeline.music or _spoken_seconds(span, timeline) >= _UNHEARD_SECONDS:
            yield f"nothing is heard {_from_to(span)}"


def _spoken_seconds(span: Span, timeline: Timeline) -> float:
    first, end = (round(at * SAMPLE_RATE) for at in (span.start_seconds, span.end_seconds))
    samples = sum(
        max(0, min(end, voiced.first_sample + voiced.samples) - max(first, voiced.first_sample))
        for voiced in timeline.narration
    )
    return samples / SAMPLE_RATE


def _of_words(words: Wording) -> Iterator[str]:
    if words.coverage is not None and words.coverage < LEAST_COVERAGE:
        yield f"captions stand for {words.coverage:.0%} of the spoken time only"
    said = {
        "no font has a glyph for": words.missing_glyphs,
        "spoken and never shown": words.never_shown,
        "cut, or outside the frame": words.clipped,
        "too small to be read": words.too_small,
        "gone before it is read": words.too_fast,
    }
    for what, texts in said.items():
        if texts:
            more = f" and {len(texts) - 3} more" if len(texts) > 3 else ""
            yield f"{what}: {', '.join(texts[:3])}{more}"


def _from_to(span: Span) -> str:
    return f"from {span.start_seconds:.1f} s to {span.end_seconds:.1f} s"
