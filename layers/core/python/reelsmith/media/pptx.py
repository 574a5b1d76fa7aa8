"""Presentations of PowerPoint's format (ECMA-376, PresentationML), read in the confined child."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from reelsmith.domain.decks import Deck, Slide, SlidePicture, Theme
from reelsmith.media import child, markup, pptx_frames
from reelsmith.media.archives import Archive
from reelsmith.media.deck_parts import Album, Sheet, few, font_names
from reelsmith.media.pptx_names import RELATIONS, TYPES, A, P, R, paragraphs, text_of

_MAIN = ("presentation.main+xml", "slideshow.main+xml")
_EMU_PER_POINT = 12_700
_ANEW = "open it, save it as a PowerPoint presentation (.pptx) and send that"
_TITLES = ("title", "ctrTitle")
_FURNITURE = ("dt", "ftr", "hdr", "sldNum", "sldImg")


@dataclass(frozen=True, slots=True)
class Relations:
    """What a part points to: target part and type, by relation id."""

    targets: Mapping[str, tuple[str, str]]

    def of(self, identity: str | None) -> str | None:
        """The part that a relation leads to."""
        return self.targets.get(identity or "", (None, ""))[0]

    def first(self, kind: str) -> str | None:
        """The first part that is related by a type that ends so."""
        found = (part for part, own in self.targets.values() if own.endswith(f"/{kind}"))
        return next(found, None)


def read(archive: Archive) -> Deck:
    """The deck in an archive. Raises Refused: it is no presentation, or not one to be read."""
    main = _main_part(archive)
    root, relations = markup.parse(archive.read(main)), _relations(archive, main)
    parts = [
        part
        for entry in root.iterfind(f"{P}sldIdLst/{P}sldId")
        if (part := relations.of(entry.get(f"{R}id")))
    ]
    few(parts)
    album, fonts = Album(archive), set[str]()
    slides = tuple(_slide(archive, part, album, fonts) for part in parts)
    master = relations.first("slideMaster")
    theme = _relations(archive, master).first("theme") if master else None
    theme = theme or relations.first("theme")
    dressed = markup.parse(archive.read(theme)) if theme and archive.holds(theme) else None
    if dressed is not None:
        fonts |= {str(font.get("typeface")) for font in dressed.iter(f"{A}latin")}
    size = root.find(f"{P}sldSz")
    width, height = (_points(size, side) for side in ("cx", "cy"))
    return Deck(
        slides=slides,
        files=album.count,
        fonts=font_names(fonts),
        theme=_theme(dressed),
        width=width or 720,
        height=height or 540,
    )


def check(archive: Archive) -> None:
    """See that no part holds a document type or leads outside, but by links to be clicked.

    Raises Refused.
    """
    for name in archive.names:
        if name.casefold().endswith((".xml", ".vml")):
            markup.check(archive.read(name))
        elif name.casefold().endswith(".rels"):
            for relation in markup.parse(archive.read(name)).iter(f"{RELATIONS}Relationship"):
                outside = relation.get("TargetMode", "").casefold() == "external"
                if outside and not relation.get("Type", "").endswith("/hyperlink"):
                    fault = "needs files that are not in it"
                    raise child.Refused(fault, "embed what it links to, or take it out")


def _main_part(archive: Archive) -> str:
    if not archive.holds("[Content_Types].xml"):
        raise child.Refused("is an archive and no presentation", _ANEW)
    types = markup.parse(archive.read("[Content_Types].xml"))
    for override in types.iter(f"{TYPES}Override"):
        if override.get("ContentType", "").endswith(_MAIN):
            return override.get("PartName", "").lstrip("/")
    raise child.Refused("is no PowerPoint presentation", _ANEW)


def _relations(archive: Archive, part: str) -> Relations:
    folder, _, name = part.rpartition("/")
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if not archive.holds(path):
        return Relations({})
    found = {}
    for relation in markup.parse(archive.read(path)).iter(f"{RELATIONS}Relationship"):
        target = relation.get("Target", "")
        if relation.get("TargetMode", "").casefold() != "external":
            whole = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[relation.get("Id", "")] = (whole, relation.get("Type", ""))
    return Relations(found)


def _slide(archive: Archive, part: str, album: Album, fonts: set[str]) -> Slide:
    root, relations = markup.parse(archive.read(part)), _relations(archive, part)
    sheet = Sheet(hidden=root.get("show", "1") in ("0", "false"))
    fonts |= {str(font.get("typeface")) for font in root.iter(f"{A}latin")}
    for shape in _shapes(root.find(f"{P}cSld/{P}spTree")):
        if shape.tag == f"{P}sp":
            _read_words(shape, sheet)
        elif shape.tag == f"{P}pic":
            _read_picture(shape, sheet, relations, album)
        elif shape.tag == f"{P}graphicFrame":
            pptx_frames.read(shape, sheet, part_of=relations.of, archive=archive)
    notes = relations.first("notesSlide")
    if notes and archive.holds(notes):
        sheet.notes = _notes(markup.parse(archive.read(notes)))
    return sheet.slide()


def _shapes(tree: Element | None) -> Iterator[Element]:
    """All shapes in the order in which they are drawn; groups are gone into."""
    for shape in tree if tree is not None else ():
        if shape.tag == f"{P}grpSp":
            yield from _shapes(shape)
        elif shape.tag.endswith("}AlternateContent"):
            ways = sorted(shape, key=lambda way: not way.tag.endswith("}Fallback"))
            yield from _shapes(ways[0] if ways else None)
        else:
            yield shape


def _role(shape: Element) -> str | None:
    """What a shape is a placeholder for; None when it is none."""
    holder = shape.find(f"*/{P}nvPr/{P}ph")
    return None if holder is None else holder.get("type", "obj")


def _read_words(shape: Element, sheet: Sheet) -> None:
    body, role = shape.find(f"{P}txBody"), _role(shape)
    if body is None or role in _FURNITURE:
        return
    if role in _TITLES and not sheet.title:
        sheet.title = " ".join(text for text, _ in paragraphs(body))
        return
    for text, level in paragraphs(body):
        sheet.say(text, level)


def _read_picture(shape: Element, sheet: Sheet, relations: Relations, album: Album) -> None:
    for kind, what in (("videoFile", "a video"), ("audioFile", "a sound")):
        if shape.find(f"*/{P}nvPr/{A}{kind}") is not None:
            sheet.left_out.append(what)
    blip = shape.find(f"{P}blipFill/{A}blip")
    part = relations.of(blip.get(f"{R}embed")) if blip is not None else None
    number = album.number(part) if part else None
    if number is None:
        sheet.left_out.append("a picture of a kind that we do not draw")
    else:
        sheet.pictures.append(SlidePicture(file=number))


def _notes(root: Element) -> str:
    """What the speaker says: the notes page has a picture of the slide, numbers and dates too."""
    told = [
        text_of(body)
        for shape in _shapes(root.find(f"{P}cSld/{P}spTree"))
        if shape.tag == f"{P}sp" and _role(shape) == "body"
        if (body := shape.find(f"{P}txBody")) is not None
    ]
    return "\n".join(told)


def _theme(root: Element | None) -> Theme:
    if root is None:
        return Theme()
    return Theme(
        accent=_colour(root, "accent1"), ink=_colour(root, "dk1"), ground=_colour(root, "lt1")
    )


def _colour(root: Element, name: str) -> str | None:
    slot = root.find(f".//{A}clrScheme/{A}{name}")
    said = "" if slot is None or not len(slot) else slot[0].get("lastClr") or slot[0].get("val")
    value = (said or "").casefold()
    return f"#{value}" if len(value) == 6 and not value.strip("0123456789abcdef") else None


def _points(size: Element | None, side: str) -> float | None:
    said = "" if size is None else size.get(side, "")
    points = int(said) / _EMU_PER_POINT if said.isdecimal() and len(said) < 10 else 0
    return points if 0 < points <= 10_000 else None
