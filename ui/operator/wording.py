"""Every sentence of the Operator page."""

from __future__ import annotations

from core.experiment.class_rules import ClassRules
from ui.text import count, escape

TITLE = "Operator"
INTRO = (
    "Whoever runs this server signs in here with the password that it printed when it was started first, and may then rename, "
    "delete, restore and cancel everything and start any experiment. Everybody else keeps the rules below."
)
SIGNED_IN = "You are signed in as the operator, in this tab and until you close or reload it."
NO_CLASS = "This server has no operator: everybody who can open it may do everything. Start it with elmo-lens dashboard --class."
RULES = "Rules for everybody else"


def rules(of_class: ClassRules) -> list[str]:
    """The rules of a class, one sentence each."""
    elmo, vectors = (", ".join(map(escape, sources)) or "none" for sources in (of_class.elmo, of_class.vectors))
    return [
        f"A run has at most {count(of_class.max_trials, 'trial')}, {count(of_class.max_train_size, 'training review')}, "
        f"{count(of_class.max_test_size, 'test review')}, {count(of_class.max_tokens, 'word')} of a review and "
        f"{count(of_class.max_epochs, 'epoch')}.",
        f"One person has at most {count(of_class.max_runs_per_person, 'run')} waiting or running, all together "
        f"{count(of_class.max_runs, 'run')}.",
        f"One person adds at most {count(of_class.max_uploads_per_person, 'dataset')} of up to {of_class.max_upload_mb:,} MB, "
        f"all together {count(of_class.max_uploads, 'dataset')}.",
        f"ELMo beside the packaged one: {elmo}. Static vectors beside the packaged ones: {vectors}.",
        "Runs, learning curves and datasets are renamed, deleted, restored and cancelled by whoever has made them, in the same "
        "browser and while the server runs.",
    ]
