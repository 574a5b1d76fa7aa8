"""What a decoded picture is: its size, how it lies in its file, and what its colours mean."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Self, cast

import av
from av.sidedata.sidedata import SideData, SideDataContainer, Type

from reelsmith.media.child import Refused

RESAVE = "save it again as H.264 in an MP4"
_HD_WIDTH, _HD_HEIGHT = 1280, 577  # from here on, colours that say nothing are BT.709

# ISO 23091-2, Tables 2 to 4
_BT709, _UNSAID, _BT601 = 1, 2, 6
_PQ, _HLG = 16, 18
_WIDE_PRIMARIES = (9, 11, 12)  # BT.2020 and the two P3; others are as good as BT.709
_MATRICES = (0, 1, 4, 5, 6, 7, 9, 10)  # RGB, BT.709, FCC, BT.601 twice, 240M, BT.2020 twice
_LIMITED, _FULL = 1, 2

# What `frame.side_data` keeps refers back to its frame: no picture would be freed for seconds.
_noted = cast("Callable[[av.VideoFrame], Mapping[Type, SideData]]", SideDataContainer)


@dataclass(frozen=True, slots=True)
class Lie:
    """How a picture lies in its file: mirrored first, then turned over its diagonal."""

    mirrored: bool = False
    upside_down: bool = False
    turned: bool = False

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Self:
        """As the display matrix says (ISO 14496-12, 8.3.2); angles between are rounded."""
        noted = _noted(frame)
        if Type.DISPLAYMATRIX not in noted:
            return cls()
        a, b, _, c, d = struct.unpack_from("=5i", bytes(noted[Type.DISPLAYMATRIX]))
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(mirrored=a < 0, upside_down=d < 0)
        return cls(mirrored=b < 0, upside_down=c < 0, turned=True)


@dataclass(frozen=True, slots=True)
class Kind:
    """What decides how a picture is reshaped; pictures of a clip may change it on the way."""

    width: int
    height: int
    pixels: str
    matrix: int
    colour_range: int
    primaries: int
    transfer: int
    lie: Lie
    pixel_shape: Fraction  # width of a pixel to its height

    @property
    def upright(self) -> tuple[Fraction, Fraction]:
        """Width and height as they are to be seen, in pixels as high as wide."""
        across, down = self.width * self.pixel_shape, Fraction(self.height)
        return (down, across) if self.lie.turned else (across, down)

    @property
    def is_hdr(self) -> bool:
        """Whether its light goes beyond what screens were once made for."""
        return self.transfer in (_PQ, _HLG)

    @property
    def has_our_colours(self) -> bool:
        """Whether its samples mean what a film's do."""
        said = (self.pixels, self.matrix, self.colour_range, self.primaries, self.transfer)
        return said == ("yuv420p", _BT709, _LIMITED, _BT709, _BT709)


def kind_of(frame: av.VideoFrame, pixel_shape: Fraction) -> Kind:
    """What a picture is; what it does not say about its colours is supplied as players do.

    Raises:
        Refused: its colours are of a kind that is not known.
    """
    matrix = frame.colorspace
    if matrix == _UNSAID or (matrix == 0 and not frame.format.is_rgb):
        is_hd = frame.width >= _HD_WIDTH or frame.height >= _HD_HEIGHT
        matrix = 0 if frame.format.is_rgb else _BT709 if is_hd else _BT601
    if matrix not in _MATRICES:
        raise Refused("has colours of a kind that we do not take", RESAVE)
    is_full = frame.color_range == _FULL or frame.format.name.startswith("yuvj")
    is_full = is_full or (frame.format.is_rgb and frame.color_range != _LIMITED)
    return Kind(
        width=frame.width,
        height=frame.height,
        pixels=frame.format.name,
        matrix=matrix,
        colour_range=_FULL if is_full else _LIMITED,
        primaries=frame.color_primaries if frame.color_primaries in _WIDE_PRIMARIES else _BT709,
        transfer=frame.color_trc if frame.color_trc in (_PQ, _HLG) else _BT709,
        lie=Lie.of(frame),
        pixel_shape=pixel_shape,
    )
