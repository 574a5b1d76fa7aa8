"""A child that tells what it was given, as JSON: `python -m tests.security.tattler PORT`."""

import json
import os
import resource
import socket
import sys
from pathlib import Path


def told(port: int) -> dict[str, object]:
    """Environment, open descriptors, limits, folder, and whether loopback can be reached."""
    with socket.socket() as caller:
        caller.settimeout(2)
        reached = caller.connect_ex(("127.0.0.1", port)) == 0
    return {
        "environment": dict(os.environ),
        "descriptors": len(os.listdir("/dev/fd")) - 1,  # noqa: PTH208 - not the one that lists
        "limits": {
            name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1]
            for name in ("CPU", "AS", "FSIZE", "NOFILE", "CORE")
        },
        "around": [path.name for path in Path.cwd().iterdir()],
        "reached": reached,
    }


if __name__ == "__main__":
    print(json.dumps(told(int(sys.argv[1]))), flush=True)  # noqa: T201
    sys.stdin.read()
