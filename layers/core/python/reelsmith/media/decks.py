"""A caller's slide decks: what is in them, by way of the confined reader."""

from pathlib import Path

from reelsmith.domain.assets import FileType
from reelsmith.domain.decks import Deck
from reelsmith.domain.model import Entity
from reelsmith.media.confined import decoded
from reelsmith.media.deck_parts import PICTURE
from reelsmith.media.run import Limits

_READER = "reelsmith.media.decode_deck"
_LIMITS = Limits(cpu_s=40, memory_bytes=2 << 30, file_bytes=72 << 20)
_TIMEOUT_S = 60.0


class _Read(Entity):
    """What the reader says."""

    deck: Deck
    format: str


def read(path: Path, *, name: str, wanted: FileType, into: Path) -> Deck:
    """Read a deck of type PPTX or ODP; the pictures of its slides go to `into`, see `picture`.

    `name` is for messages. The pictures are a caller's files still: only a confined decoder may
    open them.

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    with decoded(
        _READER,
        path,
        name=name,
        wanted=wanted,
        answer=_Read,
        timeout_s=_TIMEOUT_S,
        limits=_LIMITS,
    ) as (told, beside):
        for number in range(told.deck.files):
            left = beside.with_name(f"{PICTURE}{number}")
            if left.is_symlink() or not left.is_file():
                continue
            left.rename(picture(into, number))
        return told.deck


def picture(folder: Path, number: int) -> Path:
    """Where `read` put a picture of the deck."""
    return folder / f"{PICTURE}{number}"
