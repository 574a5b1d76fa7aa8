"""How words stand side by side, in scripts with spaces between words and in those without.

Chinese and Japanese part no words: a line may break between any two of their characters, but not
before a closing mark or a small kana, nor after an opening mark (JLREQ 3.1.7, CLREQ 3.1.3).
"""

import re
from collections.abc import Sequence

_CHARACTERS = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_MARKS = "\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff65"
_NEVER_FIRST = (
    "、。，．,.!?！？：；:;）)」』】》〉〕］｝…‥・·ー々ゝゞヽヾ〜～’”％%℃"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
_NEVER_LAST = "（(「『【《〈〔［｛‘“￥＄"
_PIECE = re.compile(
    f"[{re.escape(_NEVER_LAST)}]*"
    f"(?:[{_CHARACTERS}]|[^{_CHARACTERS}{_MARKS}{re.escape(_NEVER_LAST)}]+|.)"
    f"(?:[{re.escape(_NEVER_FIRST)}{_MARKS}](?<![{re.escape(_NEVER_LAST)}]))*",
    re.DOTALL,
)
_UNPARTED = re.compile(f"[{_CHARACTERS}{_MARKS}]")
_WIDE = re.compile(f"[{_CHARACTERS}]")


def pieces(word: str) -> tuple[str, ...]:
    """A word, as white space cuts it, in the pieces between which a line may break.

    Joined they are the word. What is written with spaces is one piece.
    """
    return tuple(_PIECE.findall(word)) if is_unparted(word) else (word,)


def all_pieces(text: str) -> list[str]:
    """The pieces of all words of a text."""
    return [piece for word in text.split() for piece in pieces(word)]


def is_unparted(text: str) -> bool:
    """Whether a text is written in characters that no spaces part."""
    return bool(_WIDE.search(text))


def is_glued(before: str, after: str) -> bool:
    """Whether two pieces stand side by side without a space."""
    return bool(_UNPARTED.match(before[-1:]) or _UNPARTED.match(after[:1]))


def joined(words: Sequence[str]) -> str:
    """Words as a reader sees them in a line."""
    line = ""
    for word in words:
        line += word if not line or is_glued(line, word) else f" {word}"
    return line


def columns(text: str) -> int:
    """Room that a text takes in a line, in Latin letters: a hanzi takes two."""
    return len(text) + len(_WIDE.findall(text))
