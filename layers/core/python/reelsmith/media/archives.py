"""A caller's ZIP archive, read in the confined child: what is in it is checked before it is read.

Limits follow what real decks have, many times over. Sizes that an archive declares are believed
only to refuse; what is read is counted.
"""

import zipfile
import zlib
from typing import IO

from reelsmith.media import child

ENTRIES_MOST = 5_000
PART_MOST = 64 << 20  # bytes of one part, unpacked
_TOTAL_MOST = 512 << 20
_RATIO_MOST = 200  # unpacked to packed; text of a deck is packed to a twentieth
_RATIO_FROM = 1 << 20  # bytes; small parts may be as empty as they like
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1  # APPNOTE.TXT 4.4.4, bit 0
_ANEW = "open it, save it again and send that"


class Archive:
    """The parts of an archive by name, in the spelling that it has itself."""

    def __init__(self, file: IO[bytes]) -> None:
        """Look at the archive's list. Raises Refused when it could not be meant well."""
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as broken:
            raise child.Refused("is cut short or damaged", "send the whole file again") from broken
        entries = self._zip.infolist()
        if len(entries) > ENTRIES_MOST:
            raise child.Refused(f"holds more than {ENTRIES_MOST} parts", _ANEW)
        self._parts: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for entry in entries:
            _check(entry)
            known = entry.filename.casefold()
            if known in self._parts:
                raise child.Refused("holds two parts of one name", _ANEW)
            self._parts[known] = entry
            total += entry.file_size
            if total > _TOTAL_MOST:
                raise child.Refused("unpacks to more than 512 MB", "make its pictures smaller")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parts."""
        return tuple(entry.filename for entry in self._parts.values())

    def holds(self, name: str) -> bool:
        """Whether there is such a part; case does not matter (ECMA-376 part 2, 6.2.2.3)."""
        return name.casefold() in self._parts

    def read(self, name: str) -> bytes:
        """A part. Raises Refused where there is none, or it is not what was declared."""
        entry = self._parts.get(name.casefold())
        if entry is None:
            raise child.Refused("misses a part that it names", _ANEW)
        try:
            with self._zip.open(entry) as part:
                body = part.read(PART_MOST + 1)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError) as broken:
            raise child.Refused("is damaged", "send the whole file again") from broken
        except (RuntimeError, NotImplementedError, zlib.error) as odd:
            raise child.Refused("is packed in a way that we do not read", _ANEW) from odd
        if len(body) > PART_MOST:
            raise child.Refused("holds a part of more than 64 MB", "make its media smaller")
        return body


def _check(entry: zipfile.ZipInfo) -> None:
    """Raises Refused: the entry is encrypted, oddly named or packed, or unpacks to too much."""
    name = entry.filename
    if entry.flag_bits & _ENCRYPTED:
        raise child.Refused("is encrypted", "send it without a password")
    if "\\" in name or "\0" in name or name.startswith("/") or ".." in name.split("/"):
        raise child.Refused("holds a part that points out of it", _ANEW)
    if entry.compress_type not in _METHODS:
        raise child.Refused("is packed in a way that we do not read", _ANEW)
    if entry.file_size > PART_MOST:
        raise child.Refused("holds a part of more than 64 MB", "make its media smaller")
    packed = max(1, entry.compress_size)
    if entry.file_size > _RATIO_FROM and entry.file_size > _RATIO_MOST * packed:
        raise child.Refused("unpacks to far more than it is", _ANEW)
