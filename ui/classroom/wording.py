"""Every sentence of the pages of a class."""

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

WALL_TITLE = "Class: everybody's runs"
NO_WALL = "This server is not for a class, so Compare shows all its runs. Start it with elmo-lens dashboard --class."
WALL_INTRO = "Every run of the class, whoever has started it. Your own are large and outlined."
WALL_EMPTY = "Nobody has trained anything yet. Start on the page Train; the run appears here at once."
WALL_CHART = "Accuracy of everybody's runs"
WALL_CHOOSE = "Choose a row to open its run."
BY_YOU, BY_OPERATOR, BY_OTHERS = "You", "Operator", "Somebody"

SPACE_TITLE = "My space"
NO_SPACES = "On this server everything belongs to everybody. Spaces are for a class: elmo-lens dashboard --class."
SPACE_INTRO = (
    "Your runs, learning curves, datasets and typed texts are in your space. Everyone sees them; only you and the operator of "
    "this server can rename, delete or cancel them."
)
SPACE_MOVES = (
    "This browser remembers your space; no account is needed. To have it on another device, too, choose **Share** at the top of "
    "any page, then *My space*, and open the link there."
)
SPACE_QUESTION = "Use the space of the link on this device?"
SPACE_LEFT_BEHIND = (
    "What you have made in this browser so far stays in the present space. Without its link you cannot go back: keep the present "
    "one and copy its link first, under Share, if you want to."
)
SPACE_TAKEN = "This browser now has the space of the link."
SPACE_SIGN_IN = "Sign in to have the same space on every device."


def wall(num_runs: int, num_active: int) -> str:
    """How many runs there are."""
    active = f", {num_active:,} of them waiting or running" if num_active else ""
    return f"{count(num_runs, 'run')}{active}."


def signed_in(name: str) -> str:
    """Who somebody is."""
    return f"You are signed in as {escape(name)}; your space comes with you to every device." if name else "You are signed in."


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
        "Runs, learning curves, datasets and typed texts are renamed, deleted, restored and cancelled by whoever has made them, "
        "in the same browser or wherever its space has been moved.",
    ]
