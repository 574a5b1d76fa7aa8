"""The running stage keeps its own word: requests made of its openapi.json, right ones and wrong.

Longer by hand: `CONTRACT_EXAMPLES=50 ./dev test tests/stage/test_contract.py`.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.stage

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "2")
SECONDS = 45 * int(EXAMPLES)
TOO_MUCH = ("tenant_erase", "sessions_sign_out_everywhere")


def sent(stage, folder, *headers):
    """Send what the document allows, and what it forbids; how many answers of each status."""
    har = folder / "requests.har"
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file",
            str(_config(folder)),
            "run",
            f"{stage.stage['api_url'].rstrip('/')}/v1/openapi.json",
            f"--url={stage.stage['api_url'].rstrip('/')}",
            f"--checks={','.join(CHECKS)}",
            "--phases=examples,coverage,fuzzing",
            f"--max-examples={EXAMPLES}",
            f"--max-time={SECONDS}",
            "--seed=4",
            "--generation-database=none",
            "--continue-on-failure",
            "--no-shrink",
            "--warnings=off",
            f"--report-har-path={har}",
            *(f"--exclude-operation-id={name}" for name in TOO_MUCH),
            *(f"--header={header}" for header in headers),
        ],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS + 120,
        check=False,
    )
    entries = json.loads(har.read_text())["log"]["entries"]
    return run, Counter(entry["response"]["status"] for entry in entries)


def _config(folder):
    """An empty one, so that none of the machine's is found."""
    made = folder / "schemathesis.toml"
    made.write_text("")
    return made


@pytest.mark.parametrize("credential", ["with a key", "without"])
def test_what_the_document_says_is_what_is_answered(stage, tmp_path, credential, capsys):
    key = [f"Authorization: Bearer {stage.stage['api_key']}"] if credential == "with a key" else []
    run, statuses = sent(stage, tmp_path, *key)
    with capsys.disabled():
        sys.stdout.write(f"\n{credential}: {statuses.total()} requests, {dict(statuses)}\n")
    assert run.returncode == 0, run.stdout[-6_000:] + run.stderr[-2_000:]
    assert statuses.total() > 100
    assert not [status for status in statuses if status >= 500]
