"""What the readers of decks share, in the confined child: text made plain, files put aside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reelsmith.domain import decks
from reelsmith.domain.decks import Paragraph, Slide, SlidePicture, Table
from reelsmith.media import child
from reelsmith.media.archives import Archive

PICTURE = "picture-"  # and a number: the files that the child leaves
_PICTURES_MOST_BYTES = 256 << 20
_FORMATS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")
_FEW = "split it into several decks"


@dataclass(slots=True)
class Album:
    """The pictures that slides use, each written once to a file of its number."""

    archive: Archive
    _numbers: dict[str, int] = field(default_factory=dict)
    _size_bytes: int = 0

    def number(self, part: str) -> int | None:
        """The number of a picture's file; None when it is no picture that we can draw."""
        known = part.casefold()
        if known not in self._numbers:
            if not self.archive.holds(part):
                return None
            body = self.archive.read(part)
            self._size_bytes += len(body)
            if not body.startswith(_FORMATS) or self._size_bytes > _PICTURES_MOST_BYTES:
                return None
            self._numbers[known] = len(self._numbers)
            Path(f"{PICTURE}{self._numbers[known]}").write_bytes(body)
        return self._numbers[known]

    @property
    def count(self) -> int:
        """How many files there are."""
        return len(self._numbers)


@dataclass(slots=True)
class Sheet:
    """A slide while it is read; what is too much is left out and named."""

    title: str = ""
    paragraphs: list[Paragraph] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[SlidePicture] = field(default_factory=list)
    notes: str = ""
    hidden: bool = False
    left_out: list[str] = field(default_factory=list)

    def say(self, text: str, level: int = 0) -> None:
        """Add a paragraph, unless nothing stands in it."""
        plain = one_line(text)
        if plain:
            bounded = min(max(level, 0), decks.LEVELS_MOST)
            shown = plain[: decks.PARAGRAPH_LETTERS]
            self.paragraphs.append(Paragraph(text=shown, level=bounded))

    def tabulate(self, rows: Sequence[Sequence[str]], *, what: str) -> None:
        """Add a table; of one that is too large the first rows and columns."""
        if not any(rows):
            return
        if len(rows) > decks.ROWS_MOST or max(map(len, rows)) > decks.COLUMNS_MOST:
            self.left_out.append(f"some of {what}")
        kept = [
            tuple(one_line(cell)[: decks.CELL_LETTERS] for cell in row[: decks.COLUMNS_MOST])
            for row in rows[: decks.ROWS_MOST]
        ]
        self.tables.append(Table(rows=tuple(kept)))

    def slide(self) -> Slide:
        """The slide as it is told."""
        if len(self.paragraphs) > decks.PARAGRAPHS_MOST:
            self.left_out.append("some of its text")
        if max(len(self.tables), len(self.pictures)) > decks.PICTURES_MOST:
            self.left_out.append("some of its tables or pictures")
        if len(self.notes) > decks.NOTES_LETTERS:
            self.left_out.append("some of its notes")
        return Slide(
            title=one_line(self.title)[: decks.TITLE_LETTERS],
            paragraphs=tuple(self.paragraphs[: decks.PARAGRAPHS_MOST]),
            tables=tuple(self.tables[: decks.PICTURES_MOST]),
            pictures=tuple(self.pictures[: decks.PICTURES_MOST]),
            notes=plain_text(self.notes)[: decks.NOTES_LETTERS],
            hidden=self.hidden,
            left_out=tuple(dict.fromkeys(self.left_out)),
        )


def one_line(text: str) -> str:
    """Text in one line, without controls."""
    return " ".join("".join(m if m.isprintable() else " " for m in text).split())


def plain_text(text: str) -> str:
    """Text with its lines kept, without controls and empty lines."""
    return "\n".join(filter(None, map(one_line, text.splitlines())))


def few(slides: Sequence[object]) -> None:
    """Raises Refused: there are more slides than a film is made of."""
    if len(slides) > decks.SLIDES_MOST:
        raise child.Refused(f"has more than {decks.SLIDES_MOST} slides", _FEW)


def font_names(names: Iterable[str | None]) -> tuple[str, ...]:
    """Fonts by name, each once, without those that only stand for one of the theme."""
    plain = (one_line(name)[:100] for name in names if name and not name.startswith("+"))
    return tuple(sorted({name for name in plain if name}))[:60]
