"""How far several jobs are, for a person: bars on a terminal, a line per step in a log."""

import sys
from typing import Any

_WIDTH = 28


class Progress:
    """One line per job. On a terminal the lines stay in place; elsewhere only news are written."""

    def __init__(self, titles: list[str]) -> None:
        self._titles = titles
        self._lines = ["waiting"] * len(titles)
        self._told: list[tuple[str, int] | None] = [None] * len(titles)
        self._live = sys.stdout.isatty()
        self._drawn = False

    def show(self, number: int, job: dict[str, Any]) -> None:
        """Show where a job stands, given as the API tells it."""
        step = job["stage"] if job["status"] == "processing" and job["stage"] else job["status"]
        share = 1.0 if job["status"] == "completed" else job["progress"] / 100
        done = round(_WIDTH * share)
        bar = "█" * done + "·" * (_WIDTH - done)
        self._lines[number] = f"{bar} {share:4.0%}  {step.replace('_', ' ')}"
        news = (step, int(share * 4))
        if self._live:
            self._draw()
        elif news != self._told[number]:
            self._write(f"  {self._titles[number]:<22} {self._lines[number]}\n")
        self._told[number] = news

    def _draw(self) -> None:
        if self._drawn:
            self._write(f"\x1b[{len(self._lines)}F")
        for title, line in zip(self._titles, self._lines, strict=True):
            self._write(f"\x1b[2K  {title:<22} {line}\n")
        self._drawn = True

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
