"""`python -m core`: see `core.cli.main`."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs one command; the exit status, also after Ctrl-C."""
    try:
        from core.cli import main as command_line  # noqa: PLC0415 - takes half a second, in which somebody may press Ctrl-C

        return command_line.main()
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return 130  # what shells report after Ctrl-C


if __name__ == "__main__":
    sys.exit(main())
