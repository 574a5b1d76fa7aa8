"""MP4 files taken apart and put together again, wrong (ISO 14496-12)."""

import struct
from collections.abc import Callable, Iterator

Edit = Callable[[bytes], bytes]
SAMPLE_TABLE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def box(kind: bytes, body: bytes, *, says: int | None = None) -> bytes:
    """A box; `says` is a false length."""
    return struct.pack(">I4s", len(body) + 8 if says is None else says, kind) + body


def parts(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes at the top of a file or of another box: (kind, content)."""
    at = 0
    while at + 8 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, at)
        yield kind, body[at + 8 : at + length]
        at += length


def edited(body: bytes, path: tuple[bytes, ...], edit: Edit) -> bytes:
    """The file with the content of the box at `path` changed; lengths around it follow.

    The index stands behind the content in the files this is used on, so offsets stay right.
    """
    kind, *inner = path
    return b"".join(
        box(name, (edited(content, tuple(inner), edit) if inner else edit(content)))
        if name == kind
        else box(name, content)
        for name, content in parts(body)
    )


def added(body: bytes, path: tuple[bytes, ...], extra: bytes) -> bytes:
    """The file with something put behind the last part of the box at `path`."""
    return edited(body, path, lambda content: content + extra)


def table(count: int, *values: int) -> bytes:
    """The content of a table that says it has `count` entries and holds these numbers."""
    return struct.pack(f">II{len(values)}I", 0, count, *values)


def nested(kind: bytes, depth: int) -> bytes:
    """Boxes in boxes in boxes."""
    body = b""
    for _ in range(depth):
        body = box(kind, body)
    return body


def elsewhere(path: str) -> Edit:
    """A `dref` box that says the content lies in another file."""
    url = box(b"url ", struct.pack(">I", 0) + f"file://{path}".encode() + b"\0")
    alias = bytes(200)
    return lambda _: table(2) + url + box(b"alis", struct.pack(">I", 0) + alias)


def overwritten(at: int, value: bytes) -> Edit:
    """Some bytes of a box replaced."""
    return lambda content: content[:at] + value + content[at + len(value) :]
