"""Put in front of the emulator's worker script: what Lambda's own Python runtime would do.

Runs inside the worker process, so it uses the standard library only and names that the worker
does not.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

FAILURE = "__reelsmith_failure__"
END_OF_LOG = "\x1ereelsmith end of log"


class _Report:
    """Holds the handler's exception in the form in which Lambda reports it."""

    body: dict[str, Any] | None = None

    def __enter__(self) -> "_Report":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        self.body = {
            "errorMessage": str(error),
            "errorType": kind.__name__,
            "stackTrace": traceback.format_exception(kind, error, trace),
        }
        return True


def reelsmith_call(handler: Callable[[Any, Any], Any], event: object, context: object) -> object:
    """The handler's result, or its failure by class name; then the mark that ends its log."""
    report, result = _Report(), None
    with report:
        result = handler(event, context)
    sys.stderr.write(f"{END_OF_LOG}\n")
    sys.stderr.flush()
    return {FAILURE: report.body} if report.body else result


def reelsmith_layers_on_path() -> None:
    """Programs in a layer's `bin` are found, as those in `/opt/bin` are."""
    layers = filter(None, os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep))
    found = [os.path.join(layer, "bin") for layer in layers]  # noqa: PTH118
    os.environ["PATH"] = os.pathsep.join([*found, os.environ.get("PATH", "")])


def reelsmith_die_with_parent(look_every_s: float = 0.5) -> None:
    """End this process when the emulator is gone, even in the middle of a call."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(look_every_s)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()
