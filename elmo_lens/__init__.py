"""The command `elmo-lens`, and what `from elmo_lens import LensClassifier, compare` gives.

Finds core, ui and pages: in the repository beside this folder, in a wheel inside it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.api.comparing import Compared, compare, load_reviews
    from core.api.lens_classifier import LensClassifier

__all__ = ["Compared", "LensClassifier", "compare", "load_reviews", "main"]

_HERE = Path(__file__).parent
ROOT = _HERE if (_HERE / "core").is_dir() else _HERE.parent

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def main() -> int:
    """Runs one command, the same as `python -m core`; the exit status."""
    from core.__main__ import main  # noqa: PLC0415 - can be found only now

    return main()


def __getattr__(name: str) -> Any:
    """The names of the Python API, which are imported once somebody asks for them: the command is quicker without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from core.api import comparing, lens_classifier  # noqa: PLC0415 - can be found only now

    return getattr(lens_classifier if name == "LensClassifier" else comparing, name)
