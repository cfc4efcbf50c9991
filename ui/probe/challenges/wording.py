"""What the challenges say. Short labels of buttons and fields stand where they are drawn."""

from __future__ import annotations

from core.challenges.suite import Demand
from ui.text import count

INTRO = (
    "The two sentences of a pair differ in one thing, such as a “not”. In some pairs the label must flip, in some it must stay "
    "the same, and in some the models need only become more or less sure. A model that understands the difference gets both "
    "sentences right."
)
CSV_HELP = (
    "A CSV file with the columns text, expected, family and pair. Each pair takes two rows with the same family and the same "
    "pair. Expected is positive or negative; in the second row it may also be “more positive” or “more negative” than the first. "
    "The ready-made pairs are such a file: a good place to start."
)
DEMANDS: dict[Demand, str] = {
    "flip": "The label must flip",
    "shift": "The chance must move in one direction",
    "same": "The label must stay the same",
    "mixed": "Some labels must flip, others must not",
}
WAITING = "waiting for the models"
NO_SUCH_PAIR = "This family has no such pairs."
CHOOSE_ROW = "Choose a row to try its texts above."


def start(num_pairs: int) -> str:
    """On the button that begins."""
    return f"Run {count(num_pairs, 'pair')}"


def progress(num_done: int, num_pairs: int) -> str:
    """How far it is."""
    return f"{num_done:,} of {count(num_pairs, 'pair')} answered"


def legend(num_models: int) -> str:
    """What the columns of the scores mean."""
    return (
        "**Passed**: both labels are right or, where the chance must move, it moves in the right direction. Tossing coins would "
        "pass 25 % of the pairs, or 50 % where the chance must move. **Flipped**: the two texts get different labels. A label is "
        f"the side of 50 % on which the mean of {count(num_models, 'trained model')} lies. The 95 % interval is about other "
        "pairs of the same kind. Pairs made from one template are much alike, so it is probably too narrow, and “clear” says "
        "nothing of other templates."
    )
