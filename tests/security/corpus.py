"""The corpus: files that callers send, good and bad, each with what has to become of it.

Every file is made by code, so that it can be read here why it is dangerous.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reelsmith.domain.assets import FileType

SECRET = "CANARY-7c1f-must-not-be-read"

Body = Callable[[], bytes]


@dataclass(frozen=True)
class Neighbours:
    """What lies near an upload, and must stay unread: by path, by name and by address."""

    secret: Path
    url: str


@dataclass(frozen=True)
class Case:
    """One file as it is sent.

    `becomes` is None when the file has to be accepted, else what its refusal says (a regular
    expression). `plant` puts it into a folder and says where.
    """

    title: str
    kind: FileType
    plant: Callable[[Path, Neighbours], Path]
    name: str
    becomes: str | None


ANY_REFUSAL = ""
OFTEN_DAMAGED = "|".join(
    ("cut short", "damaged", "broken header", "cannot be decoded", "broke its decoder", "holds no")
)


def sent(
    title: str, kind: FileType, name: str, body: Body | bytes, becomes: str | None = None
) -> Case:
    """A file with these bytes under this name."""

    def plant(folder: Path, near: Neighbours) -> Path:
        path = folder / name
        path.write_bytes(body if isinstance(body, bytes) else body())
        return path

    return Case(title, kind, plant, name, becomes)


def referring(title: str, kind: FileType, name: str, text: str, becomes: str) -> Case:
    """A text that names its neighbours: `{path}`, `{name}` and `{url}` are filled in."""

    def plant(folder: Path, near: Neighbours) -> Path:
        path = folder / name
        words = text.replace("{path}", str(near.secret)).replace("{name}", near.secret.name)
        path.write_text(words.replace("{url}", near.url))
        return path

    return Case(title, kind, plant, name, becomes)


def cuts(title: str, kind: FileType, name: str, body: Body, places: int) -> Iterator[Case]:
    """The same file cut short at so many places, evenly spread over its length."""
    for place in range(1, places):
        share = place / places
        yield sent(
            f"{title}, {share:.0%} of it",
            kind,
            name,
            lambda share=share: (whole := body())[: int(len(whole) * share)],
            OFTEN_DAMAGED,
        )
