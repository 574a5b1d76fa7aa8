"""A caller's XML, read in the confined child: no document type, no entities, no great depth."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from reelsmith.media import child

_DEPTH_MOST = 200
_ELEMENTS_MOST = 2_000_000  # of one part
_ANEW = "open it, save it again and send that"


def parse(body: bytes) -> Element:
    """The tree of an XML document; names are `{namespace}local`.

    Raises:
        Refused: it is no XML, or holds a document type, with which entities begin.
    """
    return _Reader().read(body)


def check(body: bytes) -> None:
    """See that a part that nobody here will read is harmless to whoever does; as `parse`."""
    reader = expat.ParserCreate()
    reader.StartDoctypeDeclHandler = reader.EntityDeclHandler = _refuse
    _feed(reader, body)


def _feed(reader: expat.XMLParserType, body: bytes) -> None:
    try:
        reader.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as broken:
        raise child.Refused("holds a part that cannot be read", _ANEW) from broken


def _refuse(*_told: object) -> None:
    raise child.Refused("holds a document type, as no deck does", _ANEW)


class _Reader:
    """Expat with a builder behind it, and with the doors shut that lead anywhere."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = self._count = 0
        self._expat = expat.ParserCreate(namespace_separator="}")
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._expat.EntityDeclHandler = _refuse
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._builder.data

    def read(self, body: bytes) -> Element:
        _feed(self._expat, body)
        return self._builder.close()

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _DEPTH_MOST or self._count > _ELEMENTS_MOST:
            raise child.Refused("is nested deeper, or longer, than a deck can be", _ANEW)
        self._builder.start(_full(name), {_full(key): value for key, value in attributes.items()})

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(_full(name))


def _full(name: str) -> str:
    return "{" + name if "}" in name else name
