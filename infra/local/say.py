"""Words for the person in front of the terminal."""

import sys


def say(text: str = "") -> None:
    """Write a line at once, so that a log or a pipe sees it when it happens."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write a line about what went wrong."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
