"""Which addresses of the internet we go to on a caller's word. Pure rules, no look-ups.

A caller's URL is https on port 443 of a public host, in plain ASCII. What a browser would guess
at (backslashes, blanks, numbers in other bases, a user before the host) is refused: where two
readers of a URL may disagree, one of them is led astray. Sources: RFC 3986; RFC 6890 and the
special-purpose registries of IANA; RFC 6761 for names that are no host of the public net.
"""

import ipaddress
import re
from dataclasses import dataclass

from reelsmith.errors import Invalid

POINTER = "/source_url"
MOST_CHARS = 2048
_REMEDY = "send an https URL of a file that anybody on the internet could fetch"

_URL = re.compile(r"(https?)://([^/?#]+)([^#]*)(#.*)?", re.IGNORECASE | re.DOTALL)
_FOREIGN = re.compile(r"[^\x21-\x7e]|[\\\"<>^`{|}]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_NAMES = (
    "alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local",
    "localdomain", "localhost", "onion", "private", "test",
)  # fmt: skip
_V4_REFUSED = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
        "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )  # 168.63.129.16 looks public, and is the host of a machine at another cloud
)  # fmt: skip
_V6_TAKEN = ipaddress.IPv6Network("2000::/3")  # all that is given out; no mapped form, no NAT64
_V6_REFUSED = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)  # Teredo and other protocols' own, documentation, 6to4, documentation


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. `path` begins with a slash and has the query; `host` is in lower case.

    `checked` is False only for the one plain address that tests of the local stage name.
    """

    scheme: str
    host: str
    port: int
    path: str
    checked: bool = True

    @property
    def authority(self) -> str:
        """What the Host header says."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.checked else f"{shown}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Where headers meant for it may go."""
        return self.scheme, self.host, self.port


def parse(url: str, *, plain: str = "") -> Target:
    """A caller's URL taken apart. `plain` is a `host:port` that may be reached by http.

    Raises:
        Invalid: it is not one that we go to; says why.
    """
    if len(url) > MOST_CHARS:
        raise refused(f"it is longer than {MOST_CHARS} characters")
    if _FOREIGN.search(url):
        raise refused("it has characters that a URL has only in their %-form")
    parts = _URL.fullmatch(url)
    if not parts:
        raise refused("it does not begin with https:// and a host")
    scheme, authority, rest = parts[1].lower(), parts[2].lower(), parts[3]
    if _BROKEN_ESCAPE.search(rest):
        raise refused("it has a % that begins no %-form")
    path = rest if rest.startswith("/") else f"/{rest}"
    if plain and scheme == "http" and authority == plain:
        host, _, port = plain.rpartition(":")
        return Target("http", host, int(port), path, checked=False)
    if scheme != "https":
        raise refused("it is not https")
    if "@" in authority:
        raise refused("it has a user or a password before its host")
    return Target("https", _host(authority), 443, path)


def is_public(address: str) -> bool:
    """Whether an IP address is a host of the public internet, for anybody and from anywhere."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _V4_REFUSED)
    whole = found.scope_id is None and found in _V6_TAKEN
    return whole and not any(found in network for network in _V6_REFUSED)


def refused(why: str) -> Invalid:
    """The error about a URL that we do not go to."""
    return Invalid.field(POINTER, why, remedy=_REMEDY)


def _host(authority: str) -> str:
    """The host of an authority of https, without its port. Raises Invalid."""
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, port = authority, "443"
    if port != "443":
        raise refused("it names another port than 443")
    if host.startswith("[") and host.endswith("]"):
        return _literal(host[1:-1], version=6)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _literal(host, version=4)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refused("its host is no name of letters, digits and hyphens (IDN: in punycode)")
    if len(labels) == 1 or labels[-1] in _PRIVATE_NAMES:
        raise refused("its host is not on the public internet")
    return host


def _literal(host: str, *, version: int) -> str:
    """A host that is an address, when it is public and in the one form of writing it.

    `010.0.0.1`, `2130706433` and `0x7f.1` are addresses to some readers and none to others.
    """
    found = ipaddress.ip_address(host) if is_public(host) else None
    if found is None or found.version != version:
        raise refused("its host is not on the public internet")
    return str(found)
