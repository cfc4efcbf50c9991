"""The command `elmo-lens`: finds core, ui and pages, in the repository beside this folder and in a wheel inside it."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
ROOT = _HERE if (_HERE / "core").is_dir() else _HERE.parent

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def main() -> int:
    """Runs one command, the same as `python -m core`; the exit status."""
    from core.__main__ import main  # noqa: PLC0415 - can be found only now

    return main()
