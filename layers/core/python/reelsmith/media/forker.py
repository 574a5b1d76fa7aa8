"""The confined process that has a decoder loaded, and forks a child of its own for each file.

Run as `... forker MODULE DESCRIPTOR`: the descriptor is a socket over which each order comes as
the arguments of one decoding, with three open files: the caller's, the folder to work in, and the
one to print into. Each child decodes one file and ends; the answer is how it ended. Starting the
interpreter and loading the decoder cost several times what decoding a picture costs.
"""

import ctypes
import importlib
import json
import os
import socket
import sys

from reelsmith.media import child

MOST_BYTES = 4096  # of an order
FILES = 3
_PR_SET_DUMPABLE = 4  # prctl(2): 0 keeps the children from looking into this process


def main(module: str, descriptor: str) -> None:
    """Serve orders until the other end is closed."""
    decoder = importlib.import_module(module)
    if hasattr(decoder, "prepare"):
        decoder.prepare()
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    with socket.socket(fileno=int(descriptor)) as line:
        while True:
            order, files, _flags, _address = socket.recv_fds(line, MOST_BYTES, FILES)
            if not order:
                return
            process = os.fork()
            if process == 0:
                line.close()
                _decode(decoder.decode, json.loads(order), files)
            for file in files:
                os.close(file)
            _, status = os.waitpid(process, 0)
            line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _decode(decode: child.Decode, arguments: list[str], files: list[int]) -> None:
    """Be the child: take the files as input, folder and output, decode, and end."""
    source, folder, out = files
    os.dup2(source, 0)
    os.dup2(out, 1)
    os.fchdir(folder)
    sys.stdin, sys.stdout = os.fdopen(0, "r"), os.fdopen(1, "w")
    sys.argv[1:] = arguments
    failed = 1
    try:
        child.main(decode)
        failed = 0
    finally:
        os._exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
