"""Default names of runs and sweeps."""

from __future__ import annotations

from collections.abc import Sequence

from core.experiment.arms import STAIRCASE
from core.experiment.config import ExperimentConfig, dataset_title
from core.experiment.provenance import listed

_DEFAULTS = ExperimentConfig()
_ORIGINAL = ExperimentConfig.original()
_LAYERS = {"mean": "mean of layers", "learned": "learned layers"}


def describe(config: ExperimentConfig, train_sizes: Sequence[int] = ()) -> str:
    """A short name for people: dataset, size, trials and everything that is not the default.

    Args:
        config: Config of the run, or of all runs of a sweep.
        train_sizes: Training sizes of a sweep, ascending; empty for a run.

    Example:
        >>> describe(ExperimentConfig(elmo="https://tfhub.dev/google/elmo/3"))
        'IMDB, 500 reviews, 5 trials (google/elmo/3)'
    """
    title = dataset_title(config.dataset)
    sizes = " to ".join(f"{size:,}" for size in ((train_sizes[0], train_sizes[-1]) if train_sizes else (config.train_size,)))
    trials = "1 trial" if config.num_trials == 1 else f"{config.num_trials} trials"
    special = f" ({', '.join(specials)})" if (specials := _specials(config)) else ""
    return f"{title}, {sizes} reviews, {trials}{special}"


def _specials(config: ExperimentConfig) -> list[str]:
    """What distinguishes the run from a default one; the number of test reviews does not."""
    specials = []
    is_original = (config.head, config.validation) == (_ORIGINAL.head, _ORIGINAL.validation)
    recipe = _ORIGINAL if is_original else _DEFAULTS
    if config.arms != _DEFAULTS.arms:
        specials.append("where the gain comes from" if set(config.arms) == set(STAIRCASE) else listed(list(config.arms)))
    if config.elmo_readers:
        if config.elmo != _DEFAULTS.elmo:
            specials.append(_short(config.elmo))
        if config.layer_mix != recipe.layer_mix:
            specials.append(_LAYERS.get(config.layer_mix, f"layer {config.layer_mix}"))
    if config.static != _DEFAULTS.static:
        specials.append(_short(config.static))
    if is_original:
        specials.append("original recipe")
    elif (config.head, config.validation) != (_DEFAULTS.head, _DEFAULTS.validation):
        specials.append("other training settings")
    if config.max_tokens != recipe.max_tokens:
        specials.append(f"first {config.max_tokens:,} words")
    if config.lessons:
        specials.append("1 lesson" if len(config.lessons) == 1 else f"{len(config.lessons)} lessons")
    if config.seed != _DEFAULTS.seed:
        specials.append(f"seed {config.seed}")
    return specials


def _short(source: str) -> str:
    """The end of a path, or what follows the host in a handle: "wiki.multi.en.vec", "google/elmo/3"."""
    _, is_remote, address = source.rstrip("/").partition("://")
    if is_remote:
        path = address.partition("/")[2].partition("?")[0]
        return path if path.count("/") < 3 else path.rpartition("/")[2]
    return source.replace("\\", "/").rstrip("/").rpartition("/")[2]
