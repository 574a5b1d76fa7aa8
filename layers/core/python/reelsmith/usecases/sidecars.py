"""The sidecar of a dropped set: what it may say, and which files it means."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from unicodedata import normalize

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reelsmith.domain.assets import FileType
from reelsmith.domain.faults import of_validation
from reelsmith.domain.jobs import JobKind, Priority, UgcSpec
from reelsmith.domain.model import Title
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.domain.specs import FilmSpec
from reelsmith.errors import FieldFault, Invalid

Model = TypeVar("Model", bound=BaseModel)

MOST_BYTES = 64 << 10
_PICTURES = re.compile(r"\.(jpe?g|png|webp|gif|bmp|tiff?)$", re.IGNORECASE)
_CLIPS = re.compile(r"\.(mp4|m4v|mov|webm|mkv)$", re.IGNORECASE)
_MUSIC = re.compile(r"^(music|musica|música|bgm)\b.*\.(wav|mp3|flac|ogg|m4a)$", re.IGNORECASE)
_CAPTIONS = re.compile(r"^(captions|subtitles|subt[ií]tulos)\b.*\.(srt|vtt)$", re.IGNORECASE)
_DECKS = re.compile(r"\.(pptx|odp)$", re.IGNORECASE)
_VOICE = re.compile(r"^(voice|voice[-_ ]?over|voz)\b.*\.(wav|mp3|flac|ogg|m4a)$", re.IGNORECASE)


class _PlainLoader(yaml.SafeLoader):
    """YAML without references: nine lines of them can stand for a thousand million words."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node. Raises YAMLError when it only points to another."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("a sidecar holds no references")
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files of a set by their part in the film."""

    images: tuple[str, ...]
    music: str | None
    voice_over: str | None
    captions_file: str | None
    deck: str | None = None

    @property
    def files(self) -> Mapping[str, FileType]:
        """Each file once, with what it has to be."""
        sounds = [file for file in (self.music, self.voice_over) if file]
        texts = [self.captions_file] if self.captions_file else []
        decks = [self.deck] if self.deck else []
        return (
            {file: seen_as(file) for file in self.images}
            | dict.fromkeys(sounds, FileType.AUDIO)
            | dict.fromkeys(texts, FileType.SUBTITLES)
            | {file: _deck_type(file) for file in decks}
        )


class Sidecar(BaseModel):
    """What a sidecar says of its set; the rest of it is as in `POST /v1/jobs`.

    Files are named as they stand beside it. All of it is optional but the words, or a `deck` or
    `kind: presentation`: then the rest of it is as in `POST /v1/presentations`.
    """

    model_config = ConfigDict(extra="allow")

    title: Title | None = None
    priority: Priority = Priority.NORMAL
    images: tuple[str, ...] | None = Field(default=None, max_length=100)
    music: str | None = None
    voice_over: str | None = None
    captions_file: str | None = None
    deck: str | None = None

    @property
    def presents(self) -> bool:
        """Whether a deck is to be made into a film."""
        return _presents(self.model_dump(include={"deck"}) | (self.model_extra or {}))

    def missing(self, files: Sequence[str]) -> Mapping[str, str]:
        """The files that it names and that are not there, by the field that names them."""
        return {field: file for field, file in _named(self) if find(file, files) is None}

    def spec(self, chosen: Chosen, ids: Mapping[str, str]) -> FilmSpec:
        """The request for a film, with the ids of the assets in place of file names."""
        given = dict(self.model_extra or {})
        if chosen.deck:
            given["deck"] = ids[chosen.deck]
            given["music"] = ids[chosen.music] if chosen.music else None
            return _checked(PresentationSpec, given)
        given["images"] = tuple(ids[file] for file in chosen.images)
        given["music"] = ids[chosen.music] if chosen.music else None
        given["voice_over"] = ids[chosen.voice_over] if chosen.voice_over else None
        given["captions_file"] = ids[chosen.captions_file] if chosen.captions_file else None
        return _checked(UgcSpec, given)


def read(body: bytes, *, file: str) -> Sidecar:
    """Parse and check a sidecar.

    Raises:
        Invalid: not YAML or JSON, not a mapping, too long, or a field is wrong; says which.
    """
    if len(body) > MOST_BYTES:
        raise Invalid.field(
            f"/{file}", f"more than {MOST_BYTES} bytes", remedy="keep the sidecar short"
        )
    try:
        text = body.decode()
        said = json.loads(text) if file.endswith(".json") else _yaml(text)
    except (UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as broken:
        raise Invalid.field(
            f"/{file}", "this is not readable", remedy="write it as plain UTF-8 YAML or JSON"
        ) from broken
    if not isinstance(said, dict):
        raise Invalid.field(
            f"/{file}", "no fields were found", remedy="begin with `text_prompt: your words`"
        )
    _refuse_unknown(said)
    order = _checked(Sidecar, said)
    if order.presents:
        _checked(PresentationSpec, {"deck": "", **(order.model_extra or {})})
    else:
        _checked(UgcSpec, order.model_extra or {})
    return order


def _yaml(text: str) -> object:
    return yaml.load(text, _PlainLoader)  # noqa: S506 - it is the safe loader, and less


def gone(missing: Mapping[str, str]) -> tuple[FieldFault, ...]:
    """What to say of files that are named and did not come, by the fields that name them."""
    return tuple(
        FieldFault(
            pointer=f"/{field}",
            detail=f"{file!r} is not in the folder",
            remedy="put the file into the folder, then drop the whole set again",
        )
        for field, file in missing.items()
    )


def choose(order: Sidecar, files: Sequence[str]) -> Chosen:
    """Which files play which part. What the sidecar does not name is known by its own name.

    Raises:
        Invalid: a file that the sidecar names is not there; every one is named.
    """
    if missing := gone(order.missing(files)):
        raise Invalid("files are missing", missing)
    named = {field: find(file, files) for field, file in _named(order)}
    if order.presents:
        return _presentation(named, files)
    images = tuple(file for field, file in named.items() if file and field.startswith("images/"))
    plain = [file for file in files if not file.startswith(".")]  # systems hide things there
    pictures = [file for file in plain if _PICTURES.search(file) or _CLIPS.search(file)]
    voice_over = named.get("voice_over") or _first(_VOICE, files)
    beside = _first(_CAPTIONS, files) if voice_over else None
    return Chosen(
        images=images or tuple(sorted(pictures, key=_natural)),
        music=named.get("music") or _first(_MUSIC, files),
        voice_over=voice_over,
        captions_file=named.get("captions_file") or beside,
    )


def _presentation(named: Mapping[str, str | None], files: Sequence[str]) -> Chosen:
    """A deck, the only one unless it is named, and music. Raises Invalid."""
    found = [file for file in files if _DECKS.search(file) and not file.startswith((".", "~$"))]
    deck = named.get("deck") or (found[0] if len(found) == 1 else None)
    if deck is None:
        detail = "several decks are in the folder" if found else "there is no deck in the folder"
        raise Invalid.field("/deck", detail, remedy="put one .pptx or .odp there, or name it")
    music = named.get("music") or _first(_MUSIC, files)
    return Chosen(images=(), music=music, voice_over=None, captions_file=None, deck=deck)


def _presents(said: Mapping[Any, object]) -> bool:
    return said.get("deck") is not None or said.get("kind") == JobKind.PRESENTATION


def _deck_type(file: str) -> FileType:
    return FileType.ODP if file.casefold().endswith(".odp") else FileType.PPTX


def _named(order: Sidecar) -> list[tuple[str, str]]:
    """(field, file) of all files that a sidecar names."""
    sounds = ("music", "voice_over", "captions_file", "deck")
    named = [(field, getattr(order, field)) for field in sounds]
    named += [(f"images/{n}", file) for n, file in enumerate(order.images or ())]
    return [(field, file) for field, file in named if file]


def find(name: str, files: Sequence[str]) -> str | None:
    """The file of this name, else the only one of a name that looks the same.

    Some systems write an accented letter as one character and some as two (NFC, NFD).
    """
    if name in files:
        return name
    alike = [file for file in files if normalize("NFC", file) == normalize("NFC", name)]
    return alike[0] if len(alike) == 1 else None


def seen_as(file: str) -> FileType:
    """What a file has to be that is to be seen, by its name."""
    return FileType.VIDEO if _CLIPS.search(file) else FileType.IMAGE


def _natural(file: str) -> list[tuple[int, int, str]]:
    """Sort key by which `2.jpg` comes before `10.jpg`."""
    parts = re.findall(r"\d+|\D+", file.casefold())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def _first(pattern: re.Pattern[str], files: Sequence[str]) -> str | None:
    return next((file for file in files if pattern.search(file)), None)


def _refuse_unknown(said: Mapping[object, object]) -> None:
    if _presents(said):
        known = {"title", "priority", *PresentationSpec.model_fields}
    else:
        known = {*Sidecar.model_fields, *UgcSpec.model_fields, "kind"} - {"nlp_analysis"}
    unknown = tuple(
        FieldFault(
            pointer=f"/{field}",
            detail="there is no such field",
            remedy=f"use one of {', '.join(sorted(known))}",
        )
        for field in said
        if field not in known
    )
    if unknown:
        raise Invalid("the sidecar has unknown fields", unknown)


def _checked(model: type[Model], given: Mapping[str, object]) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as broken:
        raise of_validation(broken) from broken
