"""A decoder that does as its first argument says, for tests of what runs decoders."""

import os
import signal
import time


def decode(args):
    """Answer with the process and the environment, die, or never end."""
    if args[0] == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    while args[0] == "linger":
        time.sleep(1)
    return {"pid": os.getpid(), "environment": " ".join(sorted(os.environ))}
