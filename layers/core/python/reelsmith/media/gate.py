"""The gate: what a caller's file is, by its own bytes. Names and declared types are not believed.

What is not in the table below is refused. Refusals say the file's name for display, the fault,
and what to send instead. Nothing here decodes anything; `confined` does that in a child.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from reelsmith.domain.assets import MAX_BYTES, ODP_TYPE, PPTX_TYPE, FileType
from reelsmith.errors import MediaError

HEAD_BYTES = 512
_TEXT = "a text"
_SHOWN = 80  # characters of a file's name in a message


class Form(StrEnum):
    """A file format that we take."""

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    WEBP = "WebP"
    BMP = "BMP"
    TIFF = "TIFF"
    WAV = "WAV"
    MP3 = "MP3"
    FLAC = "FLAC"
    OGG = "Ogg"
    MP4 = "MP4"
    MATROSKA = "Matroska"
    SUBTITLES = "SubRip or WebVTT"
    TABLE = "CSV or JSON lines"
    PPTX = "PowerPoint"
    ODP = "OpenDocument presentation"


CONTENT_TYPES = {
    Form.JPEG: "image/jpeg",
    Form.PNG: "image/png",
    Form.GIF: "image/gif",
    Form.WEBP: "image/webp",
    Form.BMP: "image/bmp",
    Form.TIFF: "image/tiff",
    Form.WAV: "audio/wav",
    Form.MP3: "audio/mpeg",
    Form.FLAC: "audio/flac",
    Form.OGG: "audio/ogg",
    Form.MP4: "video/mp4",
    Form.MATROSKA: "video/x-matroska",
    Form.SUBTITLES: "application/x-subrip",
    Form.TABLE: "text/csv",
    Form.PPTX: PPTX_TYPE,
    Form.ODP: ODP_TYPE,
}

# MP4 and Matroska hold either; which it is, is what the caller says that it is.
_HOLDS = {
    FileType.IMAGE: frozenset({Form.JPEG, Form.PNG, Form.GIF, Form.WEBP, Form.BMP, Form.TIFF}),
    FileType.AUDIO: frozenset({Form.WAV, Form.MP3, Form.FLAC, Form.OGG, Form.MP4}),
    FileType.VIDEO: frozenset({Form.MP4, Form.MATROSKA}),
    FileType.SUBTITLES: frozenset({Form.SUBTITLES}),
    FileType.TABLE: frozenset({Form.TABLE}),
    FileType.PPTX: frozenset({Form.PPTX}),
    FileType.ODP: frozenset({Form.ODP}),
}
_WANTED = {
    FileType.IMAGE: ("a picture", "send a JPEG, PNG, WebP, GIF, BMP or TIFF"),
    FileType.AUDIO: ("a sound file", "send a WAV, MP3, FLAC, Ogg or M4A"),
    FileType.VIDEO: ("a video", "send an MP4, MOV, WebM or MKV"),
    FileType.SUBTITLES: ("a subtitle file", "send an SRT or VTT"),
    FileType.TABLE: ("a table", "send a CSV or JSON lines, as UTF-8"),
    FileType.PPTX: ("a PowerPoint presentation", "save it as .pptx and send that"),
    FileType.ODP: ("an OpenDocument presentation", "save it as .odp and send that"),
    FileType.OTHER: ("a kind of file", "send a picture, a sound file, a video or subtitles"),
}
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # sizes of the headers that were ever defined
_SUBRIP = re.compile(r"\s{0,20}(\d{1,6}\s{1,4})?(\d{1,3}:)?\d{1,2}:\d{1,2}[,.]\d{1,3}\s{0,9}-->")
_OLD_QUICKTIME = (b"moov", b"wide", b"mdat", b"skip", b"free")
_FOREIGN_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"crx ")


def _is_bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS


def _is_riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == kind


def _is_mp3(head: bytes) -> bool:
    """An ID3v2 tag, or the header of an MPEG layer III frame (ISO 11172-3, 2.4.1.3)."""
    if head[:3] == b"ID3":
        return True
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] & 0x18 != 0x08 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C


def _is_mp4(head: bytes) -> bool:
    """ISO 14496-12, or a QuickTime file of before there was a box that said so."""
    if head[4:8] == b"ftyp":
        return head[8:12] not in _FOREIGN_BRANDS
    return head[4:8] in _OLD_QUICKTIME


def _is_subtitles(head: bytes) -> bool:
    """WebVTT by its first word, SubRip by a line of times near the start; as UTF-8 or UTF-16."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8-sig", errors="ignore")
    return text.startswith("WEBVTT") or bool(_SUBRIP.match(text))


def _is_table(head: bytes) -> bool:
    """Text that is no page, drawing or playlist. Of tables no first bytes are typical."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not wide and _looks_like(head) != _TEXT:
        return False
    text = head.decode("utf-16" if wide else "utf-8-sig", errors="ignore")
    return all(mark.isprintable() or mark.isspace() for mark in text)


def _starts(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics)


_TAKEN: tuple[tuple[Form, Callable[[bytes], bool]], ...] = (
    (Form.JPEG, _starts(b"\xff\xd8\xff")),
    (Form.PNG, _starts(b"\x89PNG\r\n\x1a\n")),
    (Form.GIF, _starts(b"GIF87a", b"GIF89a")),
    (Form.WEBP, _is_riff(b"WEBP")),
    (Form.TIFF, _starts(b"II*\0", b"MM\0*")),
    (Form.BMP, _is_bmp),
    (Form.WAV, _is_riff(b"WAVE")),
    (Form.FLAC, _starts(b"fLaC")),
    (Form.OGG, _starts(b"OggS")),
    (Form.MP4, _is_mp4),
    (Form.MATROSKA, _starts(b"\x1aE\xdf\xa3")),
    (Form.MP3, _is_mp3),
    (Form.SUBTITLES, _is_subtitles),
)


def _is_zip(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04")


def _is_odp(head: bytes) -> bool:
    """ODF 1.3 part 2, 3.3: the archive begins with the type, stored as it is."""
    return _is_zip(head) and head[30:].startswith(b"mimetype" + ODP_TYPE.encode())


# Whose first bytes others have too: taken for what they are only where they are asked for.
_ASKED: dict[FileType, tuple[Form, Callable[[bytes], bool]]] = {
    FileType.TABLE: (Form.TABLE, _is_table),
    FileType.PPTX: (Form.PPTX, lambda head: _is_zip(head) and not _is_odp(head)),
    FileType.ODP: (Form.ODP, _is_odp),
}

# What people send by mistake, and attackers on purpose: known only to be named in the refusal.
_FOREIGN: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("a HEIC, AVIF or raw photo", lambda head: head[4:8] == b"ftyp"),
    ("a BigTIFF", _starts(b"II+\0", b"MM\0+")),
    ("a Photoshop file", _starts(b"8BPS")),
    ("a JPEG 2000", _starts(b"\0\0\0\x0cjP  ", b"\xffO\xffQ")),
    ("a JPEG XL", _starts(b"\xff\x0a", b"\0\0\0\x0cJXL ")),
    ("a PDF", _starts(b"%PDF")),
    ("a ZIP archive or office document", _starts(b"PK\x03\x04", b"PK\x05\x06")),
    ("a program", _starts(b"MZ", b"\x7fELF", b"#!")),
)
_FOREIGN_TEXTS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("a playlist", (b"#extm3u", b"ffconcat", b"[playlist]", b"<mpd")),
    ("an SVG drawing", (b"<svg",)),
    ("a web page", (b"<!doctype html", b"<html")),
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A regular file, open at its start, and what its first bytes say it is."""

    file: IO[bytes]
    form: Form
    size_bytes: int


def shown(name: str) -> str:
    """A caller's file name as it may stand in a message: one line, printable, not long."""
    printable = "".join(mark if mark.isprintable() else " " for mark in name)
    line = " ".join(printable.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def refusal(name: str, fault: str, remedy: str) -> MediaError:
    """The error that says which file, what is wrong with it, and what to do about it."""
    return MediaError(f'"{shown(name)}" {fault}; {remedy}')


def sniff(head: bytes) -> Form | None:
    """The format that a file's first `HEAD_BYTES` bytes show, or None when we do not take it."""
    return next((form for form, fits in _TAKEN if fits(head)), None)


def kind(head: bytes) -> FileType:
    """What sort of file it is where nobody says so; OTHER when it is none that we take.

    What may hold sound or pictures counts as a video.
    """
    form = sniff(head)
    sorts = (FileType.IMAGE, FileType.VIDEO, FileType.AUDIO, FileType.SUBTITLES)
    return next((sort for sort in sorts if form in _HOLDS[sort]), FileType.OTHER)


def check(head: bytes, *, name: str, wanted: FileType, size_bytes: int) -> Form:
    """Let a file pass by its first `HEAD_BYTES` bytes and its size.

    `wanted` is IMAGE, AUDIO, VIDEO or SUBTITLES, or OTHER for any of them; or TABLE or a deck.

    Raises:
        MediaError: it is empty, too big, of another kind, or of a format that we do not take.
    """
    sort, remedy = _WANTED[wanted]
    if size_bytes == 0:
        raise refusal(name, "is empty", remedy)
    if wanted is FileType.OTHER:
        wanted = kind(head)
    if wanted is FileType.OTHER:
        raise refusal(name, f"is {_looks_like(head)}, not {sort} we take", remedy)
    if size_bytes > MAX_BYTES[wanted]:
        most = MAX_BYTES[wanted] >> 20
        raise refusal(name, f"is {size_bytes >> 20} MB", f"send at most {most} MB")
    asked, fits = _ASKED.get(wanted, (None, _is_zip))
    form = asked if asked and fits(head) else sniff(head)
    if form is None:
        raise refusal(name, f"is {_looks_like(head)}, not {sort} we take", remedy)
    if form not in _HOLDS[wanted]:
        raise refusal(name, f"is {form}, not {sort}", remedy)
    return form


@contextmanager
def opened(path: Path, *, name: str, wanted: FileType) -> Iterator[Sighting]:
    """Open a caller's file without following a link, and let it pass or not.

    What is checked and what is read later are the same open file, whatever happens to the path.

    Raises:
        MediaError: it is no regular file, or as `check`.
    """
    try:
        file = _open_regular(path)
    except OSError as fault:
        raise refusal(name, "is no plain file that we can read", _WANTED[wanted][1]) from fault
    with file:
        size_bytes = os.fstat(file.fileno()).st_size
        form = check(file.read(HEAD_BYTES), name=name, wanted=wanted, size_bytes=size_bytes)
        file.seek(0)
        yield Sighting(file, form, size_bytes)


def _open_regular(path: Path) -> IO[bytes]:
    """Open without following a link and without waiting for whoever writes into a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return os.fdopen(descriptor, "rb")


def _looks_like(head: bytes) -> str:
    for what, fits in _FOREIGN:
        if fits(head):
            return what
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for what, marks in _FOREIGN_TEXTS:
        if text.startswith(marks):
            return what
    if text.startswith(b"<"):
        return "an SVG drawing" if b"<svg" in text else "a markup document"
    is_text = not any(byte < 0x20 and byte not in b"\t\n\r\f" for byte in head)
    return _TEXT if is_text else "of an unknown format"
