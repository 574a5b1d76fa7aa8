"""What our processes open while they look at hostile files, as the kernel tells it."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import reelsmith
from tests.security.broken_boxes import BOXES
from tests.security.broken_films import FILMS
from tests.security.broken_pictures import PICTURES
from tests.security.broken_sounds import SOUNDS
from tests.security.corpus import SECRET, Neighbours
from tests.security.trap_files import TRAPS

STRACE = shutil.which("strace")
POINTS_ELSEWHERE = re.compile("elsewhere|lie|path|address|EXIF|profile|good (PNG|MP3|WAV|VP9|M4A)")
OPENED = re.compile(r'^\d+ +(?:open|openat|openat2|execve)\((?:AT_FDCWD, |\d+, )?"([^"]*)"')
CONNECTED = re.compile(r"^\d+ +(?:connect|sendto)\(")
OF_THE_SYSTEM = ("/usr/", "/lib", "/etc/ld.so", "/etc/localtime", "/proc/", "/sys/", "/dev/null")
OF_THE_CHILD = {"result.raw", ".", ""}


def libraries():
    """Where Python, its packages and our own code lie."""
    places = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    places |= {str(Path(reelsmith.__file__).parents[1]), str(Path(__file__).parents[2])}
    return tuple(places)


def opened_in(trace):
    """The paths of all files that were opened, or tried."""
    quoted = (found[1] for line in trace if (found := OPENED.match(line)))
    return {
        os.fsdecode(path.encode().decode("unicode_escape").encode("latin-1")) for path in quoted
    }


def traced(files, room):
    """Send files under strace: what became of each, and the lines of the trace."""
    (room / "list.json").write_text(json.dumps(files))
    log, scratch = room / "trace", room / "scratch"
    scratch.mkdir()
    done = subprocess.run(
        [STRACE, "-f", "-qq", "-s", "4096", "-e", "trace=%file,%network", "-o", str(log)]
        + [sys.executable, "-m", "tests.security.sending", str(room / "list.json")],
        env={
            "PYTHONPATH": ":".join(filter(None, sys.path)),
            "TMPDIR": str(scratch),
            "HOME": str(scratch),
        },
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout.splitlines(), log.read_text(errors="replace").splitlines()


@pytest.mark.skipif(not STRACE, reason="looks through strace where it is found")
def test_nothing_is_opened_but_libraries_and_the_file_itself_and_nobody_is_called(tmp_path):
    near = Neighbours(tmp_path / "secret.mp4", "http://127.0.0.1:9/latest/meta-data")
    near.secret.write_text(SECRET)
    files, uploads = [], set()
    for number, case in enumerate((*TRAPS, *PICTURES, *SOUNDS, *BOXES, *FILMS)):
        if case in TRAPS or POINTS_ELSEWHERE.search(case.title):
            folder = tmp_path / f"upload-{number}"
            folder.mkdir()
            path = case.plant(folder, near)
            files.append((case.kind, str(path), case.name))
            uploads.add(str(path))

    answers, trace = traced(files, tmp_path)

    ours = (*libraries(), *OF_THE_SYSTEM, str(tmp_path / "scratch"), str(tmp_path / "list.json"))
    others = {path for path in opened_in(trace) if not path.startswith(ours)} - OF_THE_CHILD
    assert len(answers) == len(files) >= 140
    assert others <= uploads
    assert len(others) > 100  # the trace did see the uploads being opened
    assert [line for line in trace if CONNECTED.match(line)] == []


@pytest.mark.skipif(not STRACE, reason="looks through strace where it is found")
def test_the_trace_sees_a_child_that_reads_a_secret_and_calls_somebody(tmp_path):
    secret = tmp_path / "secret.mp4"
    secret.write_text(SECRET)
    code = (
        "import subprocess, sys, socket; open_it = 'import sys; open(sys.argv[1]).close()';"
        "subprocess.run([sys.executable, '-c', open_it, sys.argv[1]]);"
        "s = socket.socket(); s.connect_ex(('127.0.0.1', 9)); s.close()"
    )
    log = tmp_path / "trace"

    subprocess.run(
        [STRACE, "-f", "-qq", "-s", "4096", "-e", "trace=%file,%network", "-o", str(log)]
        + [sys.executable, "-c", code, str(secret)],
        check=True,
    )

    trace = log.read_text().splitlines()
    assert str(secret) in opened_in(trace)
    assert [line for line in trace if CONNECTED.match(line)]
