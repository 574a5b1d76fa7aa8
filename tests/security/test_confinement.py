"""What we start cannot reach us, outlive us or eat the machine."""

import json
import os
import select
import socket
import subprocess
import sys
import time

import pytest
from PIL import Image

from reelsmith.errors import MediaError
from reelsmith.media import pictures, run

LIMITS = run.Limits()


def python(code, tmp_path, *, timeout_s=20.0, limits=LIMITS, **given):
    args = [sys.executable, "-c", code]
    return run.run(args, cwd=tmp_path, timeout_s=timeout_s, limits=limits, **given)


def test_a_child_sees_nothing_of_our_environment_or_our_files(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    (tmp_path / "open").write_text("ours")
    with (tmp_path / "open").open() as ours:
        os.set_inheritable(ours.fileno(), True)

        code = "import os, json; print(json.dumps([dict(os.environ), os.listdir('/dev/fd')]))"
        environment, descriptors = json.loads(python(code, tmp_path).stdout)

    assert "canary" not in str(environment)
    assert environment.keys() <= {"LC_ALL", "LD_LIBRARY_PATH"}
    assert len(descriptors) <= 4  # three standard ones, and the folder being listed


def test_what_is_sent_in_comes_in_and_what_is_printed_comes_out(tmp_path):
    code = "import sys; sys.stdout.write(sys.stdin.read().upper())"
    (tmp_path / "words").write_bytes(b"from a file")

    assert python(code, tmp_path, stdin=b"from bytes").stdout == b"FROM BYTES"
    with (tmp_path / "words").open("rb") as file:
        file.read(5)
        assert python(code, tmp_path, stdin=file).stdout == b"FROM A FILE"
    assert python(code, tmp_path).stdout == b""


def test_a_child_that_does_not_end_is_killed_with_all_that_it_started(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    grandchild = (
        f"import time; f = open({str(pipe)!r}, 'w'); f.write('x'); f.flush(); time.sleep(60)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    began = time.monotonic()

    with pytest.raises(MediaError, match="took longer than 1.5 s and was stopped"):
        python(code, tmp_path, timeout_s=1.5)

    assert time.monotonic() - began < 10
    assert os.read(reader, 10) == b"x"
    select.select([reader], [], [], 5)
    assert os.read(reader, 10) == b""  # end of file: the one that held it is dead
    os.close(reader)


@pytest.mark.parametrize(
    ("code", "limits", "why"),
    [
        ("while True: pass", run.Limits(cpu_s=1), "used more processor time than it may"),
        ("bytearray(1 << 30)", run.Limits(memory_bytes=512 << 20), "failed with code 1"),
        ("open('f', 'wb').write(bytes(1 << 20))", run.Limits(file_bytes=1 << 10), "failed"),
        ("print('x' * (1 << 20))", run.Limits(file_bytes=1 << 10), "failed"),
        ("x = [open('/dev/null') for _ in range(99)]", run.Limits(open_files=32), "failed"),
        ("import os; os.abort()", LIMITS, "was ended by SIGABRT"),
    ],
    ids=["processor", "memory", "file", "output", "descriptors", "crash"],
)
def test_a_child_that_asks_for_too_much_fails_alone(tmp_path, code, limits, why):
    with pytest.raises(MediaError, match=why):
        python(code, tmp_path, limits=limits)


def test_what_a_child_complains_of_is_kept_for_us_and_not_shown_to_the_caller(tmp_path):
    with pytest.raises(MediaError) as failed:
        python("import sys; sys.exit('x' * 9000 + 'the reason')", tmp_path)

    assert "the reason" not in failed.value.detail
    [note] = failed.value.__notes__
    assert len(note) == 2_000
    assert note.endswith("the reason\n")


def test_a_child_has_no_network_where_the_kernel_lets_us_take_it(tmp_path):
    probe = "import ctypes, sys; u = ctypes.CDLL(None).unshare; sys.exit(u(1<<30) and u(5<<28))"
    if subprocess.run([sys.executable, "-c", probe], check=False).returncode:
        pytest.skip("this kernel does not let us")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"

        with pytest.raises(MediaError, match="failed with code 1"):
            python(connect, tmp_path)


def test_a_callers_file_name_is_never_part_of_a_command_line(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    started = []
    real = subprocess.Popen

    def recording(args, **options):
        started.append([*args, *options["env"].values(), str(options["cwd"])])
        return real(args, **options)

    monkeypatch.setattr(subprocess, "Popen", recording)
    path = tmp_path / "-rf $(evil) ; 'ñ'.png"
    Image.new("RGB", (4, 4)).save(path)

    pictures.load(path, name=path.name)

    [words] = started
    assert not [word for word in words if "evil" in word or "canary" in word]


def test_the_decoders_start_without_the_heavy_rooms():
    code = "import sys; import reelsmith.media.decode_picture, reelsmith.media.decode_sound;"
    code += "print(sorted({'numpy', 'pydantic', 'boto3', 'subprocess'} & set(sys.modules)))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert made.stdout.strip() == "[]"
