"""What holds for the room as a whole."""

import re
import subprocess
import sys
from pathlib import Path

from reelsmith.table import keys, open_table
from reelsmith.table.items import bind

KEYS = Path(keys.__file__).parent
ROOM = KEYS.parent


def test_nothing_scans_the_table():
    for file in ROOM.rglob("*.py"):
        assert not re.search(r"\bscan\b", file.read_text(), re.IGNORECASE), file.name


def test_key_strings_are_spelled_where_the_keys_are():
    spelled = re.compile(r"""["'f](O#|W#|K#|G#|AUD#|JOB#|VID#|FILE#|TASK#)""")
    others = list(ROOM.glob("*.py"))

    assert spelled.search((KEYS / "jobs.py").read_text())
    assert [file.name for file in others if spelled.search(file.read_text())] == []


def test_opening_a_table_brings_neither_boto3_nor_pictures():
    heavy = {"boto3", "numpy", "PIL", "av"}
    code = (
        "import sys; from reelsmith.table import open_table; open_table('a-table', pepper=bytes);"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )

    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert seen.stdout.strip() == "[]"


def test_a_table_has_one_client_in_short_supply_of_patience():
    bound = bind("a-table", region="eu-west-1", endpoint="http://127.0.0.1:4566")

    connection = bound._get_connection().connection
    config = connection.client.meta.config

    assert bind("a-table", region="eu-west-1", endpoint="http://127.0.0.1:4566") is bound
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert connection.client.meta.endpoint_url == "http://127.0.0.1:4566"


def test_the_endpoint_of_the_local_stage_is_honoured(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4567")

    client = bind("the-stage's-table", region="eu-west-1")._get_connection().connection.client

    assert client.meta.endpoint_url == "http://127.0.0.1:4567"


def test_two_tables_do_not_mix():
    assert bind("one-table") is not bind("other-table")
    assert bind("one-table").Meta.table_name == "one-table"
    assert (
        open_table("one-table", pepper=bytes).jobs
        is not open_table("other-table", pepper=bytes).jobs
    )
