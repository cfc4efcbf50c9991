"""The card that goes with exported models: what they were trained on, how good they are, what they read, and their limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core import __version__
from core.analysis.intervals import crossed_mean
from core.analysis.paired_tests import compare_arms
from core.analysis.uneven_classes import measure_uneven
from core.analysis.verdicts import holds_for, uneven_sentences, verdict
from core.experiment.arms import arm_title, kind_of, source_of
from core.experiment.config import dataset_title
from core.experiment.provenance import listed
from core.formatting import percent

if TYPE_CHECKING:
    from core.analysis.outcomes import Outcomes
    from core.experiment.config import ExperimentConfig
    from core.store.run import Run


def model_card(run: Run, outcomes: Outcomes) -> str:
    """The card of a run's models in Markdown.

    Args:
        run: Whose models are exported.
        outcomes: Of its whole trials.
    """
    sections = {
        "Data": _about_data(run),
        "Accuracy": _about_accuracy(run, outcomes),
        "What they read": _about_reading(run),
        "Limits": _about_limits(run),
        "Use": _about_use(),
    }
    origin = f"Models of sentiment, trained by ELMo Lens (run {run.id}) and exported by its version {__version__}."
    lines = [f"# {run.name}", "", origin]
    for title, section in sections.items():
        lines += ["", f"## {title}", "", *section]
    return "\n".join(lines) + "\n"


def _about_data(run: Run) -> Iterator[str]:
    config = run.config
    validation = f"{config.validation_size:,} {'of them' if config.validation == 'fifth' else 'more'} decide when to stop"
    pool = f", drawn from {run.train_pool_size:,}" if run.train_pool_size else ""
    yield f"- Dataset: {dataset_title(config.dataset)}, labels *negative* and *positive*."
    yield f"- Each model is trained on {config.train_size:,} labelled reviews{pool}; {validation}."
    if config.lessons:
        yield f"- Texts that somebody has labelled to teach it something join them, as lessons: {len(config.lessons):,}."
    yield f"- It is tested on {len(run.test_ids):,} reviews that trained nothing, the same ones in every trial."


def _about_accuracy(run: Run, outcomes: Outcomes) -> Iterator[str]:
    yield "| model | trials | mean accuracy | 95 % interval |"
    yield "| --- | --: | --: | --- |"
    for arm in outcomes.arms:
        estimate = crossed_mean(outcomes.correct_of(arm), overlap=outcomes.shared)
        low, high = estimate.interval
        cells = (arm_title(arm), f"{len(outcomes.trials):,}", percent(estimate.mean), f"{percent(low)} to {percent(high)}")
        yield f"| {' | '.join(cells)} |"
    yield ""
    if comparison := compare_arms(outcomes):
        yield verdict(comparison, run.coverage)
    if uneven := measure_uneven(outcomes):
        yield from uneven_sentences(uneven)
    yield holds_for([(run.config.train_size, outcomes)])


def _about_reading(run: Run) -> Iterator[str]:
    config = run.config
    for arm in config.arms:
        yield f"- {arm_title(arm)} reads {listed([_reader_text(reader, config) for reader in config.reads(arm)])}."
    yield f"- Of a text, the first {config.max_tokens:,} Penn Treebank tokens are read; the rest is cut."
    if run.coverage is not None:
        yield f"- The static vectors know {percent(run.coverage)} of the words in its reviews; other words are zeros to them."
    yield "- The vectors are not in this folder; model.json has their digests, and other vectors are refused."


def _reader_text(reader: str, config: ExperimentConfig) -> str:
    """A reader in words."""
    source = source_of(reader)
    match kind_of(reader):
        case "static":
            return f"the static vectors {source or config.static}"
        case "elmo":
            return f"the ELMo vectors of {config.elmo} ({_layers(source or config.layer_mix)})"
        case "letters":
            return f"what {config.elmo} makes of the letters of each word (layer 0)"
        case "shuffled":
            layers = _layers(config.layer_mix)
            return f"the ELMo vectors of {config.elmo} ({layers}), with the words of each sentence in random order"
        case "module":
            return f"one vector of the whole text from the module {source}"


def _layers(layer_mix: str) -> str:
    named = {"mean": "the mean of its layers", "learned": "a mix of its layers that was learned"}
    return named.get(layer_mix, f"layer {layer_mix}")


def _about_limits(run: Run) -> Iterator[str]:
    yield "- The accuracy holds for reviews like those of the dataset; nothing here says how well other texts are judged."
    yield "- There are two labels only: a mixed or neutral text gets a probability, which is no measure of how mixed it is."
    yield "- The packaged vectors and elmo-mini have learned from English only."
    yield "- Accuracy on reviews is not understanding: models like these often miss negation, sarcasm and comparisons."
    yield f"  `elmo-lens challenge --run {run.id}` counts how often, where the run is."


def _about_use() -> Iterator[str]:
    yield "```sh"
    yield 'elmo-lens predict --model FOLDER "A text."'
    yield "elmo-lens predict --model FOLDER --csv in.csv out.csv"
    yield "```"
    yield ""
    yield "The answer is the mean over the models of all trials. `heads.npz` has their weights, as `ARM/NUMBER/WEIGHT`;"
    yield "`model.json` has their settings and the digests of their vectors. Nothing in either is a program."
