"""Where lines of words break: as even as can be, for every number of lines at once."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate

Way = tuple[float, tuple[range, ...]]
"""How words are set: the length of the longest line, and the words of each line."""


@lru_cache(maxsize=32)  # words that are tried at many sizes break alike at all of them
def best(widths: tuple[float, ...], gaps: tuple[float, ...], *, most: int) -> tuple[Way, ...]:
    """The best ways to set words in 1, 2 ... `most` lines; there are no more lines than words.

    `widths` are those of the words and `gaps` what parts each from the word before it, all in one
    unit. Best is the least sum of squares.
    """
    ends = list(accumulate(gap + width for gap, width in zip(gaps, widths, strict=True)))
    starts = [end - width for end, width in zip(ends, widths, strict=True)]

    def wide(first: int, end: int) -> float:
        return ends[end - 1] - starts[first]

    # rows[n][end]: the cost of words[:end] set in n + 1 lines, and where the last of them begins
    rows = [{end: (wide(0, end) ** 2, 0) for end in range(1, len(widths) + 1)}]
    for lines in range(2, min(most, len(widths)) + 1):
        above = rows[-1]
        rows.append(
            {
                end: min(
                    (above[cut][0] + wide(cut, end) ** 2, cut) for cut in range(lines - 1, end)
                )
                for end in range(lines, len(widths) + 1)
            }
        )
    return tuple(_read_back(rows[:count], wide, len(widths)) for count in range(1, len(rows) + 1))


def _read_back(
    rows: Sequence[Mapping[int, tuple[float, int]]], wide: Callable[[int, int], float], words: int
) -> Way:
    cuts = [words]
    for row in reversed(rows):
        cuts.append(row[cuts[-1]][1])
    cuts.reverse()
    return max(map(wide, cuts, cuts[1:])), tuple(map(range, cuts, cuts[1:]))
