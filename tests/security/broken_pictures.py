"""Pictures that lie about their size, their parts or themselves, and odd ones that are good."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image

from reelsmith.domain.assets import FileType
from tests.media.odd_pictures import (
    file_of,
    four_corners,
    png_bomb,
    swapped_profile,
    with_orientation,
)
from tests.security.corpus import ANY_REFUSAL, OFTEN_DAMAGED, Case, cuts, sent

IMAGE = FileType.IMAGE
TOO_LARGE = "larger than 128 megapixels"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def a_picture(form: str = "PNG", mode: str = "RGB", **options: object) -> bytes:
    """A small good picture in a format and a mode of Pillow."""
    return file_of(Image.fromarray(four_corners()).convert(mode), form, **options)


def noise(form: str, side: int = 96) -> bytes:
    """A picture of which every byte matters."""
    pixels = np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8)
    return file_of(Image.fromarray(pixels), form)


def chunk(kind: bytes, body: bytes, *, says: int | None = None) -> bytes:
    """A PNG chunk; `says` is a false length."""
    length = len(body) if says is None else says
    return struct.pack(">I", length) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes, width: int = 8, height: int = 8, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG of these chunks behind its header."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return _SIGNATURE + chunk(b"IHDR", header) + b"".join(chunks)


def rows(width: int = 8, height: int = 8) -> bytes:
    """The content of an RGB picture, all black."""
    return chunk(b"IDAT", zlib.compress(bytes((3 * width + 1) * height), 9))


END = chunk(b"IEND", b"")


def _with(*extra: bytes) -> bytes:
    return png(*extra, rows(), END)


def _animated_png(frames: int, says: int) -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 30, 0, 0)
    parts = [chunk(b"acTL", struct.pack(">II", says, 0)), chunk(b"fcTL", control), rows()]
    pixels = zlib.compress(bytes(25 * 8))
    for number in range(1, frames):
        later = struct.pack(">I", 2 * number - 1) + control[4:]
        parts += [chunk(b"fcTL", later), chunk(b"fdAT", struct.pack(">I", 2 * number) + pixels)]
    return png(*parts, END)


def _gif(width: int, height: int, frames: int = 1, *, code_size: int = 2) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    control = b"!\xf9\x04\0\x01\0\0\0"
    image = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + bytes((code_size,)) + b"\x02D\x01\0"
    return b"GIF89a" + screen + (control + image) * frames + b";"


def _tiff(*tags: tuple[int, int, int, int], next_ifd: int = 0) -> bytes:
    """A little-endian TIFF of (tag, type, count, value), its pixels behind the directory."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", next_ifd)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(64)


def _grey_tiff(width: int = 8, height: int = 8, **wrong: tuple[int, int, int]) -> bytes:
    tags = {
        "width": (256, 4, 1, width),
        "height": (257, 4, 1, height),
        "bits": (258, 3, 1, 8),
        "compression": (259, 3, 1, 1),
        "photometric": (262, 3, 1, 1),
        "offsets": (273, 4, 1, 122),
        "samples": (277, 3, 1, 1),
        "rows": (278, 4, 1, height),
        "counts": (279, 4, 1, 64),
    }
    return _tiff(*(tags | {name: (tags[name][0], *tag) for name, tag in wrong.items()}).values())


def _bmp(width: int, height: int, *, bits: int = 24, coded: int = 0) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, coded, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 192, 0, 0, 54) + head + bytes(192)


def _jpeg(*, width: int | None = None, height: int | None = None, precision: int = 8) -> bytes:
    body = bytearray(a_picture("JPEG"))
    at = body.find(b"\xff\xc0")
    body[at + 4] = precision
    if width is not None:
        body[at + 7 : at + 9] = struct.pack(">H", width)
    if height is not None:
        body[at + 5 : at + 7] = struct.pack(">H", height)
    return bytes(body)


def _segments(marker: int, body: bytes, times: int = 1) -> bytes:
    """A good JPEG with application segments put behind its start."""
    whole = a_picture("JPEG")
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
    return whole[:2] + segment * times + whole[2:]


def _exif(*entries: tuple[int, int, int, int], next_ifd: int = 0) -> bytes:
    return _segments(0xE1, b"Exif\0\0" + _tiff(*entries, next_ifd=next_ifd))


def _webp(width: int, height: int, *, says: int | None = None) -> bytes:
    canvas = struct.pack("<I", 2) + (width - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<I", 10) + canvas + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + extended + a_picture("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body) if says is None else says) + body


def _polyglot(form: str, tail: bytes) -> bytes:
    return a_picture(form) + tail


def _many_frames() -> bytes:
    made = BytesIO()
    first, *more = [Image.new("RGB", (9, 9), (n % 250, 0, 0)) for n in range(300)]
    first.save(made, "WEBP", save_all=True, append_images=more, duration=10)
    return made.getvalue()


_BOMBS = (
    sent("PNG of 144 megapixels", IMAGE, "b.png", lambda: png_bomb(12_000), TOO_LARGE),
    sent("PNG of 4 million megapixels", IMAGE, "b.png", lambda: png_bomb(2_000_000), TOO_LARGE),
    sent(
        "PNG one pixel high, very wide",
        IMAGE,
        "b.png",
        png(width=2**31 - 1, height=1),
        ANY_REFUSAL,
    ),
    sent("GIF of 65,535 a side", IMAGE, "b.gif", _gif(65_535, 65_535), TOO_LARGE),
    sent(
        "TIFF of 4 thousand million a side", IMAGE, "b.tif", _grey_tiff(2**32 - 1, 2**32 - 1), ""
    ),
    sent("TIFF of 40,000 a side", IMAGE, "b.tif", _grey_tiff(40_000, 40_000), TOO_LARGE),
    sent("BMP of 40,000 a side", IMAGE, "b.bmp", _bmp(40_000, 40_000), TOO_LARGE),
    sent("BMP upside down and huge", IMAGE, "b.bmp", _bmp(40_000, -(2**31)), ANY_REFUSAL),
    sent(
        "BMP of runs, nearly empty",
        IMAGE,
        "b.bmp",
        _bmp(9_000, 9_000, bits=8, coded=1),
        ANY_REFUSAL,
    ),
    sent("JPEG of 65,500 pixels", IMAGE, "b.jpg", _jpeg(width=65_500, height=65_500), TOO_LARGE),
    sent("JPEG 65,500 pixels wide", IMAGE, "b.jpg", _jpeg(width=65_500), TOO_LARGE),
    sent("WebP with a canvas of 16,384", IMAGE, "b.webp", _webp(16_384, 16_384), TOO_LARGE),
    sent(
        "PNG with a text of 200 MB",
        IMAGE,
        "b.png",
        lambda: _with(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))),
        OFTEN_DAMAGED,
    ),
    sent(
        "PNG with a colour profile of 200 MB",
        IMAGE,
        "b.png",
        lambda: _with(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))),
        OFTEN_DAMAGED,
    ),
)
_LIES = (
    sent("one byte", IMAGE, "a.png", b"\x01", "of an unknown format"),
    sent("nothing in it", IMAGE, "a.png", b"", "is empty"),
    sent("spaces only", IMAGE, "a.png", b" " * 600, "a text"),
    sent("PNG without pixels", IMAGE, "a.png", png(END), OFTEN_DAMAGED),
    sent("PNG with width 0", IMAGE, "a.png", png(rows(), END, width=0), ANY_REFUSAL),
    sent(
        "PNG with a part of 4 GB",
        IMAGE,
        "a.png",
        png(chunk(b"IDAT", b"x", says=2**32 - 1)),
        ANY_REFUSAL,
    ),
    sent(
        "PNG with a wrong sum", IMAGE, "a.png", _with()[:40] + b"!" + _with()[41:], OFTEN_DAMAGED
    ),
    sent("PNG of 3 bits", IMAGE, "a.png", png(rows(), END, depth=3), OFTEN_DAMAGED),
    sent("PNG without its palette", IMAGE, "a.png", png(rows(), END, colour=3), ANY_REFUSAL),
    sent("GIF of impossible codes", IMAGE, "a.gif", _gif(8, 8, code_size=255), OFTEN_DAMAGED),
    sent(
        "TIFF whose pixels lie elsewhere",
        IMAGE,
        "a.tif",
        _grey_tiff(offsets=(4, 1, 2**31)),
        ANY_REFUSAL,
    ),
    sent(
        "TIFF of 65,535 bands", IMAGE, "a.tif", _grey_tiff(samples=(3, 1, 65_535)), OFTEN_DAMAGED
    ),
    sent("TIFF of 4 GB strips", IMAGE, "a.tif", _grey_tiff(counts=(4, 2**30, 8))),
    sent(
        "TIFF directory without end",
        IMAGE,
        "a.tif",
        b"II*\0\x08\0\0\0\xff\xff" + bytes(99),
        ANY_REFUSAL,
    ),
    sent("JPEG of 12 bits", IMAGE, "a.jpg", _jpeg(precision=12), OFTEN_DAMAGED),
    sent("JPEG of no height", IMAGE, "a.jpg", _jpeg(height=0), OFTEN_DAMAGED),
    sent("WebP of no length", IMAGE, "a.webp", _webp(8, 8, says=0), OFTEN_DAMAGED),
    *(
        case
        for form in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
        for case in cuts(f"{form} cut", IMAGE, "half", lambda form=form: noise(form), 4)
    ),
)
_GOOD = (
    *(
        sent(f"good {form}", IMAGE, "a", lambda form=form: a_picture(form))
        for form in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
    ),
    sent("good CMYK of Adobe", IMAGE, "a.jpg", lambda: a_picture("JPEG", "CMYK")),
    sent("good grey of 16 bits", IMAGE, "a.png", lambda: a_picture("PNG", "I;16")),
    sent("good JPEG in steps", IMAGE, "a.jpg", lambda: a_picture("JPEG", progressive=True)),
    sent("good on its side", IMAGE, "a.jpg", lambda: with_orientation(four_corners(), 6)),
    sent("good with a profile", IMAGE, "a.png", lambda: a_picture(icc_profile=swapped_profile())),
    sent("good animation of 300", IMAGE, "a.webp", _many_frames),
    sent("good animation of 10,000", IMAGE, "a.gif", lambda: _gif(8, 8, 10_000)),
    sent("good animated PNG", IMAGE, "a.png", lambda: _animated_png(3, 3)),
    sent("animated PNG of 10,000", IMAGE, "a.png", lambda: _animated_png(10_000, 10_000)),
    sent("picture with an archive behind it", IMAGE, "a.gif", lambda: _polyglot("GIF", b"PK\3\4")),
    sent("picture with a page behind it", IMAGE, "a.png", lambda: _polyglot("PNG", b"<script>")),
    sent("picture with a program in it", IMAGE, "a.jpg", lambda: _segments(0xFE, b"<?php id();")),
    sent("2,000 remarks in it", IMAGE, "a.jpg", lambda: _segments(0xFE, bytes(9_000), 2_000)),
    sent("EXIF that goes in circles", IMAGE, "a.jpg", lambda: _exif((274, 3, 1, 6), next_ifd=8)),
    sent("EXIF of 4 GB", IMAGE, "a.jpg", lambda: _exif((274, 2, 2**32 - 1, 8))),
    sent("EXIF outside of the file", IMAGE, "a.jpg", lambda: _exif((34_665, 4, 1, 2**31))),
    sent(
        "a profile of rubbish", IMAGE, "a.jpg", lambda: _segments(0xE2, b"ICC_PROFILE\0\1\1" * 9)
    ),
    sent("a sound's name", IMAGE, "song.mp3", a_picture),
)
PICTURES: tuple[Case, ...] = (*_BOMBS, *_LIES, *_GOOD)
