import copy
import io
import queue
import stat
import textwrap
import zipfile
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from ministack.core import lambda_runtime
from ministack.services import dynamodb, eventbridge, lambda_svc, s3

from infra.local import patches
from infra.local.worker_prelude import END_OF_LOG

# The emulator leaves the pipes of a worker that ended to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CONFIG = {
    "FunctionName": "probe",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:probe",
    "Handler": "probe.handler",
    "Runtime": "python3.13",
    "Timeout": 20,
}


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.py", textwrap.dedent(text))
    return packed.getvalue()


@pytest.fixture
def logs(monkeypatch):
    """The emulator's functions put right for one test; what each call logged."""
    for module, name in (
        (lambda_runtime, "_PYTHON_WORKER_SCRIPT"),
        (lambda_runtime, "zipfile"),
        (lambda_runtime.Worker, "_drain_stderr_bounded"),
        (lambda_svc, "_execute_function_warm"),
        (s3, "_fire_s3_event"),
        (eventbridge, "_dispatch_event"),
        (dynamodb, "_transact_write_items"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))
    seen: list[str] = []
    patches.apply(seen.append)
    yield seen
    lambda_runtime.reset()


def call(source: str, event: object = None) -> dict:
    function = {"config": CONFIG, "code_zip": zipped(probe=source)}
    return lambda_svc._execute_function_warm(function, event or {}, "request-1")


def test_an_exception_reaches_the_state_machine_by_its_class_and_the_worker_lives_on(logs):
    source = """
        import os
        class Unavailable(Exception): pass
        def handler(event, context):
            if event.get("fail"):
                raise Unavailable("try later")
            return os.getpid()
    """
    before = call(source)["body"]
    failed = call(source, {"fail": True})
    after = call(source)["body"]

    assert failed["error"] is True
    assert failed["body"] == {"errorType": "Unavailable", "errorMessage": "try later"}
    assert "in handler" in failed["log"], "the stack is for the log, not for the caller"
    assert before == after, "the same process answers"


def test_a_function_that_dies_is_reported_as_lambda_reports_it(logs):
    failed = call("import os\ndef handler(event, context): os._exit(9)")

    assert failed["error"] is True
    assert failed["body"]["errorType"] == "Lambda.Unknown"


def test_a_log_is_whole_and_nobody_waits_for_one_that_is_empty(logs):
    call("def handler(event, context):\n    for n in range(300): print('line', n)")

    assert logs[-1].splitlines() == [f"line {n}" for n in range(300)]


def test_a_log_that_does_not_end_its_line_is_whole_too():
    lines: queue.Queue[str] = queue.Queue()
    lines.put(f"no newline{END_OF_LOG}")

    assert patches._drain_to_mark(SimpleNamespace(_proc=1, _stderr_queue=lines)) == "no newline"


def test_a_program_in_a_layer_stays_executable(logs, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        tool = zipfile.ZipInfo("bin/tool")
        tool.external_attr = 0o755 << 16
        archive.writestr(tool, "#!/bin/sh\n")

    lambda_runtime.zipfile.ZipFile(packed).extractall(tmp_path)

    assert stat.S_IMODE((tmp_path / "bin/tool").stat().st_mode) == 0o755


def test_an_event_about_a_file_names_its_version():
    event = {"Source": "aws.s3", "Detail": '{"object": {"key": "drop/ten/in/a/reel.yaml"}}'}

    assert '"version-id": "v7"' in patches.with_version(event, "v7")["Detail"]
    assert patches.with_version(event | {"Source": "ours"}, "v7")["Detail"] == event["Detail"]


def test_a_transaction_whose_answer_was_lost_is_known_again_though_its_item_changed(logs):
    names = [{"AttributeName": "PK", "AttributeType": "S"}]
    schema = [{"AttributeName": "PK", "KeyType": "HASH"}]
    table = {"TableName": "probe", "AttributeDefinitions": names, "KeySchema": schema}
    dynamodb._create_table(table | {"BillingMode": "PAY_PER_REQUEST"})
    put = {"TableName": "probe", "Item": {"PK": {"S": "one"}, "n": {"N": "1"}}}
    request = {"ClientRequestToken": "t", "TransactItems": [{"Put": put}]}
    change = {
        "TableName": "probe",
        "Key": {"PK": {"S": "one"}},
        "UpdateExpression": "SET n = :two",
        "ExpressionAttributeValues": {":two": {"N": "2"}},
    }

    first = dynamodb._transact_write_items(copy.deepcopy(request))
    dynamodb._update_item(change)
    again = dynamodb._transact_write_items(copy.deepcopy(request))
    other = dynamodb._transact_write_items(request | {"TransactItems": [{"Update": change}]})

    assert (first[0], again[0]) == (200, 200)
    assert other[0] == 400
    dynamodb.reset()


def test_another_version_of_the_emulator_stops_the_start(monkeypatch):
    monkeypatch.setattr(patches, "version", lambda name: "1.6.0")

    with pytest.raises(patches.PatchFailed, match=r"1\.6\.0 found"):
        patches.apply(print)


def test_a_patch_that_no_longer_fits_stops_the_start(monkeypatch):
    changed = lambda_runtime._PYTHON_WORKER_SCRIPT.replace("handler_fn(event", "run(event")
    monkeypatch.setattr(lambda_runtime, "_PYTHON_WORKER_SCRIPT", changed)

    with pytest.raises(patches.PatchFailed, match="worker script"):
        patches.run_handlers_as_lambda_does()


def test_a_crowd_of_callers_waits_for_a_few_processes(logs):
    who = """
        import os, time

        def handler(event, context):
            time.sleep(0.1)
            return {"process": os.getpid()}
    """
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: call(who)["body"]["process"], range(12)))
    assert len(set(answers)) <= patches.MOST_AT_ONCE
