"""A voice taken apart into pitch and colour, and put together again: a source and a filter.

Colour is the smooth envelope of the spectrum, free of the harmonics of the pitch (CheapTrick,
Morise 2015): a window of three periods, smoothed over two thirds of the pitch, then liftered.
Voiced frames are pulses of least phase, the rest is noise; how much of either stands in a band
follows the frame's own repeating. The noise is seeded, so the same in gives the same out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelsmith.media.voices import pitch
from reelsmith.media.voices.pitch import HOP_SECONDS, RATE, Floats

FFT = 1_024
BINS = FFT // 2 + 1
_UNVOICED_HZ = 500.0  # how wide colour is smoothed where there is no pitch
_LIFT = (1.3, -0.15)  # CheapTrick's compensation of what the smoothing took: q0, q1
_FLOOR = 1e-12
_NOISE = 0.02  # of the power of a voiced frame, at the lowest; more towards the top
_NOISE_FROM_HZ, _NOISE_ALL_HZ = 3_500.0, 9_500.0
_BLOCK = 2_000  # frames worked on at a time

Hz = np.linspace(0, RATE / 2, BINS)


@dataclass(frozen=True, slots=True)
class Parts:
    """A voice in parts: pitch in Hz (frames,), 0 unvoiced; log power (frames, BINS)."""

    pitch: Floats
    colour: Floats
    samples: int


def apart(samples: Floats) -> Parts:
    """Take mono samples at `RATE`, full scale 1, apart."""
    hz = pitch.track(samples)
    frames = pitch.framed(samples, FFT)
    colour = np.concatenate(
        [
            _colour(frames[at : at + _BLOCK], hz[at : at + _BLOCK])
            for at in range(0, len(frames), _BLOCK)
        ]
    )
    return Parts(hz, colour, len(samples))


def together(parts: Parts) -> Floats:
    """The sound of parts, as many samples as they came from."""
    noisy = _noise_share(parts.pitch)
    sound = _pulses(parts, np.log1p(-np.minimum(noisy, 1 - 1e-9)))
    sound += _noise(parts, np.log(noisy))
    return sound


def _colour(frames: Floats, hz: Floats) -> Floats:
    """The log power envelope of frames, shape (n, FFT), of pitches `hz`."""
    hz = np.where(hz > 0, np.maximum(hz, pitch.LOWEST_HZ), _UNVOICED_HZ)[:, np.newaxis]
    phase = (np.arange(FFT) - FFT // 2) / RATE * hz / 1.5  # -1 to 1 over three periods
    window = np.where(np.abs(phase) < 1, 0.5 + 0.5 * np.cos(np.pi * phase), 0.0)
    window /= np.sqrt((window**2).sum(axis=1, keepdims=True))
    centred = frames * window
    centred -= window * (centred.sum(axis=1) / window.sum(axis=1))[:, np.newaxis]
    power = np.abs(np.fft.rfft(centred)) ** 2
    log = np.log(_smoothed(power, hz / 3) + _FLOOR)
    quefrency = np.arange(FFT) / RATE
    quefrency = np.minimum(quefrency, FFT / RATE - quefrency)[np.newaxis]
    lifter = np.sinc(hz * quefrency) * (
        _LIFT[0] + 2 * _LIFT[1] * np.cos(2 * np.pi * quefrency * hz)
    )
    lifter /= lifter[:, :1]
    made: Floats = np.fft.rfft(np.fft.irfft(log) * lifter).real
    return made


def _smoothed(power: Floats, reach_hz: Floats) -> Floats:
    """The mean of the power `reach_hz` to both sides; shapes (n, BINS) and (n, 1)."""
    margin = 1 + int(np.ceil(reach_hz.max() / RATE * FFT))
    whole = np.concatenate([power[:, margin:0:-1], power, power[:, -2 : -margin - 2 : -1]], axis=1)
    sums = np.pad(np.cumsum(whole, axis=1), ((0, 0), (1, 0)))
    reach = reach_hz / RATE * FFT
    middle = np.arange(BINS)[np.newaxis] + margin + 0.5
    return (_at(sums, middle + reach) - _at(sums, middle - reach)) / (2 * reach)


def _at(rows: Floats, places: Floats) -> Floats:
    """Values of rows at broken places, between their neighbours."""
    whole = np.clip(places.astype(np.int64), 0, rows.shape[1] - 2)
    share = places - whole
    low, high = np.take_along_axis(rows, whole, 1), np.take_along_axis(rows, whole + 1, 1)
    return low + share * (high - low)


def _noise_share(hz: Floats) -> Floats:
    """How much of the power of each frame and bin is noise; shape (frames, BINS)."""
    ramp = np.clip((Hz - _NOISE_FROM_HZ) / (_NOISE_ALL_HZ - _NOISE_FROM_HZ), 0, 1)
    voiced = _NOISE + (1 - _NOISE) * 0.6 * ramp**2
    return np.where((hz > 0)[:, np.newaxis], voiced[np.newaxis], 1.0)


def _pulses(parts: Parts, share: Floats) -> Floats:
    """The voiced part: one pulse a period, each of the colour of its moment."""
    voiced = parts.pitch > 0
    sound = np.zeros(parts.samples + 2 * FFT)
    if not voiced.any():
        return sound[: parts.samples]
    at = np.arange(parts.samples) / RATE
    frames = np.arange(len(parts.pitch))
    hz = np.interp(frames, frames[voiced], parts.pitch[voiced])
    turns = np.cumsum(np.interp(at / HOP_SECONDS, frames, hz)) / RATE
    starts = np.flatnonzero(np.diff(np.floor(turns), prepend=0) > 0)
    frame = np.clip(np.rint(starts / RATE / HOP_SECONDS).astype(np.int64), 0, len(frames) - 1)
    starts, frame = starts[voiced[frame]], frame[voiced[frame]]
    early = (turns[starts] % 1) / hz[frame] * RATE  # samples since the very crossing
    for low in range(0, len(starts), _BLOCK):
        some = frame[low : low + _BLOCK]
        log = parts.colour[some] + share[some] + np.log(RATE / hz[some])[:, np.newaxis]
        pulses = _least_phase(log, early[low : low + _BLOCK])
        places = starts[low : low + _BLOCK, np.newaxis] + np.arange(FFT)
        np.add.at(sound, places.ravel(), pulses.ravel())
    return sound[: parts.samples]


def _least_phase(log: Floats, early: Floats) -> Floats:
    """Impulse responses of log power spectra, begun `early` samples before; shape (n, FFT)."""
    cepstra = np.fft.irfft(log / 2)
    cepstra[:, 1 : FFT // 2] *= 2
    cepstra[:, FFT // 2 + 1 :] = 0
    spectra: NDArray[np.complex128] = np.exp(np.fft.rfft(cepstra))
    moved = spectra * np.exp(1j * np.pi * np.arange(BINS) / (BINS - 1) * early[:, np.newaxis])
    made: Floats = np.fft.irfft(moved)
    return made


def _noise(parts: Parts, share: Floats) -> Floats:
    """The breath: white noise through each frame's filter, overlapped and added."""
    hop = HOP_SECONDS * RATE
    wide = 2 * round(hop)
    source = np.random.default_rng(0).standard_normal(parts.samples + 2 * FFT)
    starts = np.rint(np.arange(len(parts.pitch)) * hop).astype(np.int64)
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(wide) + 0.5) / wide))
    sound = np.zeros(parts.samples + 3 * FFT)
    for low in range(0, len(starts), _BLOCK):
        some = slice(low, low + _BLOCK)
        grains = source[starts[some, np.newaxis] + np.arange(wide)] * window
        spectra = np.fft.rfft(grains, FFT) * np.exp((parts.colour[some] + share[some]) / 2)
        made = np.roll(np.fft.irfft(spectra), FFT // 2 - wide // 2, axis=1)
        places = starts[some, np.newaxis] + np.arange(FFT)
        np.add.at(sound, places.ravel(), made.ravel())
    return sound[FFT // 2 : FFT // 2 + parts.samples]
