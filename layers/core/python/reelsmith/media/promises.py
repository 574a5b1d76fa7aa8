"""What a timeline promises of its film, held against what the file measures."""

from collections.abc import Iterator, Sequence

from reelsmith.domain.measures import Measured
from reelsmith.domain.quality import Promise
from reelsmith.domain.timelines import SAMPLE_RATE, Timeline
from reelsmith.errors import BrokenPromise
from reelsmith.media.sound import HIGHEST_PEAK_DBTP

MOST_OFFSET_MS = 10.0
LOUDNESS_TOLERANCE_LU = 0.5
_LIMITED_DBTP = -4.0  # a track that peaks above this cannot be made louder without harm


def hold(made: Sequence[Promise]) -> None:
    """Raises BrokenPromise when one of the promises is broken; the message names each."""
    broken = [
        f"{one.name}: promised {one.promised}, measured {one.measured}"
        for one in made
        if not one.kept
    ]
    if broken:
        raise BrokenPromise("; ".join(broken))


def of(measured: Measured, timeline: Timeline) -> tuple[Promise, ...]:
    """All that a timeline promises of its film, each with what was measured."""
    equal = {
        "frames": (timeline.frames, measured.frames),
        "frames in the index": (timeline.frames, measured.frames_indexed),
        "decoded key frames": (measured.key_frames, measured.key_frames_decoded),
        "seconds": (round(timeline.duration_seconds, 3), round(measured.duration_seconds, 3)),
        "size": (f"{timeline.width}x{timeline.height}", f"{measured.width}x{measured.height}"),
        "frames a second": (timeline.fps, measured.fps),
        "evenly timed pictures": (True, measured.regular),
        "picture codec": (str(timeline.codec), measured.video_codec),
        "pixel format": ("yuv420p", measured.pixel_format),
        "sound codec": ("aac", measured.audio_codec),
        "sound rate": (SAMPLE_RATE, measured.sample_rate),
        "sound without gaps": (True, measured.audio_regular),
        "index first": (True, measured.moov_first),
    }
    kept = (
        Promise(name=name, promised=str(given), measured=str(found), kept=given == found)
        for name, (given, found) in equal.items()
    )
    return (*kept, _in_step(measured), _as_loud(measured, timeline))


def _in_step(measured: Measured) -> Promise:
    return Promise(
        name="sound with picture",
        promised=f"less than {MOST_OFFSET_MS:g} ms",
        measured=f"{measured.av_offset_ms:.1f} ms",
        kept=abs(measured.av_offset_ms) < MOST_OFFSET_MS,
    )


def _as_loud(measured: Measured, timeline: Timeline) -> Promise:
    """The loudness, which is kept too when the peaks of the sound do not allow it."""
    lufs, peak = measured.loudness_lufs, measured.true_peak_dbtp
    return Promise(
        name="loudness",
        promised=f"{timeline.loudness_lufs:g} LUFS",
        measured="silence" if lufs is None else f"{lufs:.2f} LUFS",
        kept=lufs is None
        or peak is None
        or _is_near(lufs, timeline.loudness_lufs)
        or (lufs < timeline.loudness_lufs and peak > _LIMITED_DBTP),
    )


def remarks(measured: Measured, timeline: Timeline) -> Iterator[str]:
    """What is remarkable about the sound of a film and no fault."""
    lufs, peak = measured.loudness_lufs, measured.true_peak_dbtp
    if lufs is None:
        if timeline.narration or timeline.music:
            yield "the film is silent: its narration and music hold no sound"
    elif not _is_near(lufs, timeline.loudness_lufs):
        yield f"the sound stays at {lufs:.1f} LUFS: its peaks do not allow more"
    if peak is not None and peak > HIGHEST_PEAK_DBTP:
        yield f"the sound peaks at {peak:.1f} dBTP, above {HIGHEST_PEAK_DBTP:g}"


def _is_near(lufs: float, wanted_lufs: float) -> bool:
    return abs(lufs - wanted_lufs) <= LOUDNESS_TOLERANCE_LU
