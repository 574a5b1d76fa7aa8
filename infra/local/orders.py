"""The three films of the demo: what is asked for, and the material for it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from infra.local import scenery
from infra.local.client import Client


@dataclass(frozen=True, slots=True)
class Order:
    """One film: its words, its pictures, and the note its music begins on."""

    file: str
    title: str
    language: str
    words: str
    pictures: tuple[Callable[[], Image.Image], ...]
    root_hz: float

    def fields(self) -> dict[str, Any]:
        """What a caller says of the film, beside its files."""
        return {"title": self.title, "text_prompt": self.words, "language": self.language}


SPANISH = Order(
    file="anuncio",
    title="Agua de la sierra",
    language="es",
    words=(
        "¿Cansado del agua de siempre? Nace a dos mil metros, entre roca y nieve. "
        "La embotellamos al amanecer, sin prisa. Pruébala hoy y siente la diferencia."
    ),
    pictures=(
        partial(scenery.city, scenery.NIGHT, 11),
        partial(scenery.mountains, scenery.DAWN, 12),
        partial(scenery.sea, scenery.DUSK, 13),
        partial(scenery.product, scenery.NOON, 14),
    ),
    root_hz=220.0,
)
ENGLISH = Order(
    file="advert",
    title="Weekend by the sea",
    language="en",
    words=(
        "Leave the city behind. Two hours by train, and the evening is yours. "
        "Wake up to the sound of the sea. Book this week and stay a third night free."
    ),
    pictures=(
        partial(scenery.city, scenery.DUSK, 21),
        partial(scenery.sea, scenery.DUSK, 22),
        partial(scenery.mountains, scenery.NOON, 23),
    ),
    root_hz=196.0,
)
DROPPED = Order(
    file="drop",
    title="Café & té al 100 %",
    language="es",
    words="Café recién tostado. Té de montaña. Ven y elige el tuyo.",
    pictures=(
        partial(scenery.mountains, scenery.DUSK, 31),
        partial(scenery.product, scenery.DAWN, 32),
    ),
    root_hz=246.9,
)
DROP_NAME = "Café & té al 100 % ☕"


def by_api(client: Client, order: Order, folder: Path) -> str:
    """Upload the material, ask for the film; gives the job's id. Raises Refused."""
    pictures, music = _material(order, folder)
    images = [client.upload(picture, "image/jpeg") for picture in pictures]
    bed = client.upload(music, "audio/wav")
    job = client.submit({"kind": "ugc", **order.fields(), "images": images, "music": bed})
    return str(job["id"])


def by_folder(order: Order, inbox: Path, folder: Path) -> None:
    """Put the material into a set of the drop folder, the sidecar last."""
    pictures, music = _material(order, folder)
    dropped = inbox / DROP_NAME
    dropped.mkdir()
    for number, picture in enumerate(pictures, start=1):
        picture.rename(dropped / f"-{number} foto ñ.jpg")
    music.rename(dropped / "music.wav")
    sidecar = yaml.safe_dump(order.fields(), allow_unicode=True, sort_keys=False)
    (dropped / "reel.yaml").write_text(sidecar, "utf-8")


def _material(order: Order, folder: Path) -> tuple[list[Path], Path]:
    pictures = scenery.save(order.pictures, folder, order.file)
    bed = folder / f"{order.file}.wav"
    return pictures, scenery.music(bed, seconds=24, root_hz=order.root_hz)
