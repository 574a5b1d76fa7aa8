"""The sound of a whole film: mixed, brought to its loudness, encoded once, and heard again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.timelines import TRUE_PEAK_DBTP, Timeline
from reelsmith.media import aac
from reelsmith.media.limiter import CONTEXT, limited
from reelsmith.media.loudness import Loudness, Meter
from reelsmith.media.mix import Mix
from reelsmith.media.tracks import AacTrack

HIGHEST_PEAK_DBTP = -1.0  # what is promised of the decoded track
_SPEECH_BIT_RATE = 96_000  # both channels are alike, which costs next to nothing
_MUSIC_BIT_RATE = 160_000
_CLOSE_LU = 0.1
_ATTEMPTS = 5
_LEAST_WON = 0.25  # LU per dB of gain


@dataclass(frozen=True, slots=True)
class Master:
    """A finished track, and what its decoder gives: None is silence."""

    track: AacTrack
    loudness_lufs: float | None
    true_peak_dbtp: float | None


@dataclass(frozen=True, slots=True)
class _Setting:
    """How loud a mix is made, and where its peaks are held."""

    gain_db: float
    ceiling_dbtp: float


def master(timeline: Timeline, *, files: Mapping[str, Path]) -> Master:
    """Make the sound of a film, exactly as long as its pictures: 48 kHz stereo AAC.

    `files` holds, by key, the timeline's narration (mono 48 kHz WAV, ours) and its music (the
    caller's file). The track has the timeline's loudness as decoded, unless its peaks do not allow
    that: a film with a single click in it stays quieter.

    Raises:
        MediaError: a file is not what the timeline says, or the music cannot be decoded.
    """
    mix = Mix(timeline, files)
    bit_rate = _bit_rate(timeline)
    blocks = (mix.at(first, count) for first, count in mix.blocks())
    lufs = _measured(blocks, true_peak=False).lufs
    if lufs is None:
        return _encoded(mix, _Setting(0.0, TRUE_PEAK_DBTP), bit_rate=bit_rate)
    setting = _Setting(timeline.loudness_lufs - lufs, TRUE_PEAK_DBTP)
    tried: list[tuple[_Setting, Master]] = []
    for _ in range(_ATTEMPTS):
        tried.append((setting, _encoded(mix, setting, bit_rate=bit_rate)))
        setting = _better(tried, timeline.loudness_lufs)
        if setting == tried[-1][0]:
            break
    return min((made for _, made in tried), key=lambda made: _flaw(made, timeline.loudness_lufs))


def profile(timeline: Timeline) -> str:
    """How the sound of a film is encoded, and for which loudness, in one line."""
    loud = f"{timeline.loudness_lufs:g} LUFS, at most {TRUE_PEAK_DBTP:g} dBTP"
    return f"{aac.PROFILE} at {_bit_rate(timeline)} bit/s, {loud}"


def _bit_rate(timeline: Timeline) -> int:
    return _MUSIC_BIT_RATE if timeline.music or timeline.heard else _SPEECH_BIT_RATE


def _flaw(made: Master, wanted_lufs: float) -> tuple[bool, float]:
    """How bad a track is: a peak that is too high weighs more than any miss of the loudness."""
    lufs, peak = made.loudness_lufs, made.true_peak_dbtp
    missed = abs(wanted_lufs - lufs) if lufs is not None else np.inf
    return peak is not None and peak > HIGHEST_PEAK_DBTP, missed


def _better(tried: Sequence[tuple[_Setting, Master]], wanted_lufs: float) -> _Setting:
    """What to try next; the last setting again when its track is as wanted.

    The limiter takes back a part of each dB; how much is seen from the last two tries.
    """
    last, made = tried[-1]
    if made.loudness_lufs is None or made.true_peak_dbtp is None:
        return last
    too_quiet = wanted_lufs - made.loudness_lufs
    too_high = max(0.0, made.true_peak_dbtp - HIGHEST_PEAK_DBTP)
    if abs(too_quiet) <= _CLOSE_LU and not too_high:
        return last
    won = 1.0  # LU per dB
    if len(tried) > 1:
        before, earlier = tried[-2]
        step = last.gain_db - before.gain_db
        if earlier.loudness_lufs is not None and abs(step) > _CLOSE_LU:
            won = min(1.0, max(_LEAST_WON, (made.loudness_lufs - earlier.loudness_lufs) / step))
    return _Setting(last.gain_db + too_quiet / won, last.ceiling_dbtp - too_high)


def _encoded(mix: Mix, setting: _Setting, *, bit_rate: int) -> Master:
    track = aac.encode(_loud(mix, setting), bit_rate=bit_rate)
    heard = _measured(aac.decode(track))
    return Master(track, heard.lufs, heard.true_peak_dbtp)


def _loud(mix: Mix, setting: _Setting) -> Iterator[NDArray[np.float32]]:
    """The mix with the setting's gain, its peaks held."""
    gain = np.float32(10 ** (setting.gain_db / 20))
    ceiling = 10 ** (setting.ceiling_dbtp / 20)
    for first, count in mix.blocks():
        around = mix.at(first - CONTEXT, count + 2 * CONTEXT)
        yield limited(around * gain, ceiling=ceiling)


def _measured(blocks: Iterable[NDArray[np.float32]], *, true_peak: bool = True) -> Loudness:
    meter = Meter(true_peak=true_peak)
    for block in blocks:
        meter.feed(block)
    return meter.result()
