"""Small decks, written as PowerPoint and LibreOffice write theirs: parts of XML in an archive."""

import io
import zipfile
from html import escape

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_TABLE = "http://schemas.openxmlformats.org/drawingml/2006/table"
_MAIN = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_NS = f'xmlns:a="{_A}" xmlns:p="{_P}" xmlns:r="{_R}"'


def zipped(parts, **options):
    """An archive of these parts, by name, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", options.get("method", zipfile.ZIP_DEFLATED)) as made:
        for name, body in parts.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else None
            made.writestr(name, body, stored)
    return out.getvalue()


def a_pptx(*slides, **changes):
    """A PowerPoint deck; each slide is a dict as `a_slide` takes it. `changes` replace parts."""
    parts = pptx_parts(*slides)
    parts |= {name: body for name, body in changes.get("parts", {}).items() if body is not None}
    for name, body in changes.get("parts", {}).items():
        if body is None:
            del parts[name]
    return zipped(parts)


def pptx_parts(*slides):
    listed = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n + 1}"/>' for n, _ in enumerate(slides))
    related = {f"rId{n + 1}": ("slide", f"slides/slide{n + 1}.xml") for n, _ in enumerate(slides)}
    related |= {"rM": ("slideMaster", "slideMasters/slideMaster1.xml")}
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="xml"'
        ' ContentType="application/xml"/><Override PartName="/ppt/presentation.xml"'
        f' ContentType="{_MAIN}"/></Types>',
        "ppt/presentation.xml": f"<p:presentation {_NS}><p:sldIdLst>{listed}</p:sldIdLst>"
        '<p:sldSz cx="12192000" cy="6858000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relations(related),
        "ppt/slideMasters/slideMaster1.xml": f"<p:sldMaster {_NS}/>",
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": relations(
            {"rT": ("theme", "../theme/theme1.xml")}
        ),
        "ppt/theme/theme1.xml": f'<a:theme xmlns:a="{_A}"><a:themeElements><a:clrScheme name="x">'
        '<a:dk1><a:sysClr val="windowText" lastClr="101820"/></a:dk1>'
        '<a:lt1><a:sysClr val="window" lastClr="FFFFFF"/></a:lt1>'
        '<a:accent1><a:srgbClr val="C8102E"/></a:accent1></a:clrScheme><a:fontScheme name="x">'
        '<a:majorFont><a:latin typeface="Futura PT"/></a:majorFont></a:fontScheme>'
        "</a:themeElements></a:theme>",
    }
    for number, slide in enumerate(slides, 1):
        parts |= _slide_parts(number, **slide)
    return parts


def relations(targets):
    """A part of relations: id -> (type, target) or (type, target, mode)."""
    rows = "".join(
        f'<Relationship Id="{name}" Type="{_R}/{kind}" Target="{escape(target)}"'
        + (f' TargetMode="{mode[0]}"' if mode else "")
        + "/>"
        for name, (kind, target, *mode) in targets.items()
    )
    return f'<Relationships xmlns="{_RELS}">{rows}</Relationships>'


def _slide_parts(
    number,
    title="",
    body=(),
    notes="",
    hidden=False,
    tables=(),
    pictures=(),
    chart=None,
    video=False,
    links=(),
    font=None,
):
    name, parts, related = f"slide{number}.xml", {}, {}
    shapes = [_words(title, role="title")] if title else []
    shapes += [_words(*body, role="body", font=font)] if body else []
    shapes += [_words(f"{number}", role="sldNum")]
    shapes += [_table(rows) for rows in tables]
    for n, picture in enumerate(pictures):
        related[f"rP{n}"] = ("image", f"../media/image{number}-{n}.png")
        parts[f"ppt/media/image{number}-{n}.png"] = picture
        shapes.append(_picture(f"rP{n}", video))
    if chart:
        related["rC"] = ("chart", f"../charts/chart{number}.xml")
        parts[f"ppt/charts/chart{number}.xml"] = _chart(chart)
        shapes.append(
            f'<p:graphicFrame><a:graphic><a:graphicData uri="{_C}"><c:chart xmlns:c="{_C}"'
            ' r:id="rC"/></a:graphicData></a:graphic></p:graphicFrame>'
        )
    for n, link in enumerate(links):
        related[f"rL{n}"] = ("hyperlink", link, "External")
    if notes:
        related["rN"] = ("notesSlide", f"../notesSlides/notesSlide{number}.xml")
        shown = _words("Page 1", role="sldNum") + _words(*notes.split("\n"), role="body")
        parts[f"ppt/notesSlides/notesSlide{number}.xml"] = (
            f"<p:notes {_NS}><p:cSld><p:spTree>{shown}</p:spTree></p:cSld></p:notes>"
        )
    show = ' show="0"' if hidden else ""
    parts[f"ppt/slides/{name}"] = (
        f"<p:sld {_NS}{show}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"
    )
    parts[f"ppt/slides/_rels/{name}.rels"] = relations(related)
    return parts


def _words(*texts, role, font=None):
    """A shape with a paragraph for each text; a tab before a text is a level."""
    made = ""
    for text in texts:
        plain = text.lstrip("\t")
        level, face = len(text) - len(plain), f'<a:latin typeface="{font}"/>' if font else ""
        made += (
            f'<a:p><a:pPr lvl="{level}"/><a:r><a:rPr>{face}</a:rPr>'
            f"<a:t>{escape(plain)}</a:t></a:r></a:p>"
        )
    holder = f'<p:nvSpPr><p:nvPr><p:ph type="{role}"/></p:nvPr></p:nvSpPr>'
    return f"<p:sp>{holder}<p:txBody>{made}</p:txBody></p:sp>"


def _table(rows):
    made = "".join(
        "<a:tr>"
        + "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{escape(cell)}</a:t></a:r></a:p></a:txBody></a:tc>"
            for cell in row
        )
        + "</a:tr>"
        for row in rows
    )
    return (
        f'<p:graphicFrame><a:graphic><a:graphicData uri="{_TABLE}"><a:tbl>{made}</a:tbl>'
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )


def _picture(relation, video):
    film = f'<a:videoFile r:link="{relation}"/>' if video else ""
    return (
        f"<p:pic><p:nvPicPr><p:nvPr>{film}</p:nvPr></p:nvPicPr><p:blipFill>"
        f'<a:blip r:embed="{relation}"/></p:blipFill></p:pic>'
    )


def _chart(series):
    """Series by name: category -> value."""

    def points(values):
        return "".join(f'<c:pt idx="{n}"><c:v>{v}</c:v></c:pt>' for n, v in enumerate(values))

    made = "".join(
        f"<c:ser><c:tx><c:strRef><c:strCache>{points([name])}</c:strCache></c:strRef></c:tx>"
        f"<c:cat><c:strRef><c:strCache>{points(values)}</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:numCache>{points(values.values())}</c:numCache></c:numRef></c:val>"
        "</c:ser>"
        for name, values in series.items()
    )
    return (
        f'<c:chartSpace xmlns:c="{_C}"><c:chart><c:plotArea><c:barChart>{made}</c:barChart>'
        "</c:plotArea></c:chart></c:chartSpace>"
    )


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_NS = " ".join(
    f'xmlns:{short}="{_ODF}{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("draw", "drawing"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("presentation", "presentation"),
        ("svg", "svg-compatible"),
        ("fo", "xsl-fo-compatible"),
    )
)
ODP_TYPE = "application/vnd.oasis.opendocument.presentation"


def an_odp(*slides, parts=None):
    """A LibreOffice deck; slides as for `a_pptx`: title, body, notes, hidden, tables, pictures."""
    made, pages = {"mimetype": ODP_TYPE}, []
    for number, slide in enumerate(slides, 1):
        for n, picture in enumerate(slide.get("pictures", ())):
            made[f"Pictures/{number}-{n}.png"] = picture
        pages.append(_page(number, **slide))
    made["content.xml"] = (
        f'<office:document-content {_ODF_NS} xmlns:xlink="http://www.w3.org/1999/xlink">'
        "<office:font-face-decls><style:font-face svg:font-family=\"'Gill Sans'\"/>"
        '</office:font-face-decls><office:automatic-styles><style:style style:name="dpH">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
        "</office:automatic-styles><office:body><office:presentation>"
        f"{''.join(pages)}</office:presentation></office:body></office:document-content>"
    )
    made["styles.xml"] = (
        f"<office:document-styles {_ODF_NS}><style:page-layout><style:page-layout-properties"
        ' fo:page-width="28cm" fo:page-height="15.75cm"/></style:page-layout>'
        "</office:document-styles>"
    )
    return zipped(made | (parts or {}))


def _page(number, title="", body=(), notes="", hidden=False, tables=(), pictures=()):
    style = ' draw:style-name="dpH"' if hidden else ""
    shapes = _frame(f"<draw:text-box>{_lines([title])}</draw:text-box>", "title")
    shapes += _frame(f"<draw:text-box>{_items(body)}</draw:text-box>", "outline")
    for rows in tables:
        cells = "".join(
            "<table:table-row>"
            + "".join(f"<table:table-cell>{_lines([cell])}</table:table-cell>" for cell in row)
            + "</table:table-row>"
            for row in rows
        )
        shapes += _frame(f"<table:table>{cells}</table:table>", "")
    for n, _ in enumerate(pictures):
        shapes += _frame(f'<draw:image xlink:href="Pictures/{number}-{n}.png"/>', "")
    spoken = _frame(f"<draw:text-box>{_lines(notes.split(chr(10)))}</draw:text-box>", "notes")
    return (
        f"<draw:page{style}>{shapes}<presentation:notes>{spoken}</presentation:notes></draw:page>"
    )


def _frame(inner, role):
    own = f' presentation:class="{role}"' if role else ""
    return f"<draw:frame{own}>{inner}</draw:frame>"


def _lines(texts):
    return "".join(f"<text:p>{escape(text)}</text:p>" for text in texts)


def _items(texts):
    made = ""
    for text in texts:
        plain = text.lstrip("\t")
        level = len(text) - len(plain) + 1
        opened, closed = "<text:list><text:list-item>", "</text:list-item></text:list>"
        made += opened * level + _lines([plain]) + closed * level
    return made
