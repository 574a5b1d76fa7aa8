"""Joins segments and a sound track into a fragmented MP4 file, for players that read it in pieces.

The pictures and the sound are those of the film, byte for byte. Every fragment begins with a key
frame and holds the sound that is heard with its pictures, so it can be played alone.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from reelsmith.domain.streams import Fragment, StreamFacts
from reelsmith.media import entries, fragments
from reelsmith.media.boxes import TICKS
from reelsmith.media.fragments import Opening, Stretch
from reelsmith.media.parts import Parts
from reelsmith.media.tracks import AacTrack

MOST_SECONDS = 6  # of a fragment, where key frames allow it: what Apple's authoring guide asks for
_PICTURES, _SOUND = 1, 2


def write(
    segments: Sequence[Path],
    track: AacTrack | None,
    out: Path,
    *,
    width: int,
    height: int,
    fps: int,
) -> StreamFacts:
    """Write the stream, whole or not at all.

    Raises:
        MediaError: as `film.assemble`.
    """
    parts = Parts(segments, track, width=width, height=height, fps=fps)
    part = out.with_name(out.name + ".part")
    try:
        facts = _written(parts, part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return facts


def _written(parts: Parts, path: Path) -> StreamFacts:
    cuts = _cuts(parts)
    sound = memoryview(parts.track.data if parts.track else b"")
    pictures = _pictures(parts, cuts)
    told = []
    with path.open("wb") as file:
        opening = file.write(_opening(parts))
        for number, (first, end) in enumerate(pairwise(cuts), 1):
            begins = file.tell()
            seen, heard = _seen(parts, first, end), _heard(parts, first, end)
            file.write(fragments.fragment(number, [seen, heard] if parts.track else [seen]))
            file.writelines(next(pictures))
            file.write(sound[: heard.size_bytes])
            sound = sound[heard.size_bytes :]
            told.append(
                Fragment(
                    first_byte=begins,
                    size_bytes=file.tell() - begins,
                    seconds=(end - first) / parts.fps,
                )
            )
        return StreamFacts(opening_bytes=opening, fragments=tuple(told), size_bytes=file.tell())


def _cuts(parts: Parts) -> list[int]:
    """Where fragments begin, and the end: at key frames, as far apart as they may be."""
    cuts = [0]
    places = [*np.flatnonzero(parts.keys).tolist(), parts.frames]
    for key, following in pairwise(places):
        if key and following - cuts[-1] > MOST_SECONDS * parts.fps:
            cuts.append(key)
    return [*cuts, parts.frames]


def _opening(parts: Parts) -> bytes:
    pictures = Opening(
        entry=entries.pictures(parts.header, *parts.size),
        rate=parts.fps * TICKS,
        skipped=parts.delay * TICKS,
        size=parts.size,
    )
    track = parts.track
    sound = Opening(entries.sound(track), track.rate, track.priming) if track else None
    return fragments.opening(pictures, sound)


def _pictures(parts: Parts, cuts: Sequence[int]) -> Iterator[Iterator[bytes]]:
    """The bytes of each fragment's pictures; a segment may be shared by several fragments."""
    starts = np.cumsum([0, *(index.frames for index in parts.indexes)])
    edges = np.union1d(starts, cuts)
    offsets = np.concatenate(([0], parts.sizes.cumsum()))[edges]
    bodies = parts.bodies(iter(np.diff(offsets).tolist()))
    ends = np.searchsorted(edges, cuts[1:])
    for count in np.diff(ends, prepend=0).tolist():
        yield (piece for _ in range(count) for piece in next(bodies))


def _seen(parts: Parts, first: int, end: int) -> Stretch:
    shown = slice(first, end)
    return Stretch(
        track=_PICTURES,
        begins=first * TICKS,
        sizes=parts.sizes[shown],
        durations=np.full(end - first, TICKS),
        keys=parts.keys[shown],
        delays=(parts.shifts[shown] + parts.delay) * TICKS,
    )


def _heard(parts: Parts, first: int, end: int) -> Stretch:
    """The access units that follow those of the frames before, up to the last that is needed."""
    begin, until = parts.units_by(np.array([first, end])).tolist()
    return Stretch(
        track=_SOUND,
        begins=int(parts.durations[:begin].sum()),
        sizes=parts.units[begin:until],
        durations=parts.durations[begin:until],
        keys=np.ones(until - begin, np.bool_),
        delays=np.zeros(until - begin, np.int64),
    )
