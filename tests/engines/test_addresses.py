"""URLs that callers send: the good ones pass, and no spelling of a hidden place does."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelsmith.engines import addresses
from reelsmith.errors import Invalid

GOOD = {
    "https://example.com/film.mp4": ("example.com", "/film.mp4"),
    "HTTPS://Files.Example.COM/a/b.png?x=1&y=%20#top": ("files.example.com", "/a/b.png?x=1&y=%20"),
    "https://example.com": ("example.com", "/"),
    "https://example.com?v=1": ("example.com", "/?v=1"),
    "https://example.com:443/a": ("example.com", "/a"),
    "https://xn--bcher-kva.example.org/b%C3%BCcher.jpg": (
        "xn--bcher-kva.example.org",
        "/b%C3%BCcher.jpg",
    ),
    "https://bucket.s3.eu-west-1.amazonaws.com/k?X-Amz-Signature=ab%2Fcd": (
        "bucket.s3.eu-west-1.amazonaws.com",
        "/k?X-Amz-Signature=ab%2Fcd",
    ),
    "https://93.184.215.14/a": ("93.184.215.14", "/a"),
    "https://[2606:4700:4700::1111]/a": ("2606:4700:4700::1111", "/a"),
    "https://0x7f.example.net/": ("0x7f.example.net", "/"),
    "https://example.com/@user:pw//x": ("example.com", "/@user:pw//x"),
}
HOSTILE = [
    # schemes, and what is no URL at all
    "http://example.com/", "ftp://example.com/a", "file:///etc/passwd", "gopher://example.com/_x",
    "data:text/plain,hi", "javascript:alert(1)", "//example.com/a", "example.com/a", "",
    "https:example.com", "https:/example.com/a", "https:///example.com/a", "https://",
    "https://?a", "jar:https://example.com!/a", "s3://bucket/key",
    # a user before the host, and what looks like one to some reader
    "https://user@example.com/", "https://user:pw@example.com/", "https://example.com@127.0.0.1/",
    "https://@example.com/", "https://example.com%40127.0.0.1/", "https://127.0.0.1\\@example.com/",
    "https://example.com\\@127.0.0.1/", "https://example.com\\.evil.org/",
    # ports
    "https://example.com:22/", "https://example.com:80/", "https://example.com:8443/",
    "https://example.com:0443/", "https://example.com:/", "https://example.com:443:443/",
    "https://example.com:-443/", "https://example.com:99999/", "https://[2606:4700::1111]:22/",
    # this machine and this network, by name
    "https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://a.localhost/",
    "https://metadata/", "https://metadata.google.internal/computeMetadata/v1/",
    "https://printer.local/", "https://router.lan/", "https://db.corp/", "https://x.home.arpa/",
    "https://x.onion/", "https://1.0.0.127.in-addr.arpa/",
    # this machine and this network, by address
    "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://0/", "https://0.0.0.0/",
    "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/", "https://169.254.170.2/v2/credentials",
    "https://100.100.100.200/", "https://192.0.0.192/", "https://168.63.129.16/",
    "https://100.64.0.1/", "https://198.18.0.1/", "https://192.0.2.1/", "https://198.51.100.1/",
    "https://203.0.113.1/", "https://192.88.99.1/", "https://224.0.0.1/", "https://240.0.0.1/",
    "https://255.255.255.255/",
    # addresses in other bases and lengths
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://017700000001/",
    "https://0177.0.0.1/", "https://010.8.8.8/", "https://127.0.0.1./", "https://1.1.1.0x1/",
    "https://256.256.256.256/", "https://1.1.1/", "https://1.1.1.1.1/", "https://0x/",
    # IPv6, and IPv4 in its clothes
    "https://[::1]/", "https://[::]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:93.184.215.14]/",
    "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[2606:4700::1%25lo]/",
    "https://[2606:4700::1%lo]/", "https://[fc00::1]/", "https://[fd00:ec2::254]/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b:1::a9fe:a9fe]/", "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/", "https://[2001:db8::1]/", "https://[3fff::1]/",
    "https://[ff02::1]/", "https://[100::1]/", "https://[5f00::1]/", "https://[::1]:443/",
    "https://[::1/", "https://::1/", "https://[]/", "https://[93.184.215.14]/",
    "https://[v1.fe80::a]/",
    # letters that some readers take for others, and what splits a request
    "https://ⓔxample.com/", "https://exam\u00adple.com/", "https://127。0。0。1/",
    "https://①②⑦.0.0.1/", "https://١٢٧.0.0.1/", "https://bücher.example.org/",
    "https://example.com/\r\nHost: evil.org", "https://example.com/ HTTP/1.1\r\n\r\nGET /",
    "https://exam\nple.com/", "https://example.com/a b", "https://example.com/\x00",
    "https://example.com\t.evil.org/", " https://example.com/", "https://example.com/ ",
    "https://example.com%00.evil.org/", "https://example.com%2eevil.org/",
    "https://example.com/%zz", "https://example.com/%", "https://example.com/a|b",
    # names that no host has
    "https://-example.com/", "https://example-.com/", "https://ex_ample.com/", "https://a..com/",
    "https://.example.com/", "https://example.com./", "https://exa*mple.com/",
    f"https://{'a' * 64}.com/", f"https://{'a.' * 130}com/", "https://example.com/" + "a" * 2048,
    "https://com/",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_a_good_url_is_taken_apart(url):
    target = addresses.parse(url)

    assert (target.host, target.path) == GOOD[url]
    assert (target.scheme, target.port, target.checked) == ("https", 443, True)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused_with_a_remedy(url):
    with pytest.raises(Invalid) as refusal:
        addresses.parse(url)

    (fault,) = refusal.value.faults
    assert fault.pointer == "/source_url"
    assert fault.remedy
    assert url in ("", "https://") or url not in refusal.value.detail


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "::127.0.0.1",
     "2002:a00:1::", "2001::1", "fe80::1%eth0", "fd00:ec2::254", "192.0.0.9", "no address", ""],
)  # fmt: skip
def test_what_a_name_may_not_lead_to(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "2a00:1450::1"]
)
def test_what_a_name_may_lead_to(address):
    assert addresses.is_public(address)


def test_every_kind_of_hostility_is_told_apart_from_what_is_good():
    assert len(HOSTILE) == len(set(HOSTILE)) >= 60


INSIDE = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip
SPELLINGS = {
    "as it is": str,
    "as one number": lambda ip: str(int(ip)),
    "as one number in base 16": lambda ip: hex(int(ip)),
    "as one number in base 8": lambda ip: f"0{int(ip):o}",
    "parts in base 16": lambda ip: ".".join(map(hex, ip.packed)),
    "parts in base 8": lambda ip: ".".join(f"0{part:o}" for part in ip.packed),
    "in two parts": lambda ip: f"{ip.packed[0]}.{int(ip) & 0xFFFFFF}",
    "in three parts": lambda ip: f"{ip.packed[0]}.{ip.packed[1]}.{int(ip) & 0xFFFF}",
    "with a dot": lambda ip: f"{ip}.",
    "mapped": lambda ip: f"[::ffff:{ip}]",
    "compatible": lambda ip: f"[::{ip}]",
    "by NAT64": lambda ip: f"[64:ff9b::{ip}]",
    "by local NAT64": lambda ip: f"[64:ff9b:1::{ip}]",
    "by 6to4": lambda ip: f"[{ipaddress.IPv6Address((0x2002 << 112) | (int(ip) << 80))}]",
    "by Teredo": lambda ip: f"[{ipaddress.IPv6Address((0x20010000 << 96) | (int(ip) << 64))}]",
    "by ISATAP": lambda ip: f"[fe80::5efe:{ip}]",
}


def addresses_inside():
    networks = [ipaddress.IPv4Network(network) for network in INSIDE]
    return st.one_of(
        st.integers(int(net[0]), int(net[-1])).map(ipaddress.IPv4Address) for net in networks
    )


@given(ip=addresses_inside(), spelled=st.sampled_from(sorted(SPELLINGS)))
def test_no_address_inside_passes_however_it_is_spelled(ip, spelled):
    with pytest.raises(Invalid):
        addresses.parse(f"https://{SPELLINGS[spelled](ip)}/")


@given(ip=addresses_inside())
def test_no_name_may_lead_inside(ip):
    assert not addresses.is_public(str(ip))
    assert not addresses.is_public(f"::ffff:{ip}")
    assert not addresses.is_public(f"64:ff9b::{ip}")


@given(text=st.text(max_size=60))
def test_whatever_is_sent_is_taken_apart_or_refused(text):
    for url in (text, f"https://{text}", f"https://example.com{text}"):
        try:
            target = addresses.parse(url)
        except Invalid:
            continue
        assert target.path.isascii()
        assert target.path.startswith("/")
        assert target.host == target.host.lower()


PLAIN = "127.0.0.1:8099"


def test_one_plain_address_may_be_named_for_tests_and_opens_no_other():
    target = addresses.parse(f"http://{PLAIN}/film.mp4", plain=PLAIN)

    assert (target.host, target.port, target.checked) == ("127.0.0.1", 8099, False)
    assert target.authority == PLAIN


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8098/", "http://127.0.0.1/", "http://127.0.0.1:8099@evil.org/",
     "http://u@127.0.0.1:8099/", "https://127.0.0.1:8099/", "http://localhost:8099/",
     "http://127.0.0.1:08099/", "http://example.com/"],
)  # fmt: skip
def test_beside_the_plain_address_nothing_else_is_open(url):
    with pytest.raises(Invalid):
        addresses.parse(url, plain=PLAIN)
