"""Pictures as callers really send them, built for the tests."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 60), (30, 60, 220), (240, 220, 40)


def four_corners(width: int = 64, height: int = 32) -> np.ndarray:
    """Red, green, blue and yellow quarters: (height, width, 3). Turned or mirrored, it shows."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = YELLOW
    return picture


def stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """How a camera stores the picture (EXIF 2.3, 4.6.4: where row 0 and column 0 are)."""
    lying = upright.transpose(1, 0, 2)
    return {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: lying,
        6: lying[::-1],
        7: lying[::-1, ::-1],
        8: lying[:, ::-1],
    }[orientation]


def file_of(image: Image.Image, form: str, **options: object) -> bytes:
    """The bytes of an image in a format that Pillow names."""
    made = BytesIO()
    image.save(made, form, **options)
    return made.getvalue()


def with_orientation(picture: np.ndarray, orientation: int, form: str = "JPEG") -> bytes:
    """A file with an EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
    return file_of(Image.fromarray(np.ascontiguousarray(picture)), form, exif=exif, **options)


def png_bomb(side: int) -> bytes:
    """A small PNG whose header promises `side` x `side` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        size, check = struct.pack(">I", len(body)), struct.pack(">I", zlib.crc32(kind + body))
        return size + kind + body + check

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(10_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def swapped_profile() -> bytes:
    """An ICC profile in which red is green and green is red; else it is sRGB."""

    def xyz(x: float, y: float, z: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65_536) for v in (x, y, z)))

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"text\0\0\0\0none\0\0\0\0"
    tags = {
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"gXYZ": xyz(0.4360, 0.2225, 0.0139),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
        b"cprt": text,
    }
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(bodies), len(body))
        bodies += body
    illuminant = struct.pack(">3i", *(round(v * 65_536) for v in (0.9642, 1.0, 0.8249)))
    header = b"\0" * 4 + struct.pack(">I", 0x02100000) + b"mntrRGB XYZ " + b"\0" * 12 + b"acsp"
    header = (header + b"\0" * 28 + illuminant).ljust(124, b"\0")
    return struct.pack(">I", 128 + len(table) + len(bodies)) + header + table + bodies
