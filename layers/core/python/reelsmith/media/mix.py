"""What is heard, before it is made loud: speech, clips at their exact samples, music under both.

Clips bow to the narration, and music to whatever else is heard.

A mix is a function of the sample range, as a scene's pictures are of the frame number: nothing of
the film's length is kept but the music and one level per 10 ms.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.timelines import SAMPLE_RATE, Timeline, Voiced
from reelsmith.errors import MediaError
from reelsmith.media import pcm, wav
from reelsmith.media.heard import ClipSound
from reelsmith.media.loudness import Meter

BLOCK = 61_440  # samples made at a time: whole AAC units, and whole steps of the music's level
UNDER_SPEECH_LU = 14.0  # music lies this far below the speech while somebody speaks
DUCKING_DB = 12.0  # and comes up by this much where nobody does
_STEP = SAMPLE_RATE // 100  # samples between two levels of the music
_EARLY_STEPS, _HOLD_STEPS = 20, 80  # music is down before a word and stays down between two
_RAMP_STEPS = 30
_FADE_IN_SECONDS, _FADE_OUT_SECONDS = 0.5, 1.5
_SEAM = SAMPLE_RATE // 20  # samples of crossfade where looped music meets its beginning
_SILENCE = 33  # -60 dBFS in 16 bits: the rim of a loop that is quieter is cut off
_SPEAKS_DB = -40.0  # below the loudest step of speech


Sound = Callable[[int, int], NDArray[np.float32]]


class Narration:
    """Speech of a timeline, read from its files as it is needed."""

    def __init__(self, voiced: Sequence[Voiced], files: Mapping[str, Path]) -> None:
        """See that the files are what the timeline says. Raises MediaError."""
        for part in voiced:
            if wav.shape_of(files[part.key]) != (part.samples, 1, SAMPLE_RATE):
                raise MediaError("a stretch of narration is not the one that the timeline placed")
        self._voiced = voiced
        self._files = files

    def at(self, first: int, count: int) -> NDArray[np.float32]:
        """`count` samples from `first` on, full scale 1; shape (count,)."""
        heard = np.zeros(count, np.float32)
        for part in self._voiced:
            start = max(first, part.first_sample)
            end = min(first + count, part.first_sample + part.samples)
            if start < end:
                samples, _ = wav.read(
                    self._files[part.key], first=start - part.first_sample, count=end - start
                )
                heard[start - first : end - first] += _full_scale(samples[:, 0])
        return heard


class Music:
    """Music of any length, looped to last for ever."""

    def __init__(self, samples: NDArray[np.int16], *, lasts: int) -> None:
        """Take 48 kHz music, shape (n, 2), to be heard for `lasts` samples."""
        looped = len(samples) < lasts
        self._samples = _sounding(samples) if looped else samples
        self._seam = min(_SEAM, len(self._samples) // 4) if looped else 0
        self._period = len(self._samples) - self._seam
        self._joint = self._crossfaded()

    def at(self, first: int, count: int) -> NDArray[np.float32]:
        """`count` samples from `first` on, full scale 1; shape (count, 2)."""
        places = np.arange(first, first + count) % self._period
        heard = _full_scale(self._samples[places])
        joint = (places < self._seam) & (np.arange(first, first + count) >= self._period)
        heard[joint] = self._joint[places[joint]]
        return heard

    def _crossfaded(self) -> NDArray[np.float32]:
        """The first samples of each round but the first, mixed with the last of the round before.

        Equal power, as the two know nothing of each other.
        """
        turn = np.linspace(0, np.pi / 2, self._seam, dtype=np.float32)[:, np.newaxis]
        head = _full_scale(self._samples[: self._seam])
        tail = _full_scale(self._samples[self._period :])
        mixed: NDArray[np.float32] = head * np.sin(turn) + tail * np.cos(turn)
        return mixed


class Mix:
    """The whole sound of a timeline; silence where it has none."""

    def __init__(self, timeline: Timeline, files: Mapping[str, Path]) -> None:
        """Open the narration, decode clips and music. Raises MediaError when one is no good."""
        self.samples = timeline.samples
        self._speech = Narration(timeline.narration, files)
        self._clips = ClipSound(timeline.heard, files)
        self._clip_levels = self._ducking(self._spoken) if self._clips else np.ones(2)
        self._music: Music | None = None
        if timeline.music:
            path, name = files[timeline.music.key], timeline.music.name
            track = pcm.load(path, name=name, max_seconds=timeline.duration_seconds + 1)
            self._music = Music(track, lasts=self.samples)
        self._levels = self._music_levels(self._music) if self._music else np.zeros(2)

    def at(self, first: int, count: int) -> NDArray[np.float32]:
        """`count` samples from `first` on; shape (count, 2); silence outside the film."""
        heard = np.zeros((count, 2), np.float32)
        start, end = max(0, first), min(self.samples, first + count)
        if start < end:
            inside = heard[start - first : end - first]
            inside += self._front(start, end - start)
            if self._music:
                music = self._music.at(start, end - start)
                inside += music * _level(self._levels, start, end)
        return heard

    def _spoken(self, first: int, count: int) -> NDArray[np.float32]:
        """The narration; shape (count, 1), as both channels are alike."""
        return self._speech.at(first, count)[:, np.newaxis]

    def _front(self, first: int, count: int) -> NDArray[np.float32]:
        """All that music makes room for; shape (count, 2)."""
        front = np.repeat(self._spoken(first, count), 2, axis=1)
        if self._clips:
            front += self._clips.at(first, count) * _level(self._clip_levels, first, first + count)
        return front

    def blocks(self) -> Iterator[tuple[int, int]]:
        """(first, count) of the stretches that make up the film."""
        yield from _blocks(self.samples)

    def _music_levels(self, music: Music) -> NDArray[np.float64]:
        """The music's gain every 10 ms, linear: its level, its fades, its bows to the speech."""
        steps = self._steps
        gain, ducking = self._music_gain(music), self._ducking(self._front)
        seconds = np.arange(steps) * _STEP / SAMPLE_RATE
        length = self.samples / SAMPLE_RATE
        begins = np.clip(seconds / min(_FADE_IN_SECONDS, length / 4), 0, 1)
        ends = np.clip((length - seconds) / min(_FADE_OUT_SECONDS, length / 4), 0, 1)
        levels: NDArray[np.float64] = gain * ducking * begins * ends
        return levels

    def _music_gain(self, music: Music) -> float:
        """The gain that puts music in its place below what is in front; 1 where nothing is."""
        speech, tune = Meter(true_peak=False), Meter(true_peak=False)
        for first, count in self.blocks():
            speech.feed(self._front(first, count))
            tune.feed(music.at(first, count))
        spoken, played = speech.result().lufs, tune.result().lufs
        if spoken is None or played is None:
            return 1.0
        return float(10 ** ((spoken - UNDER_SPEECH_LU + DUCKING_DB - played) / 20))

    @property
    def _steps(self) -> int:
        return self.samples // _STEP + 2

    def _ducking(self, front: Sound) -> NDArray[np.float64]:
        """The gain, linear, by which room is made for what sounds in front, at each step."""
        powers = np.concatenate([_powers(front(*block)) for block in self.blocks()])
        steps = self._steps
        speaks = np.zeros(steps)
        speaks[: len(powers)] = powers > powers.max() * 10 ** (_SPEAKS_DB / 10)
        width = _EARLY_STEPS + _HOLD_STEPS + 1
        near = np.convolve(speaks, np.ones(width))[_EARLY_STEPS : _EARLY_STEPS + steps] > 0
        ramp = np.hanning(_RAMP_STEPS + 3)[1:-1]
        padded = np.pad(near.astype(np.float64), _RAMP_STEPS // 2, mode="edge")
        depth = np.convolve(padded, ramp / ramp.sum(), "valid")
        ducked: NDArray[np.float64] = 10 ** (-DUCKING_DB * depth / 20)
        return ducked


def _powers(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean power of each step of a sound of any number of channels."""
    whole = np.pad(sound, ((0, -len(sound) % _STEP), (0, 0)))
    powers: NDArray[np.float32] = np.square(whole).reshape(-1, _STEP * sound.shape[1]).mean(axis=1)
    return powers


def _level(levels: NDArray[np.float64], start: int, end: int) -> NDArray[np.float32]:
    """The gain of each sample of a range; shape (end - start, 1)."""
    level = np.interp(np.arange(start, end) / _STEP, np.arange(len(levels)), levels)
    return level[:, np.newaxis].astype(np.float32)


def _blocks(samples: int) -> Iterator[tuple[int, int]]:
    for first in range(0, samples, BLOCK):
        yield first, min(BLOCK, samples - first)


def _full_scale(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """16-bit samples as fractions of full scale."""
    return samples.astype(np.float32) / np.float32(32_768)


def _sounding(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """The music without the silence at its ends; all of it when it is nothing else."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)).max(axis=1) > _SILENCE)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples
