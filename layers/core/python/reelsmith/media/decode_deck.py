"""The confined reader of slide decks: `... decode_deck FORM`, where FORM is PPTX or ODP.

Gives the deck as words and numbers; the pictures that its slides use are left as files
`deck_parts.PICTURE` and a number, as they are: somebody else decodes them, confined as well.
"""

import sys
from collections.abc import Sequence

from reelsmith.media import child, odp, pptx
from reelsmith.media.archives import Archive


def decode(args: Sequence[str]) -> child.Answer:
    """Read the deck on standard input.

    Raises:
        Refused: it is damaged, encrypted, no presentation, or made to harm.
    """
    reader = {"PPTX": pptx, "ODP": odp}[args[0]]
    archive = Archive(sys.stdin.buffer)
    reader.check(archive)
    return {"deck": reader.read(archive).model_dump(mode="json")}


if __name__ == "__main__":
    child.main(decode)
