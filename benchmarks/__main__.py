"""Runs a benchmark, or prints the latest figures of all.

python -m benchmarks                    every benchmark's table, from benchmarks/results/
python -m benchmarks NAME [options]     that benchmark, such as embedding
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.measure import RESULTS, Figure, table

_NO_BENCHMARKS = {"__init__", "__main__", "dashboard", "measure"}


def main() -> None:
    names = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - _NO_BENCHMARKS)
    if len(sys.argv) == 1:
        for path in sorted(RESULTS.glob("*.json")):
            result = json.loads(path.read_text(encoding="utf-8"))
            print(table(result["title"], result["machine"], [Figure(**figure) for figure in result["figures"]]))
        return
    name = sys.argv[1]
    if name not in names:
        sys.exit(f"There is no benchmark {name!r}; choose one of {', '.join(names)}.")
    sys.argv = [f"python -m benchmarks {name}", *sys.argv[2:]]
    import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
