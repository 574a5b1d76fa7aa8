"""When each word of a known text is said in a sound: no model, only a reading to compare with.

A reading is the same text in a voice that knows its times. Both sounds become cepstra, dynamic
time warping lays one along the other, and the reading's words are carried over. Nothing but how
the two sounds go on is compared, so any language that the reading's voice speaks will do.

Cells are a hundredth of a second. Long sounds are warped coarsely first, then four times finer
near that path, twice: half an hour takes some eight seconds.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.speech import SpokenWord
from reelsmith.media import wav
from reelsmith.media.cepstra import cosines, mel_filters

RECIPE = 1  # part of what names aligned words: raise it when their times change
_RATE = 16_000  # Hz; consonants differ below 8 kHz
_HOP = 160  # samples: a cell of 10 ms
_WINDOW, _FFT = 400, 512  # samples
_BANDS, _CEPSTRA = 32, 13
_FULL = 1_500  # cells up to which every pairing is looked at
_COARSER = 4
_LEVELS = 2  # a cell of 160 ms still tells sounds apart; a coarser one does not
_REACH = 64  # cells to both sides of a coarser path
_UNLIKE = 0.74  # speech of the same words has 0.4 to 0.6, other words 0.65 to 0.72, a tone 0.75
_PAUSE = 8  # cells that the sound stays at one of the reading: more than a drawled vowel
_BEFORE, _AFTER = 6, 3  # cells around the edge of a word in which it may stay
_FLOOR_DB = 25.0
_LEVEL, _SLOPE = 2.5, 0.8  # what loudness and movement weigh beside each of the cepstra
_QUIET_DB = 35.0  # below the loud parts; what is quieter before and after is no speech

Features = NDArray[np.float32]
Cells = NDArray[np.int64]
Way = tuple[Cells, Cells]

_BOTH, _SOUND, _READING = 0, 1, 2  # what goes on to the next cell in a step


def align(
    sound: NDArray[np.int16],
    reading: NDArray[np.int16],
    words: Sequence[SpokenWord],
    *,
    rate: int,
    reading_rate: int,
) -> tuple[SpokenWord, ...]:
    """The words of a reading at the times at which they are said in `sound`.

    Both sounds are mono, shape (n,), at `rate` and `reading_rate` Hz. Starts never go back, and
    no word ends after the next one starts. There are no words where a sound is no speech.
    """
    heard, read = _Sound(sound, rate), _Sound(reading, reading_rate)
    if not (heard.speaks and read.speaks):
        return ()
    way = _warped(heard.features, read.features)
    if _unlike(heard.features, read.features, way):
        return ()
    path = _Path(way, read, heard)
    seconds = len(sound) / rate
    starts = np.minimum(path.starts([word.start for word in words]), seconds)
    ends = path.ends([word.end for word in words])
    limits = np.append(starts[1:], seconds)
    ends = np.clip(ends, starts, limits)
    return tuple(
        SpokenWord(text=word.text, start=float(start), end=float(end))
        for word, start, end in zip(words, starts, ends, strict=True)
    )


class _Sound:
    """The stretch of a sound that is speech: its features, and the second at which it begins."""

    def __init__(self, samples: NDArray[np.int16], rate: int) -> None:
        bands = _bands(wav.resample(samples, from_rate=rate, to_rate=_RATE))
        loud = _loud(bands)
        self.speaks = loud.size > 2
        self.begins = 0.0
        self.features = np.zeros((0, 2 * _CEPSTRA - 1), np.float32)
        if self.speaks:
            first, last = int(loud[0]), int(loud[-1]) + 1
            self.begins = first * _HOP / _RATE
            self.features = _features(bands[first:last])


def _bands(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """The power in mel bands of each cell, centred on it; shape (cells, 32)."""
    padded = np.pad(samples, (_WINDOW // 2, _WINDOW)).astype(np.float32) / np.float32(32_768)
    count = max(1, len(samples) // _HOP)
    window = np.hanning(_WINDOW).astype(np.float32)
    filters = mel_filters(_RATE, _FFT, _BANDS, low_hz=60, high_hz=7_600)
    views = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
    made = np.empty((len(views), _BANDS), np.float32)
    for at in range(0, len(views), 4_096):  # a whole hour at once would be gigabytes
        power = np.abs(np.fft.rfft(views[at : at + 4_096] * window, _FFT)) ** 2
        made[at : at + 4_096] = power @ filters.T
    return made


def _loud(bands: NDArray[np.float32]) -> Cells:
    """The cells that are loud enough to be speech."""
    level = 10 * np.log10(bands.mean(axis=1) + 1e-12)
    top = float(np.percentile(level, 98))
    found: Cells = np.flatnonzero(level > max(top - _QUIET_DB, -90.0))
    return found


def _features(bands: NDArray[np.float32]) -> Features:
    """What is compared: cepstra freed of level and channel, and how they move.

    What is far below the loud parts is as good as silence, be it hiss or nothing at all.
    """
    level = bands.mean(axis=1)
    floor = np.percentile(level, 95) * np.float32(10 ** (-_FLOOR_DB / 10))
    cepstra = np.log(bands + floor) @ cosines(_BANDS, _CEPSTRA).T
    spoken = cepstra[level > 4 * floor]
    cepstra = (cepstra - spoken.mean(axis=0)) / (spoken.std(axis=0) + 1e-6)
    slope = np.gradient(cepstra, axis=0)[:, 1:] * _SLOPE
    made: Features = np.concatenate(
        [cepstra[:, 1:], _LEVEL * cepstra[:, :1], slope], axis=1, dtype=np.float32
    )
    return made


def _warped(heard: Features, read: Features, *, levels: int = _LEVELS) -> Way:
    """The way through both: pairs of cells (of the sound, of the reading), neither going back."""
    if levels == 0 or max(len(read), len(heard)) <= _FULL:
        return _way(heard, read, np.zeros(len(heard), np.int64), len(read))
    rough, along = _warped(_coarse(heard), _coarse(read), levels=levels - 1)
    places, where = np.unique(rough, return_index=True)
    middle = _COARSER * np.interp(np.arange(len(heard)) / _COARSER, places, along[where])
    leap = _COARSER * int(np.max(np.diff(along[where], append=len(read) // _COARSER), initial=0))
    width = min(len(read), 2 * _REACH + leap)
    lows = np.clip(middle.astype(np.int64) - width // 2, 0, len(read) - width)
    lows[0], lows[-1] = 0, len(read) - width
    return _way(heard, read, np.maximum.accumulate(lows), width)


def _coarse(features: Features) -> Features:
    """Each four cells as their mean."""
    count = -(-len(features) // _COARSER)
    padded = np.pad(features, ((0, count * _COARSER - len(features)), (0, 0)), mode="edge")
    made: Features = padded.reshape(count, _COARSER, -1).mean(axis=1)
    return made


def _way(heard: Features, read: Features, lows: Cells, width: int) -> Way:
    """Dynamic time warping in a band: row i looks at `width` cells from `lows[i]` on.

    The rows are the sound's: it may wait for long, which the reading never does. A row's cheapest
    sums from the left are a running minimum over sums less their costs, so a row is a handful of
    array operations.
    """
    norms = (read**2).sum(axis=1)
    before = np.full(width, np.inf)
    steps = np.zeros((len(heard), width), np.uint8)
    last = 0
    for row, low in enumerate(lows):
        cell, stretch = heard[row], read[low : low + width]
        squares = norms[low : low + width] + cell @ cell - 2 * (stretch @ cell)
        sums = np.cumsum(np.sqrt(np.maximum(squares, 0)), dtype=np.float64)
        shift = int(low) - last
        above = np.append(before[shift:], np.full(shift, np.inf))
        corner = np.append(before[shift - 1] if shift else np.inf, above[:-1])
        if row == 0:
            corner[0] = 0.0
        entry = np.minimum(above, corner) - np.append(0.0, sums[:-1])
        cheapest = np.minimum.accumulate(entry)
        steps[row] = np.where(cheapest < entry, _READING, np.where(corner <= above, _BOTH, _SOUND))
        before, last = cheapest + sums, int(low)
    return _back(steps, lows, len(read))


def _back(steps: NDArray[np.uint8], lows: Cells, end: int) -> Way:
    """The way from the end back to the beginning, turned round."""
    row, column = len(steps) - 1, end - 1
    rows, columns = [], []
    while row >= 0 and column >= 0:
        rows.append(row)
        columns.append(column)
        step = steps[row, column - lows[row]]
        row -= step != _READING
        column -= step != _SOUND
    return np.array(rows[::-1], np.int64), np.array(columns[::-1], np.int64)


def _unlike(heard: Features, read: Features, way: Way) -> bool:
    """Whether two sounds laid along each other are hardly nearer than cells taken at random."""
    heards, reads = way
    beside = np.sqrt(((heard[heards] - read[reads]) ** 2).sum(axis=1)).mean()
    some = read[:: max(1, len(read) // 200)], heard[:: max(1, len(heard) // 200)]
    apart = np.sqrt(((some[0][:, np.newaxis] - some[1][np.newaxis]) ** 2).sum(axis=-1)).mean()
    return bool(beside > _UNLIKE * apart)


class _Path:
    """A way through both sounds, asked for the seconds of the sound by those of the reading."""

    def __init__(self, way: Way, read: _Sound, heard: _Sound) -> None:
        heards, reads = way
        self._cells, where = np.unique(reads, return_index=True)
        self._firsts = heards[where]
        self._lasts = heards[np.append(where[1:], len(reads)) - 1]
        self._read, self._heard = read, heard

    def starts(self, times: Sequence[float]) -> NDArray[np.float64]:
        """When words begin: after the sound has paused beside their beginning."""
        return self._edges(times, _BEFORE, _AFTER, self._lasts)

    def ends(self, times: Sequence[float]) -> NDArray[np.float64]:
        """When words end: before the sound pauses beside their end."""
        return self._edges(times, _AFTER, _BEFORE, self._firsts)

    def _edges(
        self, times: Sequence[float], before: int, after: int, beside: Cells
    ) -> NDArray[np.float64]:
        cells = (np.asarray(times) - self._read.begins) * _RATE / _HOP
        found = np.interp(cells, self._cells, (self._firsts + self._lasts) / 2)
        for word, cell in enumerate(cells):
            row = self._pause(cell - before, cell + after)
            if row is not None:
                found[word] = beside[row]
        return np.maximum.accumulate(self._heard.begins + found * _HOP / _RATE)

    def _pause(self, low: float, high: float) -> int | None:
        """The cell of the reading, within these, at which the sound waits longest, if it does."""
        first, end = max(0, int(low)), min(len(self._cells), int(high) + 1)
        if first >= end:
            return None
        waits = (self._lasts - self._firsts)[first:end]
        longest = int(np.argmax(waits))
        return first + longest if waits[longest] >= _PAUSE else None
