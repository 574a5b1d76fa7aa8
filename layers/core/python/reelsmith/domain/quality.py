"""The quality report of a film: what was promised, what was found, what a person should see."""

from collections.abc import Iterable

from pydantic import Field

from reelsmith.domain.measures import Measured
from reelsmith.domain.model import Entity

REPORT_VERSION = 1


class Span(Entity):
    """A stretch of the film, in seconds from its start."""

    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end_seconds - self.start_seconds


class Standstill(Span):
    """A stretch without any change of the picture; `expected` when the timeline asks for it."""

    expected: bool


class Seen(Entity):
    """What was seen and heard while the film was measured."""

    black: tuple[Span, ...] = ()
    frozen: tuple[Standstill, ...] = ()
    silent: tuple[Span, ...] = ()


class Wording(Entity):
    """How the words of a film come out. Texts are shortened, lists are not endless.

    `coverage` is the share of the spoken time with words on the picture; None without speech or
    without captions. `missing_glyphs` are code points such as `U+0E01 ก`.
    """

    coverage: float | None = None
    missing_glyphs: tuple[str, ...] = ()
    never_shown: tuple[str, ...] = Field(default=(), description="spoken words without a caption")
    clipped: tuple[str, ...] = Field(default=(), description="texts cut or outside the frame")
    too_small: tuple[str, ...] = Field(default=(), description="texts too small to be read")
    too_fast: tuple[str, ...] = Field(default=(), description="captions gone before they are read")


class Promise(Entity):
    """One thing that the timeline promised, beside what the file shows."""

    name: str
    promised: str
    measured: str
    kept: bool


class Report(Entity):
    """The whole report, kept beside the film."""

    version: int = REPORT_VERSION
    promises: tuple[Promise, ...]
    measured: Measured
    seen: Seen = Seen()
    wording: Wording = Wording()
    warnings: tuple[str, ...] = ()


class Quality(Entity):
    """The short form, in a job's result. Seconds are sums; counts are of the report's lists."""

    promises_kept: int
    av_offset_ms: float
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    black_seconds: float = 0.0
    frozen_seconds: float = Field(default=0.0, description="where the timeline asked for a move")
    silent_seconds: float = 0.0
    caption_coverage: float | None = None
    missing_glyphs: tuple[str, ...] = ()
    words_never_shown: int = 0
    texts_clipped: int = 0
    texts_too_small: int = 0
    captions_too_fast: int = 0

    @classmethod
    def of(cls, report: Report) -> "Quality":
        """The short form of a report."""
        seen, wording = report.seen, report.wording
        return cls(
            promises_kept=sum(promise.kept for promise in report.promises),
            av_offset_ms=report.measured.av_offset_ms,
            loudness_lufs=report.measured.loudness_lufs,
            true_peak_dbtp=report.measured.true_peak_dbtp,
            black_seconds=_total(seen.black),
            frozen_seconds=_total(span for span in seen.frozen if not span.expected),
            silent_seconds=_total(seen.silent),
            caption_coverage=wording.coverage,
            missing_glyphs=wording.missing_glyphs,
            words_never_shown=len(wording.never_shown),
            texts_clipped=len(wording.clipped),
            texts_too_small=len(wording.too_small),
            captions_too_fast=len(wording.too_fast),
        )


def _total(spans: Iterable[Span]) -> float:
    return round(sum(span.seconds for span in spans), 3)
