"""Files damaged as bad luck or bad will damages them."""

import struct

from hypothesis import strategies as st

_NUMBERS = (0, 1, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1)


@st.composite
def damaged(draw: st.DrawFn, body: bytes, *, behind: int = 0) -> bytes:
    """A body with one to six wounds, none in its first `behind` bytes."""
    made = bytearray(body)
    for _ in range(draw(st.integers(1, 6))):
        if len(made) <= behind:
            break
        at = draw(st.integers(behind, len(made) - 1))
        _wound(draw, made, at)
    return bytes(made)


def _wound(draw: st.DrawFn, body: bytearray, at: int) -> None:
    kind = draw(st.sampled_from(("bit", "number", "gone", "twice", "cut")))
    if kind == "bit":
        body[at] ^= 1 << draw(st.integers(0, 7))
    elif kind == "number":
        form = draw(st.sampled_from((">I", "<I", ">H", "<H", "B")))
        number = draw(st.sampled_from(_NUMBERS)) % 256 ** struct.calcsize(form)
        body[at : at + struct.calcsize(form)] = struct.pack(form, number)
    elif kind == "gone":
        del body[at : at + draw(st.integers(1, 64))]
    elif kind == "twice":
        body[at:at] = body[at : at + draw(st.integers(1, 64))]
    elif draw(st.integers(0, 3)) == 0:  # rarely: what is cut off cannot be wounded any more
        del body[at:]
