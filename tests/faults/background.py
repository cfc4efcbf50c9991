"""A program that trains in the background, as the dashboard does: `python -m tests.faults.background run OPTIONS`."""

from __future__ import annotations

import sys
import time

from core.cli.main import parse
from core.engine.engine import Engine
from core.settings import Settings
from core.store.run_store import RunStore


def main() -> None:
    settings, options = Settings(), parse(sys.argv[1:]).run
    assert options is not None
    engine = Engine(settings, RunStore(settings.store_url))
    with options.importing(settings) as config:
        run_id = engine.submit(config)
    while (progress := engine.progress(run_id)) is None or progress.outcome == "running":
        time.sleep(0.1)
    engine.close()
    if progress.outcome != "finished":
        sys.exit(progress.message)


if __name__ == "__main__":
    main()
