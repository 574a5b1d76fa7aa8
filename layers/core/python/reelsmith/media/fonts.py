"""The shipped fonts: which face draws which text. Only these decide how a film looks."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from reelsmith.errors import MediaError
from reelsmith.media import cmap

_LAYER = Path("/opt/fonts")  # where Lambda unpacks the layer
_CHECKOUT = Path(__file__).parents[4] / "ffmpeg" / "fonts"


class Wanted(StrEnum):
    """The face a designer asks for; other scripts fall back to a face that has them."""

    TEXT = "Inter-Bold"
    DISPLAY = "Sora-ExtraBold"
    POSTER = "Anton-Regular"


# Hanzi look different from land to land: which face comes first for a language, and without one.
_HANZI = ("NotoSansSC-Bold", "NotoSansTC-Bold", "NotoSansJP-Bold", "NotoSansKR-Bold")
# Arabic and Devanagari stand small in their line, hanzi fill theirs; this is how they are set.
_SCALE = {
    "NotoSansArabic-Bold": 1.22,
    "NotoSansDevanagari-Bold": 1.12,
    "NotoSansHebrew-Bold": 1.1,
    **dict.fromkeys(_HANZI, 0.94),
}
_LAST_RESORT = "NotoEmoji-Bold"  # it has digits too, meant for keycaps

_HANZI_FIRST = {
    "ja": "NotoSansJP-Bold",
    "ko": "NotoSansKR-Bold",
    "zh-hant": "NotoSansTC-Bold",
    "zh-tw": "NotoSansTC-Bold",
    "zh-hk": "NotoSansTC-Bold",
}
_KANA = re.compile("[\u3041-\u30ff]")


@dataclass(frozen=True, slots=True)
class Face:
    """A font file; `scale` is the size at which it matches Latin letters of size 1."""

    name: str
    path: Path
    code_points: frozenset[int]
    scale: float


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in a row that one face draws."""

    text: str
    face: Face


def folder() -> Path:
    """Where the fonts are. Raises MediaError when this installation has none."""
    for place in (_LAYER, _CHECKOUT):
        if place.is_dir():
            return place
    raise MediaError("this installation has no fonts")


@lru_cache(maxsize=1)
def faces() -> tuple[Face, ...]:
    """All faces, in the order in which they are asked for a character."""
    found = {path.stem: path for path in _files()}
    first = [name for name in (*map(str, Wanted), *_HANZI) if name in found]
    rest = sorted(found.keys() - set(first), key=lambda name: (name == _LAST_RESORT, name))
    return tuple(
        Face(name, found[name], cmap.code_points(found[name]), _SCALE.get(name, 1.0))
        for name in (*first, *rest)
    )


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """SHA-256 hex of all font files and their names: part of the key of every film."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def find(text: str, *, wanted: Wanted, language: str | None = None) -> Face:
    """The face for `text`: `wanted`, unless another misses fewer of its letters.

    Emoji and other symbols do not count; they are taken from elsewhere one by one, see `runs`.
    `language`, a BCP 47 tag, decides between faces for hanzi.
    """
    letters = "".join(mark for mark in text if unicodedata.category(mark)[0] not in "SC")
    return min(_in_order(wanted, language), key=lambda face: len(missing(letters, face)))


def language_of(text: str) -> str | None:
    """The language whose hanzi a text that says no language is drawn with: kana are Japanese."""
    return "ja" if _KANA.search(text) else None


def missing(text: str, face: Face) -> tuple[str, ...]:
    """The characters of `text` that `face` has no glyph for, each once, in order."""
    visible = dict.fromkeys(mark for mark in text if not _is_silent(mark))
    return tuple(mark for mark in visible if ord(mark) not in face.code_points)


def undrawable(text: str) -> tuple[str, ...]:
    """The characters of `text` that no face has, each once, in order: they are left out."""
    visible = dict.fromkeys(
        mark for mark in unicodedata.normalize("NFC", text) if not _is_silent(mark)
    )
    drawable = frozenset[int]().union(*(face.code_points for face in faces()))
    return tuple(mark for mark in visible if ord(mark) not in drawable)


def runs(text: str, *, wanted: Wanted, language: str | None = None) -> tuple[Run, ...]:
    """`text` cut by the face that draws it; what no face has is left out, and no box drawn."""
    best = find(text, wanted=wanted, language=language)
    candidates = (best, *_in_order(wanted, language))
    cut: list[Run] = []
    for mark in unicodedata.normalize("NFC", text):
        if _is_silent(mark) and not cut:
            continue
        face = cut[-1].face if _is_silent(mark) else _face_for(mark, candidates)
        if face is None:
            continue
        if cut and cut[-1].face is face:
            cut[-1] = Run(cut[-1].text + mark, face)
        else:
            cut.append(Run(mark, face))
    return tuple(cut)


@lru_cache(maxsize=64)
def sized(face: Face, size_px: int) -> ImageFont.FreeTypeFont:
    """A face ready to draw at `size_px` Latin pixels, shaped by raqm."""
    size = max(1, round(size_px * face.scale))
    return ImageFont.truetype(face.path, size, layout_engine=ImageFont.Layout.RAQM)


def _files() -> list[Path]:
    return sorted(path for path in folder().iterdir() if path.suffix in (".ttf", ".otf"))


def _is_silent(mark: str) -> bool:
    """White space, controls, joiners, variation selectors: nothing is drawn for them alone."""
    return mark.isspace() or unicodedata.category(mark) in ("Cc", "Cf", "Cs") or mark == "\ufe0f"


@lru_cache(maxsize=64)
def _in_order(wanted: Wanted, language: str | None) -> tuple[Face, ...]:
    """All faces as they are asked: the wanted one first, then the language's, emoji last."""
    tag = (language or "").lower()
    first = _HANZI_FIRST.get(tag) or _HANZI_FIRST.get(tag.partition("-")[0])
    return tuple(
        sorted(
            faces(),
            key=lambda face: (face.name == _LAST_RESORT, face.name != wanted, face.name != first),
        )
    )


def _face_for(mark: str, candidates: Sequence[Face]) -> Face | None:
    return next((face for face in candidates if ord(mark) in face.code_points), None)
