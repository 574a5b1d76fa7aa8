"""The `.seg` file: the coded pictures of one scene, with an index in front.

magic, version, codec, width, height, fps, pictures, header bytes, body bytes   little endian
CRC-32 of what stands before it and of all that follows   uint32
header: the codec's decoder configuration record
size in bytes of each picture      uint32
display minus decoding place       int32
whether a player can start here    uint8
body: the pictures as MP4 stores them, in decoding order
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.jobs import Codec
from reelsmith.errors import MediaError
from reelsmith.media.coded import Header, Picture

MAGIC, VERSION = b"RSEG", 3
_HEAD = struct.Struct("<4sH4sHHHIHQ")
_CHECK = struct.Struct("<I")
_OPENING = _HEAD.size + _CHECK.size
_PER_PICTURE = 4 + 4 + 1
_PIECE = 1 << 20  # bytes checked at a time


@dataclass(frozen=True, slots=True, eq=False)
class SegmentIndex:
    """All of a segment but its body, which starts at `body_offset` bytes in the file.

    `sizes` (frames,) uint32 in bytes; `shifts` (frames,) int32, how many places later than it is
    decoded a picture is shown; `keys` (frames,) bool.
    """

    path: Path
    width: int
    height: int
    fps: int
    header: Header
    sizes: NDArray[np.uint32]
    shifts: NDArray[np.int32]
    keys: NDArray[np.bool_]
    body_offset: int

    @property
    def frames(self) -> int:
        """Pictures in the segment."""
        return len(self.sizes)

    @property
    def body_bytes(self) -> int:
        """Bytes of all pictures."""
        return int(self.sizes.sum(dtype=np.int64))


def write(
    into: Path,
    runs: Sequence[Sequence[Picture]],
    *,
    width: int,
    height: int,
    fps: int,
    header: Header,
) -> SegmentIndex:
    """Write runs of pictures, which follow each other, whole or not at all."""
    pictures = [picture for run in runs for picture in run]
    sizes = np.array([len(picture.data) for picture in pictures], "<u4")
    shifts = np.array([p.display - place for run in runs for place, p in enumerate(run)], "<i4")
    keys = np.array([picture.key for picture in pictures], np.uint8)
    head = _HEAD.pack(
        *(MAGIC, VERSION, header.codec.encode(), width, height, fps, len(pictures)),
        *(len(header.record), int(sizes.sum(dtype=np.int64))),
    )
    index = header.record + sizes.tobytes() + shifts.tobytes() + keys.tobytes()
    check = _crc((head, index, *(picture.data for picture in pictures)))
    part = into.with_name(into.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(head + _CHECK.pack(check) + index)
            file.writelines(picture.data for picture in pictures)
        part.replace(into)
    finally:
        part.unlink(missing_ok=True)
    return read_index(into)


def read_index(path: Path) -> SegmentIndex:
    """Read what stands before the body.

    Raises:
        MediaError: it is no segment, of another version, or not whole.
    """
    with path.open("rb") as file:
        head = file.read(_OPENING)
        if len(head) < _OPENING or head[:4] != MAGIC:
            raise MediaError(f"{path.name} is not a segment")
        _, version, codec, width, height, fps, frames, record, body = _HEAD.unpack_from(head)
        if version != VERSION:
            raise MediaError(f"{path.name} is a segment of version {version}, not {VERSION}")
        whole = _OPENING + record + frames * _PER_PICTURE + body
        if not frames or path.stat().st_size != whole:
            raise MediaError(f"{path.name} is not whole")
        index = SegmentIndex(
            path=path,
            width=width,
            height=height,
            fps=fps,
            header=Header(_codec(codec, path.name), file.read(record)),
            sizes=np.frombuffer(file.read(4 * frames), "<u4").astype(np.uint32),
            shifts=np.frombuffer(file.read(4 * frames), "<i4").astype(np.int32),
            keys=np.frombuffer(file.read(frames), np.uint8).astype(np.bool_),
            body_offset=whole - body,
        )
    shown_within = bool((np.abs(index.shifts.astype(np.int64)) < frames).all())
    if index.body_bytes != body or not index.keys[0] or not shown_within:
        raise MediaError(f"{path.name} contradicts itself")
    return index


def is_sound(path: Path) -> bool:
    """Whether a file is a whole segment and holds the very bytes that were written."""
    try:
        read_index(path)
    except MediaError:
        return False
    with path.open("rb") as file:
        head, told = file.read(_HEAD.size), file.read(_CHECK.size)
        check = _crc(chain((head,), iter(partial(file.read, _PIECE), b"")))
    return told == _CHECK.pack(check)


def _crc(pieces: Iterable[bytes]) -> int:
    check = 0
    for piece in pieces:
        check = zlib.crc32(piece, check)
    return check


def _codec(name: bytes, file: str) -> Codec:
    try:
        return Codec(name.rstrip(b"\0").decode())
    except ValueError as unknown:
        raise MediaError(f"{file} holds pictures of an unknown codec") from unknown
