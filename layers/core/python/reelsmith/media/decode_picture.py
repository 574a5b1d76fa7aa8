"""The confined picture decoder: `... decode_picture FORM LONGEST_SIDE [ALPHA]`.

Whatever the file holds comes out as upright sRGB, three bytes a pixel, at most LONGEST_SIDE long:
the first frame of an animation, rotated as EXIF says, colours brought to sRGB by the profile
inside, transparency laid on a plain ground, or, with ALPHA, kept: four bytes a pixel then.
LONGEST_SIDE 0 only proves that the file decodes.
"""

import io
import struct
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PIL import Image, ImageCms, ImageStat

from reelsmith.media import child

MAX_PIXELS = 128_000_000  # a 108 megapixel phone passes; 4 bytes each stay below the memory limit
MAX_SIDE = 30_000  # pixels
_TOO_LARGE = f"is larger than {MAX_PIXELS // 1_000_000} megapixels or {MAX_SIDE:,} pixels a side"
_SMALLER = "send it smaller; more than 8,000 pixels a side are never seen"

_ORIENTATION = 0x0112  # EXIF 2.3, 4.6.4
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = (5, 6, 7, 8)
_LIGHT_GROUND, _DARK_GROUND = (244, 242, 238), (28, 30, 36)
_LIGHT_SUBJECT = (
    170  # mean luma from which a cut-out asks for the dark ground, as a white logo does
)


def prepare() -> None:
    """Load the usual formats: once for all files of a nursery, and not again for each."""
    Image.preinit()


def decode(args: Sequence[str]) -> child.Answer:
    """Decode standard input into `child.RESULT`.

    Raises:
        Refused: the picture is too large, damaged or cut short.
    """
    form, longest_side, keeps_alpha = args[0], int(args[1]), len(args) > 2
    image = _open(form)
    size = image.size
    if longest_side:
        image.draft(None, _within(size, longest_side))  # JPEG decodes to a fraction for free
    _load(image)
    orientation = _orientation(image)
    profile = image.info.get("icc_profile", b"")
    facts = {
        "animated": bool(getattr(image, "is_animated", False)),
        "alpha": image.has_transparency_data,
    }
    if longest_side:
        small = _shrunk(_plain(image), longest_side)
        colours = _with_alpha(small, profile) if keeps_alpha else _flat(small, profile)
        image = _turned(colours, orientation)
        Path(child.RESULT).write_bytes(image.tobytes())
    width, height = reversed(size) if orientation in _LYING else size
    raw = {"raw_width": image.width, "raw_height": image.height}
    return {"width": width, "height": height, **facts, **raw}


def _open(form: str) -> Image.Image:
    """Read the header with the one plugin that the gate named."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        image = Image.open(sys.stdin.buffer, formats=[form])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise child.Refused(_TOO_LARGE, _SMALLER) from bomb
    except (OSError, SyntaxError) as broken:
        raise child.Refused("has a broken header", "save it again") from broken
    if max(image.size) > MAX_SIDE:
        raise child.Refused(_TOO_LARGE, _SMALLER)
    return image


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise child.Refused(_TOO_LARGE, _SMALLER) from bomb
    except (OSError, EOFError, SyntaxError) as broken:
        raise child.Refused("is cut short or damaged", "send the whole file again") from broken


def _within(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    """The size, made smaller where it must be so that its longer side fits."""
    scale = min(1.0, longest_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(image: Image.Image) -> int:
    """How the picture lies, 1 to 8; EXIF that cannot be read says nothing."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """The same picture in a mode that can be resized: L, LA, RGB, RGBA or CMYK, 8 bits each."""
    if image.mode == "F" or image.mode.startswith("I"):
        return _eight_bit(image)
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return _transformed(image, ImageCms.buildTransform(lab, srgb, "LAB", "RGB"))
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or floats to 8 bits; white is the top of the type, if it shows."""
    values = image.convert("F")
    highest = cast("tuple[float, float]", values.getextrema())[1]
    tops = (65_535.0,) if image.mode.startswith("I;16") else (1.0, 255.0, 65_535.0)
    top = next((top for top in tops if highest <= top), highest)
    scale = 255 / top
    return values.point(lambda value: value * scale + 0).convert("L")


def _shrunk(image: Image.Image, longest_side: int) -> Image.Image:
    size = _within(image.size, longest_side)
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _flat(image: Image.Image, profile: bytes) -> Image.Image:
    """RGB in sRGB with no transparency left."""
    if image.mode not in ("LA", "RGBA"):
        return _to_srgb(image, profile)
    alpha = image.getchannel("A")
    colours = _to_srgb(image.convert(image.mode.removesuffix("A")), profile)
    solid = alpha.point(lambda value: 255 if value > 127 else 0)
    is_light = bool(solid.getbbox()) and (
        ImageStat.Stat(colours.convert("L"), solid).mean[0] > _LIGHT_SUBJECT
    )
    ground = Image.new("RGB", image.size, _DARK_GROUND if is_light else _LIGHT_GROUND)
    ground.paste(colours, mask=alpha)
    return ground


def _with_alpha(image: Image.Image, profile: bytes) -> Image.Image:
    """RGBA in sRGB, opaque where nothing is said."""
    if image.mode not in ("LA", "RGBA"):
        return _to_srgb(image, profile).convert("RGBA")
    colours = _to_srgb(image.convert(image.mode.removesuffix("A")), profile)
    colours.putalpha(image.getchannel("A"))
    return colours


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours in sRGB; a profile that is broken or of another colour model is ignored."""
    if profile:
        try:
            source = ImageCms.getOpenProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            return _transformed(image, ImageCms.buildTransform(source, srgb, image.mode, "RGB"))
        except (ImageCms.PyCMSError, OSError):
            return image.convert("RGB")
    return image.convert("RGB")


def _transformed(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    result = ImageCms.applyTransform(image, transform)
    return image if result is None else result


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


if __name__ == "__main__":
    child.main(decode)
