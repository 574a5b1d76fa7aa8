"""From a deck to a plan: its slides read, drawn, and kept as pictures by what is on them."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.assets import Asset
from reelsmith.domain.decks import Deck, Fidelity, Slide
from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.layers import Picture
from reelsmith.domain.model import Entity, Sha256
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.errors import MediaError
from reelsmith.media import decks, fonts, gate, pictures, slides
from reelsmith.media.nursery import Nursery
from reelsmith.media.slides import Look
from reelsmith.ports import Deps
from reelsmith.recipes import presentations
from reelsmith.recipes.plans import Plan
from reelsmith.recipes.presentations import DrawnSlide
from reelsmith.storage import keys
from reelsmith.usecases import cache
from reelsmith.usecases.progress import Reporter

MOST_LETTERS = 150_000  # said in one film
_MOST_FONTS = 8  # named in a warning


def plan(
    deps: Deps,
    spec: PresentationSpec,
    *,
    title: str,
    assets: Mapping[str, Asset],
    report: Reporter,
) -> Plan:
    """Read the deck, draw the slides that are not drawn yet, and lay the notes over them.

    Raises:
        MediaError: the deck cannot be used, or shows nothing; the message names it.
        Cancelled, Stale: as `papers.at_work`.
    """
    asset = assets[spec.deck]
    with TemporaryDirectory() as scratch:
        room = Path(scratch)
        file = deps.store.fetch(asset.key, room / "in")
        name = asset.original_filename
        deck = decks.read(file, name=name, wanted=asset.file_type, into=room)
        shown = _shown(spec, deck, name)
        with _Studio(deps, spec, asset, deck, room) as studio:
            drawn = []
            for done, (number, slide) in enumerate(shown.items(), 1):
                drawn.append(studio.drawn(number, slide))
                report(done / len(shown))
            deps.meter.holds(room)
            told = (*studio.warnings, *_warnings(deck, shown))
    return presentations.plan(
        spec,
        title=title,
        shown=drawn,
        assets=assets,
        fidelity=Fidelity.OUTLINE,
        warnings=told,
    )


def _shown(spec: PresentationSpec, deck: Deck, name: str) -> Mapping[int, Slide]:
    """The slides of the film by their number in the deck, from 1. Raises MediaError."""
    shown = {
        number: slide
        for number, slide in enumerate(deck.slides, 1)
        if spec.include_hidden or not slide.hidden
    }
    if not shown:
        fault = "shows no slide" if deck.slides else "has no slides"
        raise gate.refusal(name, fault, "add one, or ask for hidden ones by include_hidden")
    letters = sum(
        len(line) for one in shown.values() for line in presentations.lines_of(spec, one)
    )
    if letters > MOST_LETTERS:
        fault = f"has {letters} letters to be said"
        raise gate.refusal(name, fault, f"keep below {MOST_LETTERS}, or split it")
    return shown


class _Made(Entity):
    """What is noted of a slide that was drawn; the note is written after the picture."""

    sha256: Sha256
    faults: tuple[str, ...] = ()


class _Studio:
    """Draws the slides of one deck; what cannot be drawn is told in `warnings`."""

    def __init__(
        self, deps: Deps, spec: PresentationSpec, asset: Asset, deck: Deck, room: Path
    ) -> None:
        self._deps, self._asset, self._deck, self._room = deps, asset, deck, room
        size = spec.resolution
        self._look = Look(
            size.width,
            size.height,
            deck.theme,
            total=len(deck.slides),
            language=spec.language,
            captioned=spec.captions is not CaptionStyle.NONE,
        )
        self._nursery = Nursery()
        self._hashes: dict[int, str] = {}
        self.warnings: list[str] = []

    def __enter__(self) -> "_Studio":
        return self

    def __exit__(self, *_: object) -> None:
        self._nursery.close()

    def drawn(self, number: int, slide: Slide) -> DrawnSlide:
        """A slide with its picture in the store, drawn when it was not there."""
        files = [self._hash(one.file) for one in slide.pictures]
        key = keys.slide(self._asset.tenant, slides.key(slide, number, self._look, files))
        note = keys.slide_note(key)
        if cache.holds(self._deps, note, key):
            made = _Made.model_validate_json(self._deps.store.read(note))
        else:
            made = self._draw(number, slide, key)
            body = made.model_dump_json().encode()
            self._deps.store.write(body, note, content_type="application/json")
        self.warnings += [f"slide {number}: {fault}" for fault in made.faults]
        name = f"{self._asset.original_filename}, slide {number}"
        picture = Picture(key=key, sha256=made.sha256, name=name)
        return DrawnSlide(slide=slide, number=number, picture=picture)

    def _draw(self, number: int, slide: Slide, key: str) -> _Made:
        faults: list[str] = []
        made = slides.draw(slide, number, self._look, dict(self._pictures(slide, faults)))
        if not made.whole:
            faults.append("some of its words do not fit on the picture")
        file = slides.save(made, self._room / "slide.png")
        self._deps.store.put(file, key, content_type="image/png")
        with file.open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        return _Made(sha256=sha256, faults=tuple(faults))

    def _pictures(
        self, slide: Slide, faults: list[str]
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        longest = max(self._look.width, self._look.height)
        for one in slide.pictures:
            file, name = decks.picture(self._room, one.file), f"picture {one.file + 1}"
            try:
                run = self._nursery.run
                yield one.file, pictures.load(file, name=name, longest_side=longest, run=run)
            except MediaError as broken:
                faults.append(f"left out: {broken.detail}")

    def _hash(self, file: int) -> str:
        if file not in self._hashes:
            path = decks.picture(self._room, file)
            body = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            self._hashes[file] = hashlib.sha256(body).hexdigest()
        return self._hashes[file]


def _warnings(deck: Deck, shown: Mapping[int, Slide]) -> Iterator[str]:
    """What of a deck its film does not show."""
    yield "slides are shown as outlines: their words, tables and pictures in a design of ours"
    ours = {face.name.partition("-")[0].casefold() for face in fonts.faces()}
    others = [name for name in deck.fonts if name.replace(" ", "").casefold() not in ours]
    if others:
        more = " and others" if len(others) > _MOST_FONTS else ""
        yield f"fonts that are not here: {', '.join(others[:_MOST_FONTS])}{more}"
    for number, slide in shown.items():
        if slide.left_out:
            yield f"slide {number}: left out: {', '.join(slide.left_out)}"
