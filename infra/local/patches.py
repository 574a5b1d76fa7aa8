"""What `ministack` does unlike AWS, put right in the running process.

Each patch first asserts that the place it changes still looks as it did when it was written, so
that another version fails at the start instead of behaving a little wrong. The defects are those
of version 1.5.33:

- every exception of a Python function is reported as `Runtime.HandlerError`, so that Retry and
  Catch by class name never match, and the exception kills the warm worker;
- `bin` of a layer is not on the PATH, and unzipping forgets which files are executable;
- after each call the log is polled for 50 ms, whether or not there is any;
- embedded metrics in the log do not become metrics;
- events about files in a versioned bucket do not say which version;
- a burst of calls starts a process for each of them, however few cores there are;
- a transaction that is sent again, since its answer was lost, is taken for another one once one
  of its items has changed.
"""

import copy
import inspect
import json
import logging
import queue
import stat
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from importlib.metadata import version
from pathlib import Path
from threading import BoundedSemaphore, Lock
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import dynamodb, eventbridge, lambda_svc, s3

from infra.local import worker_prelude
from infra.local.worker_prelude import END_OF_LOG, FAILURE

MINISTACK = "1.5.33"
MOST_AT_ONCE = 4
LOG_WAIT_S = 2.0  # a call's log is there within milliseconds; a busy machine gets this long
_DEAD_WAIT_S = 0.1

_CALL = "            result = handler_fn(event, context)\n"
_PATH_READY = "    sys.path.insert(0, code_dir)\n"

log = logging.getLogger("stage.functions")

Answer = dict[str, Any]


class PatchFailed(AssertionError):
    """The emulator is not the one that our patches were written for."""


def apply(on_log: Callable[[str], None]) -> None:
    """Put everything right; `on_log` is given the log of each call of a function.

    Raises:
        PatchFailed: a patch does not fit this version of the emulator.
    """
    if version("ministack") != MINISTACK:
        raise PatchFailed(f"ministack {version('ministack')} found, {MINISTACK} expected")
    run_handlers_as_lambda_does()
    keep_file_modes()
    read_logs_to_their_end()
    keep_crowds_small()
    report_failures(on_log)
    tell_versions()
    know_transactions_again()


def run_handlers_as_lambda_does() -> None:
    """The worker reports exceptions by class, stays alive, finds layers' programs."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    script = _replaced(
        script, _CALL, "            result = reelsmith_call(handler_fn, event, context)\n"
    )
    script = _replaced(
        script,
        _PATH_READY,
        f"{_PATH_READY}    reelsmith_layers_on_path()\n    reelsmith_die_with_parent()\n",
    )
    prelude = Path(inspect.getfile(worker_prelude)).read_text("utf-8")
    lambda_runtime._PYTHON_WORKER_SCRIPT = f"{prelude}\n{script}"


def keep_file_modes() -> None:
    """What was executable before it was zipped is executable when it is unzipped."""
    _expect(lambda_runtime.zipfile is zipfile, "the worker unzips with zipfile")
    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=_ModeKeeping, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


class _ModeKeeping(zipfile.ZipFile):
    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:  # noqa: ANN401
        super().extractall(path, members, pwd)
        for entry in self.infolist():
            mode = stat.S_IMODE(entry.external_attr >> 16) & 0o777
            if mode and not entry.is_dir():
                (Path(path or ".") / entry.filename).chmod(mode)


def read_logs_to_their_end() -> None:
    """A call's log is read up to the mark that the prelude sets, not for a fixed time."""
    asked = list(inspect.signature(lambda_runtime.Worker._drain_stderr_bounded).parameters)
    _expect(asked[:1] == ["self"], "a worker drains its own log")
    _expect("_drain_stderr_bounded()" in inspect.getsource(lambda_runtime.Worker.invoke), "drains")
    lambda_runtime.Worker._drain_stderr_bounded = _drain_to_mark


def _drain_to_mark(worker: Any) -> str:  # noqa: ANN401
    lines: list[str] = []
    alive = worker._proc is not None
    until = time.monotonic() + (LOG_WAIT_S if alive else _DEAD_WAIT_S)
    while (left := until - time.monotonic()) > 0:
        try:
            line: str = worker._stderr_queue.get(timeout=left)
        except queue.Empty:
            break
        if line.endswith(END_OF_LOG):
            lines.append(line.removesuffix(END_OF_LOG))
            break
        lines.append(line)
    return "\n".join(filter(None, lines))


def keep_crowds_small(most: int = MOST_AT_ONCE) -> None:
    """At most `most` calls of one function run side by side; the others wait for their turn.

    Twenty cold starts at once on two cores take longer than a function may run.
    """
    original = lambda_svc._execute_function_warm
    turns: dict[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(most))
    making = Lock()

    def call(func: Answer, event: object, request_id: str) -> Answer:
        with making:
            turn = turns[str((func.get("config") or func).get("FunctionName"))]
        with turn:
            return original(func, event, request_id)

    lambda_svc._execute_function_warm = call


def report_failures(on_log: Callable[[str], None]) -> None:
    """Failures carry their class name; a worker that died is `Lambda.Unknown`, as on AWS."""
    original = lambda_svc._execute_function_warm
    asked = list(inspect.signature(original).parameters)
    _expect(asked == ["func", "event", "request_id"], "warm calls take three arguments")

    def call(func: Answer, event: object, request_id: str) -> Answer:
        answer = as_lambda_reports(original(func, event, request_id))
        on_log(answer.get("log") or "")
        if answer.get("error"):
            name = (func.get("config") or func).get("FunctionName", "a function")
            log.error("%s failed: %s\n%s", name, answer["body"], answer.get("log", ""))
        return answer

    lambda_svc._execute_function_warm = call


def as_lambda_reports(answer: Answer) -> Answer:
    """An answer of the emulator in the form that Lambda gives it; the stack goes to the log."""
    body = answer.get("body")
    if isinstance(body, dict) and set(body) == {FAILURE}:
        failure = dict(body[FAILURE])
        trace = "".join(failure.pop("stackTrace"))
        parts = (answer.get("log", ""), f"[ERROR] {trace}")
        return {"body": failure, "error": True, "log": "\n".join(filter(None, parts))}
    if isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
        return {**answer, "body": {**body, "errorType": "Lambda.Unknown"}}
    return answer


def tell_versions() -> None:
    """An event about a file in a versioned bucket names the version, as S3's own events do."""
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event
    _expect("version_id" in inspect.signature(fire).parameters, "S3 knows the version it tells of")
    _expect("_eb._dispatch_event(eb_event)" in inspect.getsource(fire), "S3 tells EventBridge")
    told: ContextVar[str | None] = ContextVar("version", default=None)

    def fire_with_version(*given: Any, version_id: str | None = None, **named: Any) -> None:  # noqa: ANN401
        token = told.set(version_id)
        try:
            fire(*given, version_id=version_id, **named)
        finally:
            told.reset(token)

    def dispatch_with_version(event: Answer, *given: Any, **named: Any) -> Any:  # noqa: ANN401
        return dispatch(with_version(event, told.get()), *given, **named)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version


def with_version(event: Answer, version: str | None) -> Answer:
    """An EventBridge event of S3 with the version of its object; any other event as it is."""
    if event.get("Source") != "aws.s3" or not version:
        return event
    detail = json.loads(event["Detail"])
    detail["object"]["version-id"] = version
    return {**event, "Detail": json.dumps(detail)}


def know_transactions_again() -> None:
    """A transaction is compared with the request that came first, not with what is stored now."""
    original = dynamodb._transact_write_items
    _expect('k != "ClientRequestToken"' in inspect.getsource(original), "tokens are kept")

    def transact(data: Answer) -> Any:  # noqa: ANN401
        token = data.get("ClientRequestToken")
        asked = copy.deepcopy({k: v for k, v in data.items() if k != "ClientRequestToken"})
        known = token and dynamodb._txn_token_lookup(token)
        answer = original(data)
        if token and not known and (kept := dynamodb._txn_token_lookup(token)):
            kept["signature"] = asked
        return answer

    dynamodb._transact_write_items = transact


def _replaced(script: str, old: str, new: str) -> str:
    _expect(script.count(old) == 1, f"the worker script has {old.strip()!r} once")
    return script.replace(old, new)


def _expect(fits: bool, what: str) -> None:
    if not fits:
        raise PatchFailed(f"ministack changed: it is no longer so that {what}")
