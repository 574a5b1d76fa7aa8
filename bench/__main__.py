"""`python -m bench [--quick] [--json] [--only NAME]`: each speed claim, measured again.

A table and a plot go to `bench/results/`. A bench is no test: it ends well whatever it finds.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import av

from bench import ad, growth, jitter, joins, layers, mixed, plot, results, slides, tasks, uploads
from bench.results import Result, skipped

Measure = Callable[[bool], Sequence[Result]]

RESULTS = Path(__file__).with_name("results")
WORKLOADS: Mapping[str, Measure] = {
    "ad": ad.measure,
    "slides": slides.measure,
    "mixed": mixed.measure,
    "uploads": uploads.measure,
    "tasks": tasks.measure,
    "growth": growth.measure,
    "jitter": jitter.measure,
    "joins": joins.measure,
    "layers": layers.measure,
}


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter films, fewer rounds")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--only", choices=WORKLOADS, action="append", help="one workload")
    given = parser.parse_args()
    measured = []
    for result in run(given.only or WORKLOADS, quick=given.quick):
        measured.append(result)
        print(f"{result.name}: {result.ratio}", file=sys.stderr, flush=True)
    about = circumstances(quick=given.quick)
    write(measured, about)
    print(results.as_json(measured, about) if given.json else results.as_table(measured))
    print(results.summary(measured), file=sys.stderr if given.json else sys.stdout)


def run(names: Sequence[str] | Mapping[str, Measure], *, quick: bool) -> Iterator[Result]:
    """The results of these workloads; one that breaks is told as not measured."""
    for name in names:
        try:
            yield from WORKLOADS[name](quick)
        except RuntimeError as broken:
            yield skipped(name, f"{type(broken).__name__}: {broken}")


def circumstances(*, quick: bool) -> Mapping[str, str]:
    """When, on what and with what it was measured."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "python": platform.python_version(),
        "av": av.__version__,
        "mode": "quick" if quick else "full",
    }


def write(measured: Sequence[Result], about: Mapping[str, str]) -> None:
    """Put results.json, results.md and results.svg into the folder of results."""
    RESULTS.mkdir(exist_ok=True)
    told = "; ".join(f"{name} {value}" for name, value in about.items())
    table = f"{results.as_table(measured)}\n\n{results.summary(measured)}. {told}.\n"
    (RESULTS / "results.md").write_text(table)
    (RESULTS / "results.json").write_text(results.as_json(measured, about))
    (RESULTS / "results.svg").write_text(plot.svg(measured, told))


if __name__ == "__main__":
    main()
