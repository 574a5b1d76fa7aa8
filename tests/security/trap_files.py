"""Files that are no media: they name other files and addresses, or are no files at all."""

import os
import socket
from pathlib import Path

from reelsmith.domain.assets import FileType
from tests.media.odd_pictures import file_of, four_corners
from tests.security.corpus import Case, Neighbours, referring, sent

IMAGE, AUDIO, VIDEO = FileType.IMAGE, FileType.AUDIO, FileType.VIDEO

_M3U8 = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n"
_DASH = (
    '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT9S"><Period><AdaptationSet><Representation id="1" '
    'bandwidth="1"><BaseURL>file://{path}</BaseURL><SegmentBase/></Representation>'
    "</AdaptationSet></Period></MPD>"
)
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<image xlink:href="file://{path}"/></svg>'
)
_XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{path}">]><svg>&x;</svg>'
_TEXTS: tuple[tuple[str, str, str], ...] = (
    ("m3u8 of an absolute path", _M3U8 + "{path}\n#EXT-X-ENDLIST\n", "a playlist"),
    ("m3u8 of a relative path", _M3U8 + "{name}\n#EXT-X-ENDLIST\n", "a playlist"),
    ("m3u8 of a file URL", _M3U8 + "file://{path}\n#EXT-X-ENDLIST\n", "a playlist"),
    ("m3u8 of an address", _M3U8 + "{url}\n#EXT-X-ENDLIST\n", "a playlist"),
    ("m3u8 that never ends", _M3U8 + "{name}\n", "a playlist"),
    (
        "m3u8 with a key elsewhere",
        "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI='{url}'\n{name}\n",
        "a playlist",
    ),
    ("m3u8 behind a byte order mark", "\ufeff" + _M3U8 + "{path}\n", "a playlist"),
    ("m3u8 behind blank lines", "\n\n  " + _M3U8 + "{path}\n", "a playlist"),
    ("ffconcat of an absolute path", "ffconcat version 1.0\nfile '{path}'\n", "a playlist"),
    ("ffconcat of a relative path", "ffconcat version 1.0\nfile {name}\n", "a playlist"),
    ("ffconcat of an address", "ffconcat version 1.0\nfile {url}\n", "a playlist"),
    ("a bare list of files", "file '{path}'\nfile '{name}'\n", "a text"),
    ("DASH of a file URL", _DASH, "a markup document|a playlist"),
    ("PLS", "[playlist]\nFile1={path}\nNumberOfEntries=1\n", "a playlist"),
    ("ASX", '<asx version="3"><entry><ref href="{url}"/></entry></asx>', "a markup document"),
    ("SMIL", '<smil><body><video src="{path}"/></body></smil>', "a markup document"),
    ("SDP", "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "a text"),
    ("a QuickTime link", '<?quicktime type="x"?><embed src="{url}"/>', "a markup document"),
    ("a Windows shortcut", "[InternetShortcut]\nURL=file://{path}\n", "a text"),
    ("a filter graph", "movie={path},scale=9:9\n", "a text"),
    ("subtitles", "1\n00:00:00,000 --> 00:00:09,000\n<img src='{path}'>\n", "SubRip or WebVTT"),
    ("styled subtitles", "[Script Info]\nScriptType: v4.00+\n", "a text"),
    ("SVG with a picture elsewhere", _SVG, "an SVG drawing"),
    ("SVG with an entity", _XXE, "an SVG drawing"),
    ("a web page", "<!doctype html><img src='{url}'>", "a web page"),
    ("PostScript", "%!PS-Adobe-3.0\n({path}) (r) file\n", "a text"),
    ("PDF", "%PDF-1.7\n1 0 obj <</F ({path})>> endobj\n", "a PDF"),
    ("MVG", "push graphic-context\nimage Over 0,0 9,9 '{path}'\npop\n", "a text"),
    ("MSL", "<image><read filename='{path}'/></image>", "a markup document"),
    ("a program", "#!/bin/sh\ncat {path}\n", "a program"),
    ("a mail", "MIME-Version: 1.0\nContent-Location: {url}\n", "a text"),
)
_KINDS = ((IMAGE, "holiday.jpg"), (AUDIO, "song.m4a"), (VIDEO, "film.mp4"))

_NAMES = (
    "frame%03d.png",
    "concat:secret.mp4|secret.mp4",
    "subfile,,start,0,end,0,,:secret.mp4",
    "data:image;base64,AAAA",
    "http:127.0.0.1.png",
    "file:secret.mp4",
    "pipe:0",
    "crypto:secret.mp4",
    "-i",
    "|cat secret.mp4",
    "$(cat secret.mp4).png",
    "a'b;c:d[e]f,g=h.png",
    "line\nend.png",
    "\u202egnp.exe",
    "song.mp3",
    "n" * 255,
)


def _a_picture() -> bytes:
    from PIL import Image  # noqa: PLC0415

    return file_of(Image.fromarray(four_corners()), "PNG")


def _link_to_secret(folder: Path, near: Neighbours) -> Path:
    path = folder / "link.png"
    path.symlink_to(near.secret)
    return path


def _link_to_itself(folder: Path, near: Neighbours) -> Path:
    path = folder / "loop.png"
    path.symlink_to(path)
    return path


def _folder(folder: Path, near: Neighbours) -> Path:
    path = folder / "folder.png"
    path.mkdir()
    return path


def _pipe(folder: Path, near: Neighbours) -> Path:
    path = folder / "pipe.png"
    os.mkfifo(path)
    return path


def _socket(folder: Path, near: Neighbours) -> Path:
    here = Path.cwd()
    os.chdir(folder)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.png")
    finally:
        os.chdir(here)
    return folder / "socket.png"


_NO_FILES = (
    ("a link to a secret", _link_to_secret, "link.png"),
    ("a link to itself", _link_to_itself, "loop.png"),
    ("a folder", _folder, "folder.png"),
    ("a pipe that nobody writes to", _pipe, "pipe.png"),
    ("a socket", _socket, "socket.png"),
    ("a device without an end", lambda folder, near: Path("/dev/zero"), "zero.png"),
    ("a terminal", lambda folder, near: Path("/dev/tty"), "tty.png"),
    ("nothing at all", lambda folder, near: folder / "gone.png", "gone.png"),
)

TRAPS: tuple[Case, ...] = (
    *(
        referring(f"{title}, as {name}", kind, name, text, f"is ({what}), not a")
        for title, text, what in _TEXTS
        for kind, name in _KINDS
    ),
    *(sent(f"a good picture named {name[:40]!r}", IMAGE, name, _a_picture) for name in _NAMES),
    *(
        Case(title, IMAGE, plant, name, "is no plain file that we can read")
        for title, plant, name in _NO_FILES
    ),
)
