"""`python -m bench [--quick]`: one line for each figure."""

import argparse

from bench import ad


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round instead of five")
    parser.add_argument("--threads", type=int, default=2, help="of the encoder")
    given = parser.parse_args()
    for line in ad.measure(rounds=1 if given.quick else 5, threads=given.threads):
        print(line, flush=True)


if __name__ == "__main__":
    main()
