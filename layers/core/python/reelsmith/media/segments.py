"""The `.seg` file: the coded pictures of one scene, with an index in front.

magic, version, codec, width, height, fps, pictures, header bytes, body bytes   little endian
header: the codec's decoder configuration record
size in bytes of each picture      uint32
display minus decoding place       int32
whether a player can start here    uint8
body: the pictures as MP4 stores them, in decoding order
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.jobs import Codec
from reelsmith.errors import MediaError
from reelsmith.media.coded import Header, Picture

MAGIC, VERSION = b"RSEG", 2
_HEAD = struct.Struct("<4sH4sHHHIHQ")
_PER_PICTURE = 4 + 4 + 1


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
    part = into.with_name(into.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(head + header.record)
            file.writelines((sizes.tobytes(), shifts.tobytes(), keys.tobytes()))
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
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or head[:4] != MAGIC:
            raise MediaError(f"{path.name} is not a segment")
        _, version, codec, width, height, fps, frames, record, body = _HEAD.unpack(head)
        if version != VERSION:
            raise MediaError(f"{path.name} is a segment of version {version}, not {VERSION}")
        whole = _HEAD.size + record + frames * _PER_PICTURE + body
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
    if index.body_bytes != body or not index.keys[0]:
        raise MediaError(f"{path.name} contradicts itself")
    return index


def _codec(name: bytes, file: str) -> Codec:
    try:
        return Codec(name.rstrip(b"\0").decode())
    except ValueError as unknown:
        raise MediaError(f"{file} holds pictures of an unknown codec") from unknown
