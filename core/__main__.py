"""`python -m core`: see `core.cli.main`."""

from __future__ import annotations

import sys


def _main() -> int:
    try:
        from core.cli.main import main  # noqa: PLC0415 - takes a second or two, in which somebody may press Ctrl-C

        return main()
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return 130  # what shells report after Ctrl-C


if __name__ == "__main__":
    sys.exit(_main())
