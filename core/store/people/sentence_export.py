"""The history of typed sentences as files."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.experiment.arms import in_order
from core.store.people.sentence_store import TypedSentence


def as_table(sentences: Sequence[TypedSentence]) -> pd.DataFrame:
    """A row per sentence, for an export.

    Returns:
        Columns text, name, starred, tried_at (ISO 8601, UTC), run, run_name, and for each arm its mean, lowest and highest
        probability.
    """
    table = pd.DataFrame([_record(sentence) for sentence in sentences])
    for arm in in_order(arm for sentence in sentences for arm in sentence.probs):
        values = [sentence.probs.get(arm, (np.nan,)) for sentence in sentences]  # a model that could not read it has none
        table[arm] = [sentence.means.get(arm, np.nan) for sentence in sentences]
        table[f"{arm}_lowest"], table[f"{arm}_highest"] = [min(each) for each in values], [max(each) for each in values]
    return table


def to_json(sentences: Sequence[TypedSentence]) -> str:
    """The same as JSON, with the probability from every head."""
    records = [
        _record(sentence) | {"probabilities": {arm: list(values) for arm, values in sentence.probs.items()}}
        for sentence in sentences
    ]
    return json.dumps(records, ensure_ascii=False, indent=2)


def _record(sentence: TypedSentence) -> dict[str, object]:
    """What both exports have of a sentence, without its probabilities."""
    return {
        "text": sentence.text,
        "name": sentence.name,
        "starred": sentence.is_starred,
        "tried_at": sentence.tried_at.isoformat(timespec="seconds"),
        "run": sentence.run_id,
        "run_name": sentence.run_name,
    }
