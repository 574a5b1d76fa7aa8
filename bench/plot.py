"""The results as a picture: each figure as a share of its bar, on a logarithmic scale."""

import math
from collections.abc import Iterator, Sequence
from html import escape

from bench.results import Result

_ROW, _LEFT, _SCALE, _RIGHT, _TOP = 26, 470, 420, 130, 56
_LEAST, _MOST = 0.01, 10.0  # shares of the bar at the ends of the scale
_MET, _MISSED, _INK, _FAINT = "#2a9d6e", "#d1495b", "#1d2433", "#d8dce6"


def svg(results: Sequence[Result], told: str) -> str:
    """An SVG of all results that have a bar; `told` stands below them."""
    held = [result for result in results if result.passed is not None]
    height = _TOP + _ROW * len(held) + 50
    width = _LEFT + _SCALE + _RIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="20" y="22" font-size="17" fill="{_INK}">Each figure as a share of its bar: '
        "left of the line is met</text>",
        *_grid(height),
        *(row for n, result in enumerate(held) for row in _bar(result, _TOP + _ROW * n)),
        f'<text x="20" y="{height - 16}" fill="{_INK}" font-size="11">{escape(told)}</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _grid(height: int) -> Iterator[str]:
    for share in (0.01, 0.1, 1.0, 10.0):
        x, colour = _place(share), _INK if share == 1 else _FAINT
        yield f'<line x1="{x}" x2="{x}" y1="44" y2="{height - 40}" stroke="{colour}"/>'
        label = "the bar" if share == 1 else f"{share:g} of it"
        style = f'fill="{_INK}" font-size="10" text-anchor="middle"'
        yield f'<text x="{x}" y="42" {style}>{label}</text>'


def _bar(result: Result, y: int) -> Iterator[str]:
    share = _share(result)
    colour = _MET if result.passed else _MISSED
    unit = "" if result.unit == "x" else f" {result.unit}"
    figures = f"{result.ratio:.3g} of {result.bar:.3g}{unit}"
    length = max(2.0, _place(share) - _LEFT)
    text = f'y="{y + 16}" fill="{_INK}"'
    yield f'<text x="{_LEFT - 10}" {text} text-anchor="end">{escape(result.name)}</text>'
    yield f'<rect x="{_LEFT}" y="{y + 4}" width="{length}" height="16" rx="3" fill="{colour}"/>'
    halo = 'paint-order="stroke" stroke="white" stroke-width="5"'  # lines do not cross figures
    yield f'<text x="{_LEFT + length + 6}" {text} {halo}>{figures}</text>'


def _share(result: Result) -> float:
    ratio, bar = result.ratio or 0.0, result.bar or 0.0
    if bar <= 0:  # nothing at all is allowed
        return _LEAST if ratio <= bar else _MOST
    return ratio / bar


def _place(share: float) -> float:
    within = min(max(share, _LEAST), _MOST)
    part = math.log(within / _LEAST) / math.log(_MOST / _LEAST)
    return round(_LEFT + _SCALE * part, 1)
