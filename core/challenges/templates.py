"""The bundled suite: one TOML file per family, with templates that are filled in to make the pairs.

A file has `title`, `explanation`, `change`, `expected` (for the two texts) and, if only certain words may be added, `words`.
Each of its `templates` has the texts `first` and `second` with slots in braces. Another key lists what may fill the slot of that
name, and every combination is a pair. `rows` fills several slots together, with words that belong together. A template may have
its own `expected`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from core.challenges.suite import Family, MinimalPair, Suite

FAMILIES = Path(__file__).with_name("families")
BUNDLED_NAME = "Shipped challenges"

_NO_SLOTS = ("first", "second", "expected", "rows")


@cache
def load_bundled_suite() -> Suite:
    """The bundled families, in the order of their files."""
    return Suite(name=BUNDLED_NAME, families=tuple(load_family(path) for path in sorted(FAMILIES.glob("*.toml"))))


def load_family(path: Path) -> Family:
    """One family from its file.

    Raises:
        KeyError: The file lacks a key, or a template lacks the words for a slot.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    pairs: list[MinimalPair] = []
    for template in content["templates"]:
        first_expected, second_expected = template.get("expected") or content["expected"]
        for texts in expand(template):
            pairs.append(MinimalPair(name=str(len(pairs) + 1), texts=texts, expected=(first_expected, second_expected)))
    return Family(
        title=content["title"],
        explanation=content["explanation"],
        pairs=tuple(pairs),
        change=content["change"],
        words=frozenset(content.get("words", ())),
    )


def expand(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Both texts for every row and every combination of the slots."""
    slots = {name: values for name, values in template.items() if name not in _NO_SLOTS}
    for row in template.get("rows", [{}]):
        for values in product(*slots.values()):
            filled = {**row, **dict(zip(slots, values, strict=True))}
            yield template["first"].format_map(filled), template["second"].format_map(filled)
