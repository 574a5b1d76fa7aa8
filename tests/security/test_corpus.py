"""Every file of the corpus is accepted or refused as it should be, in time; no other is read.

The modules beside this one make the files. Each is sent as a caller would send it: it is looked
at when it arrives, and its content is taken when it was found good.
"""

import re
import resource
import tempfile
from dataclasses import dataclass

import av
import pytest

from reelsmith.domain.assets import FileType
from reelsmith.errors import MediaError
from reelsmith.media import check, uploads
from tests.security.broken_boxes import BOXES
from tests.security.broken_films import FILMS
from tests.security.broken_pictures import PICTURES
from tests.security.broken_sounds import SOUNDS
from tests.security.corpus import SECRET, Neighbours
from tests.security.sending import use
from tests.security.trap_files import TRAPS
from tests.security.watch import POSSIBLE, Watch

CORPUS = (*TRAPS, *PICTURES, *SOUNDS, *BOXES, *FILMS)
MOST_CPU_S = 10.0  # of all children of one file; the small good ones take a tenth of a second


@dataclass(frozen=True)
class Outcome:
    """What became of a file: the refusal, or None; the CPU seconds of its children."""

    refusal: str | None
    cpu_s: float


def sent(case, folder, near):
    """Send a file and see what becomes of it."""
    path = case.plant(folder, near)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    refusal = None
    try:
        use(case.kind, path, case.name)
    except MediaError as refused:
        refusal = refused.detail
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Outcome(refusal, cpu_s)


@pytest.fixture
def near(tmp_path):
    secret = tmp_path / "upload" / "secret.mp4"
    secret.parent.mkdir()
    secret.write_text(SECRET)
    return Neighbours(secret, "http://127.0.0.1:9/latest/meta-data")


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.title)
def test_a_file_is_accepted_or_refused_by_name_in_time_and_reads_no_other(
    case, near, tmp_path, monkeypatch
):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    with Watch([near.secret]) as watch:
        outcome = sent(case, near.secret.parent, near)
        assert watch.opened() == []

    assert outcome.cpu_s < MOST_CPU_S
    assert list(scratch.iterdir()) == []
    if case.becomes is None:
        assert outcome.refusal is None
    else:
        assert_says(outcome.refusal, case, tmp_path)


def assert_says(refusal, case, folder):
    """A refusal names the file, the fault and a remedy in a line, and tells nothing of us."""
    assert refusal is not None
    assert re.search(case.becomes, refusal)
    assert re.match(r'"[^"\n]+" .+; .+$', refusal)
    assert refusal.isprintable()
    assert str(folder) not in refusal
    assert SECRET not in refusal


@pytest.mark.parametrize("case", FILMS, ids=lambda case: case.title)
def test_a_film_is_taken_in_as_one_of_ours_or_refused_by_name(case, near, tmp_path):
    path = case.plant(near.secret.parent, near)
    out = tmp_path / "ours.mp4"
    pictures = {"thumbnail": tmp_path / "thumbnail.jpg", "sprite": tmp_path / "sprite.jpg"}

    with Watch([near.secret]) as watch:
        try:
            facts = uploads.normalise(path, out, name=case.name, threads=1, **pictures)
        except MediaError as refused:
            assert not case.title.startswith("good")
            assert refused.detail.startswith(f'"{case.name}" ')
        else:
            assert check.measure(out).frames == facts.frames
        assert watch.opened() == []


def test_the_corpus_holds_what_we_say_it_holds():
    good = [case for case in CORPUS if case.becomes is None]
    titles = [case.title for case in CORPUS]

    assert len(set(titles)) == len(titles)
    assert len(good) >= 80
    assert len(CORPUS) - len(good) >= 200
    assert {case.kind for case in good} == {FileType.IMAGE, FileType.AUDIO, FileType.VIDEO}


@pytest.mark.skipif(not POSSIBLE, reason="watches files by inotify, which is Linux's")
def test_the_traps_are_real_a_careless_reader_falls_into_them(near):
    sprung = []
    for case in TRAPS:
        if case.kind is FileType.VIDEO:
            path = case.plant(near.secret.parent, near)
            with Watch([near.secret]) as watch:
                read_carelessly(path)
                sprung += [case.title] * bool(watch.opened())

    assert sprung


def read_carelessly(path):
    try:
        with av.open(str(path)) as film:
            for _ in film.demux():
                pass
    except (av.FFmpegError, ValueError):
        pass


@pytest.mark.skipif(not POSSIBLE, reason="watches files by inotify, which is Linux's")
def test_the_watch_sees_whoever_opens_a_secret(near):
    with Watch([near.secret]) as watch:
        assert watch.opened() == []
        near.secret.read_text()
        assert watch.opened() == [near.secret]
