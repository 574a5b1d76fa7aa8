"""Coded pictures on their way from an encoder to a film, whatever the codec."""

from dataclasses import dataclass

from reelsmith.domain.jobs import Codec


@dataclass(frozen=True, slots=True)
class Picture:
    """One coded picture, as MP4 stores it: one sample.

    `display` is its place in order of display, counted from the first picture of its run; its
    place in decoding order is its place in the run. `key` when a player can start here.
    """

    data: bytes
    display: int
    key: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What a decoder must know before the first picture; the same in all parts of one film.

    `record` is the decoder configuration record of the codec: the body of an `avcC`, `hvcC` or
    `av1C` box. Runs coded apart may be joined if, and only if, their headers are equal.
    """

    codec: Codec
    record: bytes
