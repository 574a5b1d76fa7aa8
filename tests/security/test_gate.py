"""A caller's file is what its bytes say, whatever it is called and wherever it points."""

import os

import pytest

from reelsmith.domain.assets import MAX_BYTES, FileType
from reelsmith.errors import MediaError
from reelsmith.media import gate, pictures

IN_DISGUISE = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
    "svg behind xml": (b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg/>', "an SVG drawing"),
    "html": (b"  <!DOCTYPE html><html></html>", "a web page"),
    "dash": (b"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'>", "a playlist"),
    "xml": (b"<?xml version='1.0'?><root/>", "a markup document"),
    "m3u8": (b"#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n", "a playlist"),
    "concat": (b"ffconcat version 1.0\nfile /etc/passwd\n", "a playlist"),
    "text": (b"just words, and no picture\n", "a text"),
    "pdf": (b"%PDF-1.7\n", "a PDF"),
    "office": (b"PK\x03\x04" + bytes(60), "a ZIP archive or office document"),
    "program": (b"\x7fELF" + bytes(60), "a program"),
    "script": (b"#!/bin/sh\nid\n", "a program"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(40), "a HEIC, AVIF or raw photo"),
    "photoshop": (b"8BPS" + bytes(60), "a Photoshop file"),
    "postscript": (b"\xc5\xd0\xd3\xc6" + bytes(60), "of an unknown format"),
    "random": (bytes(range(1, 120)), "of an unknown format"),
}


@pytest.mark.parametrize("disguise", IN_DISGUISE)
def test_a_file_in_disguise_is_named_for_what_it_is(tmp_path, disguise):
    body, what = IN_DISGUISE[disguise]
    path = tmp_path / "holiday.jpg"
    path.write_bytes(body)

    with pytest.raises(MediaError) as refused:
        pictures.load(path, name="holiday.jpg")

    remedy = "send a JPEG, PNG, WebP, GIF, BMP or TIFF"
    assert refused.value.detail == f'"holiday.jpg" is {what}, not a picture we take; {remedy}'


def test_links_folders_pipes_and_nothing_are_refused_and_never_waited_for(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (tmp_path / "link.png").symlink_to(secret)
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")

    for name in ("link.png", "folder.png", "pipe.png", "nothing.png"):
        with pytest.raises(MediaError, match=f'"{name}" is no plain file'):
            pictures.load(tmp_path / name, name=name)


def test_a_file_swapped_after_the_check_changes_nothing(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))

    with gate.opened(path, name="a.png", wanted=FileType.IMAGE) as sighting:
        path.unlink()
        path.write_bytes(b"#EXTM3U\n")

        assert sighting.file.read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_file_over_the_limit_is_refused_without_being_read(tmp_path):
    path = tmp_path / "big.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    os.truncate(path, MAX_BYTES[FileType.IMAGE] + 1)

    with pytest.raises(MediaError, match=r'"big\.png" is 64 MB.*; send at most 64 MB'):
        pictures.load(path, name="big.png")


def test_a_sound_is_no_picture_a_picture_no_sound_and_neither_a_video():
    with pytest.raises(MediaError, match="is Matroska, not a picture"):
        gate.check(b"\x1aE\xdf\xa3", name="a", wanted=FileType.IMAGE, size_bytes=99)
    with pytest.raises(MediaError, match="is JPEG, not a video; send an MP4, MOV, WebM or MKV"):
        gate.check(b"\xff\xd8\xff\xe0", name="a", wanted=FileType.VIDEO, size_bytes=99)
    with pytest.raises(MediaError, match="is WAV, not a picture"):
        gate.check(b"RIFF....WAVEfmt ", name="a", wanted=FileType.IMAGE, size_bytes=99)
    with pytest.raises(MediaError, match="is JPEG, not a sound file"):
        gate.check(b"\xff\xd8\xff\xe0", name="a", wanted=FileType.AUDIO, size_bytes=99)


def test_an_mp4_may_hold_a_film_or_a_song_and_its_sender_says_which():
    head = b"\0\0\0\x20ftypisom"

    assert gate.check(head, name="a", wanted=FileType.VIDEO, size_bytes=99) is gate.Form.MP4
    assert gate.check(head, name="a", wanted=FileType.AUDIO, size_bytes=99) is gate.Form.MP4


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\xff\xfb\x90\x64", gate.Form.MP3),
        (b"ID3\x04\0\0", gate.Form.MP3),
        (b"\0\0\0\x20ftypM4A \0", gate.Form.MP4),
        (b"MM\0*\0\0\0\x08", gate.Form.TIFF),
        (b"WEBVTT\n\n", gate.Form.SUBTITLES),
        (b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\nHi", gate.Form.SUBTITLES),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi".encode("utf-16"), gate.Form.SUBTITLES),
        (b"#EXTM3U\n00:00:01,000 --> 00:00:02,000", None),
        (b"\xff\xf1\x50\x80", None),
        (b"\xff\xff\xff\xff", None),
        (b"BMnonsense that is no bitmap", None),
        (b"", None),
    ],
)
def test_near_misses_of_short_signatures_are_told_apart(head, form):
    assert gate.sniff(head) is form


def test_a_hostile_name_is_shown_on_one_line_and_cut():
    name = "a\nb\x1b[31m\u202egpj.exe" + "x" * 200

    shown = gate.shown(name)

    assert len(shown) == 80
    assert shown.isprintable()
    assert shown.startswith("a b [31m gpj.exe")
