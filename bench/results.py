"""What the bench says: one result for each claim, as JSON, as a table, as one line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure and the bar it is held against.

    `ratio` is in `unit` ("x" is a plain ratio) and the smaller the better: ours over what it is
    compared with. `bar` is the most that is allowed, None when the figure is only told. `ratio` is
    None when it could not be had; `note` then says why. `cpu_s` is user and system time of our
    side with all its processes, `peak_mb` the memory of its largest process, `size_bytes` what it
    made.
    """

    name: str
    ratio: float | None
    bar: float | None = None
    unit: str = "x"
    cpu_s: float | None = None
    wall_s: float | None = None
    peak_mb: float | None = None
    size_bytes: int | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def passed(self) -> bool | None:
        """Whether the bar is met; None where there is none, or nothing to hold against it."""
        if self.ratio is None or self.bar is None:
            return None
        return self.ratio <= self.bar


def skipped(name: str, why: str, *, bar: float | None = None) -> Result:
    """The result of what could not be measured here."""
    return Result(name=name, ratio=None, bar=bar, note=f"skipped: {why}")


def as_json(results: Sequence[Result], about: Mapping[str, str]) -> str:
    """All results for a program, with what is to be known of the run."""
    said = [_rounded(asdict(result)) | {"passed": result.passed} for result in results]
    return json.dumps({"about": dict(about), "results": said}, indent=1)


def as_table(results: Sequence[Result]) -> str:
    """All results for a person, in Markdown."""
    rows = [
        "| what | figure | bar | CPU s | peak MB | size MB | remarks |",
        "|---|" + "--:|" * 5 + "---|",
    ]
    for result in results:
        size = None if result.size_bytes is None else result.size_bytes / 1e6
        remarks = [f"{name} {value:g}" for name, value in result.quality.items()]
        cells = (
            result.name,
            _figure(result.ratio, result.unit) + _mark(result.passed),
            _figure(result.bar, result.unit),
            *(_number(value) for value in (result.cpu_s, result.peak_mb, size)),
            "; ".join(filter(None, (*remarks, result.note))),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def summary(results: Sequence[Result]) -> str:
    """How many bars are met, and which are not."""
    held = [result for result in results if result.passed is not None]
    missed = [result.name for result in held if not result.passed]
    left_out = sum(result.ratio is None for result in results)
    line = f"{len(held) - len(missed)} of {len(held)} bars met, {left_out} not measured"
    return f"{line}; missed: {', '.join(missed)}" if missed else line


def _rounded(said: dict[str, object]) -> dict[str, object]:
    return {
        key: round(value, 5) if isinstance(value, float) else value for key, value in said.items()
    }


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g}{'' if unit == 'x' else ' ' + unit}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _mark(passed: bool | None) -> str:
    return {True: "", False: " (missed)", None: ""}[passed]
