"""Sounds to mix, and ears that are not ours to hear the result with."""

from pathlib import Path

import av
import numpy as np
from av.filter import Graph

from reelsmith.domain.layers import Card
from reelsmith.domain.timelines import Music, Scene, Timeline, Voiced
from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.media import aac, wav

RATE = 48_000
SHA = "0" * 64


def a_tone(hz, seconds, *, dbfs=-12.0) -> np.ndarray:
    """A sine of this peak, full scale 1, shape (n,)."""
    at = np.arange(round(seconds * RATE)) / RATE
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def a_tune(seconds, *, seed=1) -> np.ndarray:
    """Chords and a drum twice a second, shape (n, 2)."""
    at = np.arange(round(seconds * RATE)) / RATE
    tune = np.zeros((len(at), 2), np.float32)
    for n, hz in enumerate((110, 165, 220, 277, 330, 440)):
        swell = 0.1 * (1 + 0.5 * np.sin(2 * np.pi * 2 * at + n))
        tune[:, n % 2] += swell * np.sin(2 * np.pi * hz * at)
        tune[:, 1 - n % 2] += swell / 2 * np.sin(2 * np.pi * hz * at + 1)
    noise = np.random.default_rng(seed).normal(0, 0.3, len(at))
    return tune + (noise * np.exp(-40 * (at % 0.5) / 0.5))[:, np.newaxis]


def written(path: Path, samples, *, rate=RATE) -> Path:
    """A 16-bit WAV file of samples of full scale 1."""
    whole = np.clip(np.rint(np.asarray(samples) * 32_768), -32_768, 32_767).astype(np.int16)
    wav.write(path, whole, rate=rate)
    return path


def speech(path: Path, text="Compra ya las mejores baterías. Mañana suben de precio.") -> Path:
    """Somebody saying `text`, as a mono WAV at 48 kHz."""
    raw = path.with_suffix(".raw")
    EspeakSpeaker().speak(text, language="es", voice=None, out=raw)
    wav.resampled(raw, path, rate=RATE)
    return path


def sounding(frames, *voiced, music=None) -> Timeline:
    """A film of one card with narration as (file, first sample), and music from a file."""
    return Timeline(
        width=270,
        height=480,
        scenes=(Scene(index=0, first_frame=0, frames=frames, source=Card(text="Hi")),),
        narration=tuple(
            Voiced(key=file.name, sha256=SHA, first_sample=at, samples=wav.shape_of(file)[0])
            for file, at in voiced
        ),
        music=Music(key=music.name, sha256=SHA, name="my song.wav") if music else None,
    )


def decoded(track) -> np.ndarray:
    """A whole track as its decoder gives it, shape (n, 2)."""
    return np.concatenate(list(aac.decode(track)))


def judged(samples) -> tuple[float, float]:
    """Loudness in LUFS and true peak in dBTP, by FFmpeg's own ebur128 filter."""
    graph = Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="stereo", name="in")
    meter = graph.add("ebur128", "metadata=1:peak=true")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
    frame.sample_rate, frame.pts = RATE, 0
    graph.push(frame)
    graph.push(None)
    last = {}
    while True:
        try:
            last = graph.pull().metadata or last
        except (av.error.BlockingIOError, av.error.EOFError):
            break
    peaks = [float(last[f"lavfi.r128.true_peaks_ch{n}"]) for n in (0, 1)]
    return float(last["lavfi.r128.I"]), 20 * float(np.log10(max(peaks)))
