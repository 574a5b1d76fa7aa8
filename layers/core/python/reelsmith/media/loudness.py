"""Loudness and true peak of 48 kHz sound, as ITU-R BS.1770-4 and EBU R 128 define them.

Both filters work on windows by FFT: the K-weighting as its impulse response, which has died away
before the history of a window has passed, and the oversampling for true peaks as a spectrum laid
into a longer one. Nothing is done per sample.
"""

from dataclasses import dataclass
from functools import cache, reduce

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.timelines import SAMPLE_RATE

_STEP = SAMPLE_RATE // 10  # blocks of 400 ms begin every 100 ms
_STEPS = 12  # measured at a time
GUARD = 256  # samples at the edges of a window where the oversampling rings
_WINDOW = 1 << 16
_HISTORY = _WINDOW - _STEPS * _STEP - GUARD  # 160 ms; the filter's response is below -120 dB then
_OVERSAMPLING = 4
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
# BS.1770-4, tables 1 and 2: numerator and denominator of the shelf and of the high-pass
_K_WEIGHTING = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (-1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
)


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was heard; None is silence: below the gate at -70 LUFS, and no peak at all."""

    lufs: float | None
    true_peak_dbtp: float | None


@cache
def _k_response() -> NDArray[np.complex64]:
    """The K-weighting's spectrum for one window, its impulse response cut to the history."""
    turn = np.exp(-2j * np.pi * np.arange(_WINDOW // 2 + 1) / _WINDOW)
    spectrum = np.ones_like(turn)
    for (b0, b1, b2), (a1, a2) in _K_WEIGHTING:
        spectrum *= (b0 + b1 * turn + b2 * turn**2) / (1 + a1 * turn + a2 * turn**2)
    response = np.fft.irfft(spectrum)
    response[_HISTORY:] = 0
    weighting: NDArray[np.complex64] = np.fft.rfft(response).astype(np.complex64)
    return weighting


def _oversampled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Absolute levels at four times the rate; shape (n, channels) in, (n, 4 * channels) out."""
    count = len(samples)
    fine = np.fft.irfft(np.fft.rfft(samples, axis=0), n=_OVERSAMPLING * count, axis=0)
    levels: NDArray[np.float32] = (np.abs(fine, out=fine) * _OVERSAMPLING).reshape(count, -1)
    return levels


def peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest level that the sound reaches around each sample, between samples too.

    Shape (n, channels) in, (n,) out, linear. The first and last `GUARD` values are not exact.
    """
    columns = _oversampled(samples).T
    return reduce(np.maximum, columns)


class Meter:
    """Measures a sound that comes in blocks of any length."""

    def __init__(self, *, true_peak: bool = True) -> None:
        self._true_peak = true_peak
        self._pending: NDArray[np.float32] | None = None
        self._heard = 0
        self._powers: list[NDArray[np.float64]] = []
        self._peak = 0.0

    def feed(self, samples: NDArray[np.float32]) -> None:
        """Hear the next samples, shape (n, channels), full scale 1."""
        if self._pending is None:
            self._pending = np.zeros((_HISTORY, samples.shape[1]), np.float32)
        self._heard += len(samples)
        pending = np.concatenate([self._pending, samples])
        while len(pending) >= _WINDOW:
            self._measure(pending[:_WINDOW])
            pending = pending[_STEPS * _STEP :]
        self._pending = pending

    def result(self) -> Loudness:
        """What was heard from the first block to the last; call it once, at the end."""
        if self._pending is None or not self._heard:
            return Loudness(None, None)
        left = len(self._pending) - _HISTORY
        while left > 0:
            missing = max(0, _WINDOW - len(self._pending))
            self._pending = np.pad(self._pending, ((0, missing), (0, 0)))
            self._measure(self._pending[:_WINDOW])
            self._pending = self._pending[_STEPS * _STEP :]
            left -= _STEPS * _STEP
        powers = np.concatenate(self._powers)
        peak = 20 * float(np.log10(self._peak)) if self._peak > 0 else None
        return Loudness(_gated(powers, self._heard), peak if self._true_peak else None)

    def _measure(self, window: NDArray[np.float32]) -> None:
        end = _HISTORY + _STEPS * _STEP
        spectrum = np.fft.rfft(window, axis=0) * _k_response()[:, np.newaxis]
        weighted = np.fft.irfft(spectrum, axis=0)[_HISTORY:end]
        self._powers.append(np.square(weighted).reshape(_STEPS, -1).sum(axis=1, dtype=np.float64))
        if self._true_peak:
            self._peak = max(self._peak, float(_oversampled(window)[_HISTORY:end].max()))


def _gated(energies: NDArray[np.float64], samples: int) -> float | None:
    """Integrated loudness from the energy of each 100 ms, of which the last may be in part."""
    whole = energies[: samples // _STEP]
    if len(whole) < 4:  # shorter than one block: all of it is the block
        blocks = np.array([energies.sum() / samples])
    else:
        blocks = np.convolve(whole, np.ones(4), "valid") / (4 * _STEP)
    loud = blocks[blocks > _power(_ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return None
    gate = loud.mean() * 10 ** (_RELATIVE_GATE_LU / 10)
    return -0.691 + 10 * float(np.log10(loud[loud > gate].mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
