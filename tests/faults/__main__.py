"""Plays rounds of faults, prints the table of docs/operations.md: `python -m tests.faults [--rounds N] [--seed N]`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.faults.faults import Fault, possible_faults
from tests.faults.lab import LabFactory
from tests.faults.rounds import Round, play


def main() -> int:
    parser = argparse.ArgumentParser(description="Play rounds of faults; the table of docs/operations.md.")
    parser.add_argument("--rounds", type=int, default=60, metavar="N", help="how many (default: 60)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), metavar="N")
    parser.add_argument("--only", default="", metavar="TEXT", help="only faults with this text in their name")
    arguments = parser.parse_args()
    possible, not_possible = possible_faults()
    print(f"--seed {arguments.seed}", *not_possible, sep="\n", file=sys.stderr)
    chosen = [fault for fault in possible if arguments.only in fault.name]
    with tempfile.TemporaryDirectory() as folder:
        labs = LabFactory(Path(folder))
        print(f"an undisturbed run takes {labs.undisturbed.duration_s:.0f} s", file=sys.stderr)
        rounds, failures = _play_all(chosen, labs, arguments.rounds, arguments.seed)
    print(_table(rounds, failures))
    return 1 if failures else 0


def _play_all(
    faults: Sequence[Fault], labs: LabFactory, num_rounds: int, seed: int
) -> tuple[list[Round], list[tuple[Fault, AssertionError]]]:
    """The rounds that went as they must, and what was wrong with the others; every fault comes in turn."""
    rounds, failures = [], []
    for number in range(num_rounds):
        fault = faults[number % len(faults)]
        try:
            rounds.append(played := play(fault, labs, random.Random(f"{seed}-{number}")))
            told = f"at {played.moment:.0%}, {played.num_kept} results kept, {played.outcome}"
        except AssertionError as error:
            failures.append((fault, error))
            told = f"FAILED: {error}"
        print(f"{number + 1}. {fault.name}: {told}", file=sys.stderr, flush=True)
    return rounds, failures


def _table(rounds: Sequence[Round], failures: Sequence[tuple[Fault, AssertionError]]) -> str:
    """Markdown, a row for each fault."""
    by_name: dict[str, list[Round]] = defaultdict(list)
    for played in rounds:
        by_name[played.fault.name].append(played)
    failed = [fault.name for fault, _ in failures]
    lines = ["| fault | rounds | went on by itself | resumed | failed |", "| --- | --: | --: | --: | --: |"]
    for name in dict.fromkeys([*by_name, *failed]):
        num_on = sum(played.outcome == "went on" for played in by_name[name])
        num, num_failed = len(by_name[name]), failed.count(name)
        lines.append(f"| {name} | {num + num_failed} | {num_on} | {num - num_on} | {num_failed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
