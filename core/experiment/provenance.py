"""What the names in a config stood for when a run was trained: reviews, vectors, ELMo, code and packages.

A config identifies a run by names, and a name may stand for something else tomorrow: a corrected CSV, another vectors file at
the same path, another tokeniser. Results are put side by side only where their provenance is the same.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import metadata

from pydantic import BaseModel, ConfigDict

from core.errors import UserError
from core.files import ROOT

# Files of `core` that decide the accuracies of a config; the others only move, show or keep what these compute.
READING_CODE = (
    "embedders/binary_vectors.py",
    "embedders/cache.py",
    "embedders/elmo.py",
    "embedders/shuffled.py",
    "embedders/static.py",
    "embedders/texts/text_module.py",
    "embedders/vector_files.py",
    "embedders/vector_packing.py",
    "embedders/vector_parser.py",
    "plain_text.py",
    "tokens.py",
)
TRAINING_CODE = (
    "classifier/architecture.py",
    "classifier/bag_of_words.py",
    "classifier/model.py",
    "classifier/training.py",
    "classifier/trial.py",
    "data/near_copies.py",
    "data/review_pool.py",
    "engine/worker_tasks.py",
    "experiment/draw.py",
    "experiment/lessons.py",
)
DECIDING_PACKAGES = ("nltk", "numpy", "scikit-learn", "tensorflow")

_TITLES = {
    "reviews": "the reviews",
    "static": "the static vectors",
    "elmo": "ELMo",
    "own": "the vectors of models of one's own",
    "reading": "the code that reads texts",
    "training": "the code that trains",
    "packages": "the versions of packages",
}
# What decides the predictions of heads that are trained already.
_PREDICTING = {"static", "elmo", "own", "reading"}


class Provenance(BaseModel):
    """What decided the numbers of a run beside its config; a field is None where nobody knows.

    Attributes:
        reviews: Digest of all texts and labels of the dataset.
        static: Fingerprint of the static vectors.
        elmo: Digest of the ELMo module's files; empty if no arm reads ELMo.
        own: Digest of the vectors and modules that arms of somebody's own read; empty without any.
        reading: Digest of `READING_CODE`, which turns a text into vectors.
        training: Digest of `TRAINING_CODE`.
        packages: Versions of `DECIDING_PACKAGES`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    reviews: str | None = None
    static: str | None = None
    elmo: str | None = None
    own: str | None = ""
    reading: str | None = None
    training: str | None = None
    packages: Mapping[str, str] | None = None

    @property
    def unknown(self) -> list[str]:
        """What is not known, as people call it."""
        return [title for name, title in _TITLES.items() if getattr(self, name) is None]

    @property
    def is_complete(self) -> bool:
        """Whether everything is known; runs of version 0.1 know their ELMo only."""
        return not self.unknown

    @property
    def vectors(self) -> str:
        """What decides the vectors of a text, as one string: a key for what is computed from them."""
        return f"{self.static} {self.elmo} {self.own} {self.reading}"

    @property
    def version(self) -> str:
        """A short name for all of it: six hexadecimal digits, or "unknown"."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:6] if self.is_complete else "unknown"

    def changes(self, now: Provenance, *, only_predicting: bool = False, sides: tuple[str, str] = ("then", "now")) -> list[str]:
        """What is certainly different now, as people call it; what one side does not know is left out.

        Args:
            now: What the same names stand for now.
            only_predicting: Leave out what does not matter to heads that are trained already.
            sides: What people call this and the other.
        """
        changed = []
        for name, title in _TITLES.items():
            then, current = getattr(self, name), getattr(now, name)
            if None in (then, current) or then == current or (only_predicting and name not in _PREDICTING):
                continue
            changed += _changed_packages(then, current, sides) if name == "packages" else [title]
        return changed

    def with_known(self, other: Provenance) -> Provenance:
        """This, completed by what another knows."""
        return self.model_copy(update={name: value for name, value in other if getattr(self, name) is None})


def require_same(then: Provenance, now: Provenance) -> None:
    """Raise `UserError` if something changed between two tasks of one run."""
    if changes := then.changes(now):
        raise UserError(
            f"While the run was going, {listed(changes)} changed; train a new run, which does not mix the two.",
            code="provenance-changed",
        )


def require_predictable(then: Provenance, now: Provenance, models: str) -> None:
    """Raise `UserError` if models would read other vectors now than they were trained on.

    Args:
        then: Of their run.
        now: Of the vectors that they would read.
        models: How the sentence begins, such as "The models of the run abc".
    """
    if changes := then.changes(now, only_predicting=True):
        raise UserError(
            f"{models} cannot be used, because {listed(changes)} changed after they were trained; train a new run.",
            code="provenance-changed",
        )


def listed(changes: list[str]) -> str:
    """Several things as a sentence names them: "the reviews, ELMo and numpy"."""
    return " and ".join(filter(None, [", ".join(changes[:-1]), changes[-1]]))


@lru_cache(maxsize=2)
def code_version(files: tuple[str, ...]) -> str:
    """Digest of files of `core`, sixteen hexadecimal digits; comments and docstrings do not count."""
    digest = hashlib.sha256()
    for name in files:
        digest.update(f"{name}\n{_without_prose((ROOT / 'core' / name).read_text(encoding='utf-8'))}\n".encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def package_versions() -> Mapping[str, str]:
    """Installed versions of the packages that decide numbers."""
    return {package: metadata.version(package) for package in DECIDING_PACKAGES}


def _changed_packages(then: Mapping[str, str], now: Mapping[str, str], sides: tuple[str, str]) -> list[str]:
    first, second = sides
    return [f"{name} ({then[name]} {first}, {now.get(name)} {second})" for name in sorted(then) if then[name] != now.get(name)]


def _without_prose(source: str) -> str:
    """Python source with its comments, docstrings and layout taken away."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
