"""The pitch of a voice, every five milliseconds.

Boersma's method (1993): the autocorrelation of a frame by that of its window, several candidates a
frame, and the smoothest way through them.
"""

import numpy as np
from numpy.typing import NDArray

RATE = 22_050  # Hz at which voices are taken apart: that of our own voice
HOP_SECONDS = 0.005
LOWEST_HZ, HIGHEST_HZ = 75.0, 500.0
_WINDOW = 1_024  # samples, 46 ms: three periods of the lowest
_FFT = 2_048
_CANDIDATES = 5
_VOICED_FROM = 0.45  # of the autocorrelation: what repeats itself less is noise
_OCTAVE, _JUMP, _TURN = 0.03, 0.6, 0.14  # what a lower octave, a leap, a change of voicing cost
_QUIET = 0.02  # of the loudest frame
_BLOCK = 2_000  # frames taken at a time

Floats = NDArray[np.float64]


def times(count: int) -> Floats:
    """The seconds at the middle of each frame of `count` samples."""
    return np.arange(int(count / RATE / HOP_SECONDS) + 1, dtype=np.float64) * HOP_SECONDS


def framed(samples: Floats, width: int) -> Floats:
    """Samples around the middle of each frame, of an even `width`; shape (frames, width)."""
    at = np.rint(times(len(samples)) * RATE).astype(np.int64)
    padded = np.pad(samples, (width // 2, width))
    made: Floats = padded[at[:, np.newaxis] + np.arange(width)]
    return made


def track(samples: Floats) -> Floats:
    """The pitch of each frame in Hz, 0 where nothing is voiced. `samples` at `RATE`, mono."""
    frames = framed(samples, _WINDOW)
    lags, strengths = zip(
        *(_candidates(frames[at : at + _BLOCK]) for at in range(0, len(frames), _BLOCK)),
        strict=True,
    )
    peak = np.abs(frames).max(axis=1)
    return _smoothest(np.concatenate(lags), np.concatenate(strengths), peak)


def _candidates(frames: Floats) -> tuple[Floats, Floats]:
    """The best few periods of frames in samples, and how true each is; shape (frames, 5)."""
    window = np.hanning(_WINDOW)
    centred = (frames - frames.mean(axis=1, keepdims=True)) * window
    power = np.abs(np.fft.rfft(centred, _FFT)) ** 2
    shape = np.fft.irfft(np.abs(np.fft.rfft(window, _FFT)) ** 2)
    first, last = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ) + 2
    alike = np.fft.irfft(power)[:, : last + 1]
    alike = alike / np.maximum(alike[:, :1], 1e-9) / (shape[: last + 1] / shape[0])
    left, here, right = alike[:, first - 1 : -2], alike[:, first:-1], alike[:, first + 1 :]
    bend = left - 2 * here + right
    tip = np.where(bend < 0, (left - right) / np.where(bend < 0, 2 * bend, 1), 0)
    offset = np.clip(tip, -0.5, 0.5)
    height = here - (left - right) * offset / 4
    lags = np.arange(first, last) + offset
    worth = np.where((here > left) & (here >= right), height, -1.0)
    worth = worth - _OCTAVE * np.log2(LOWEST_HZ * lags / RATE)
    best = np.argpartition(-worth, _CANDIDATES, axis=1)[:, :_CANDIDATES]
    return np.take_along_axis(lags, best, 1), np.take_along_axis(worth, best, 1)


def _smoothest(lags: Floats, strengths: Floats, peak: Floats) -> Floats:
    """The cheapest way through the candidates, where the last of each frame is: no voice."""
    count = len(lags)
    octaves = np.log2(RATE / lags)
    silence = np.clip(2 - peak / max(_QUIET * float(peak.max(initial=0)), 1e-5), 0, None)
    costs = np.concatenate([-strengths, -(_VOICED_FROM + silence)[:, np.newaxis]], axis=1)
    total, back = costs[0], np.zeros((count, _CANDIDATES + 1), np.int64)
    turn = np.full((_CANDIDATES + 1, _CANDIDATES + 1), _TURN)
    turn[-1, -1] = 0
    for frame in range(1, count):
        turn[:-1, :-1] = _JUMP * np.abs(octaves[frame][np.newaxis] - octaves[frame - 1][:, None])
        ways = total[:, np.newaxis] + turn
        back[frame] = ways.argmin(axis=0)
        total = ways.min(axis=0) + costs[frame]
    pitch, place = np.zeros(count), int(total.argmin())
    for frame in range(count - 1, -1, -1):
        if place < _CANDIDATES:
            pitch[frame] = RATE / lags[frame, place]
        place = int(back[frame, place])
    return np.where(pitch > HIGHEST_HZ * 1.05, 0.0, pitch)
