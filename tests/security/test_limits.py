"""A file that asks for too much is refused by name, and its decoder is gone; we go on."""

import io
import json
import os
import socket
import subprocess
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path

import pytest

from reelsmith.domain.assets import FileType
from reelsmith.errors import MediaError, Unavailable
from reelsmith.media import child, confined, decode_sound, pcm, pictures, run
from reelsmith.media.nursery import Nursery
from tests.pictures import a_picture, a_tone
from tests.security.broken_pictures import END, chunk, png
from tests.security.sending import use

SIDE = 11_000


def a_heavy_picture():
    """A good PNG of 20 KB and 121 megapixels, black or white each."""
    row = bytes(1 + SIDE // 8)
    return png(
        chunk(b"IDAT", zlib.compress(row * SIDE)), END, width=SIDE, height=SIDE, depth=1, colour=0
    )


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        (run.Limits(memory_bytes=200 << 20), "needs too much memory"),
        (run.Limits(cpu_s=1), "cannot be decoded"),
        (run.Limits(file_bytes=1 << 10), "cannot be decoded"),
    ],
    ids=["memory", "processor", "disk"],
)
def test_a_picture_that_asks_for_too_much_is_refused_by_name(tmp_path, monkeypatch, limits, fault):
    (tmp_path / "heavy.png").write_bytes(a_heavy_picture())
    monkeypatch.setattr(pictures, "_LIMITS", limits)

    with pytest.raises(MediaError, match=rf'^"heavy\.png" {fault}.*; '):
        pictures.load(tmp_path / "heavy.png", name="heavy.png", longest_side=4_000)

    (tmp_path / "light.png").write_bytes(png(END))
    with pytest.raises(MediaError, match="cut short"):
        pictures.load(tmp_path / "light.png", name="light.png")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full here")
@pytest.mark.parametrize("forks", [False, True], ids=["alone", "forked"])
def test_a_full_disk_is_no_fault_of_the_file_and_may_be_tried_again(tmp_path, monkeypatch, forks):
    (tmp_path / "good.png").write_bytes(a_picture((200, 30, 30)))

    @contextmanager
    def a_full_folder(prefix):
        (tmp_path / prefix).mkdir()
        (tmp_path / prefix / child.RESULT).symlink_to("/dev/full")
        yield str(tmp_path / prefix)

    monkeypatch.setattr(confined, "TemporaryDirectory", a_full_folder)
    with Nursery() as nursery, pytest.raises(Unavailable, match="temp space"):
        runner = nursery.run if forks else run.run_module
        pictures.load(tmp_path / "good.png", name="good.png", longest_side=64, run=runner)


@pytest.mark.parametrize("room", [pictures, pcm])
def test_a_file_that_takes_too_long_is_refused_by_name(tmp_path, monkeypatch, room):
    kind = FileType.IMAGE if room is pictures else FileType.AUDIO
    path = tmp_path / "slow"
    path.write_bytes(a_heavy_picture() if room is pictures else a_tone())
    monkeypatch.setattr(room, "_TIMEOUT_S", 0.2)
    monkeypatch.setattr(room, "_DECODER", "tests.security.slowcoach")

    with pytest.raises(MediaError, match=r'^"slow" cannot be decoded.*; ') as refused:
        use(kind, path, "slow")

    assert "took longer than" in str(refused.value.__cause__)


def test_a_sound_without_end_is_not_decoded_to_its_end(monkeypatch):
    monkeypatch.setattr(decode_sound, "MAX_SECONDS", 1)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(a_tone(seconds=1.5))))

    with pytest.raises(child.Refused, match="is longer than four hours"):
        decode_sound.decode(["WAV", "0"])


def told_by(start, tmp_path):
    """What the tattler says when it is started so, with our secrets around."""
    (tmp_path / "upload").write_text("a caller's bytes")
    (tmp_path / "empty").mkdir()
    ours = os.open(tmp_path / "upload", os.O_RDONLY)
    os.set_inheritable(ours, True)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        (tmp_path / "upload").open("rb") as file,
    ):
        told = start([str(server.getsockname()[1])], tmp_path / "empty", file)
    os.close(ours)
    return json.loads(told)


def by_run(args, cwd, file):
    limits = run.Limits(cpu_s=9, memory_bytes=1 << 30, file_bytes=1 << 20, open_files=32)
    return run.run_module(
        "tests.security.tattler", args, cwd=cwd, timeout_s=20, limits=limits, stdin=file
    ).stdout


def by_started(args, cwd, file):
    limits = run.Limits(cpu_s=9, memory_bytes=1 << 30, file_bytes=1 << 20, open_files=32)
    with run.started_module(
        "tests.security.tattler", args, cwd=cwd, limits=limits, stdin=file
    ) as running:
        return running.stdout.readline()


def can_leave_the_network():
    probe = "import ctypes, sys; u = ctypes.CDLL(None).unshare; sys.exit(u(1<<30) and u(5<<28))"
    return subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


@pytest.mark.parametrize("start", [by_run, by_started])
def test_every_decoder_is_born_poor_and_alone(tmp_path, monkeypatch, start):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")

    told = told_by(start, tmp_path)

    assert "canary" not in str(told)
    assert told["environment"].keys() <= {
        *("LC_ALL", "LD_LIBRARY_PATH", "HOME"),
        *("PYTHONPATH", "PYTHONUTF8", "OPENBLAS_NUM_THREADS"),
    }
    assert told["around"] == []
    assert told["descriptors"] == 3
    assert told["limits"] == {
        "CPU": 10,  # the ninth second is a warning, the tenth the end
        "AS": 1 << 30 if sys.platform == "linux" else told["limits"]["AS"],
        "FSIZE": 1 << 20,
        "NOFILE": 32,
        "CORE": 0,
    }
    assert not (told["reached"] and can_leave_the_network())
