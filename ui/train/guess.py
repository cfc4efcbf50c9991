"""Guess first: what somebody expects of a run before it is trained, and the guess beside the result.

The guess stands in the link and in the session, bound to the settings that it was about: it survives a reload, and a run with
other settings does not show it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, cast, get_args

import streamlit as st

from core.analysis.paired_tests import Comparison
from core.experiment.config import ExperimentConfig
from ui.train import wording
from ui.widgets.pickers import linked_toggle

Winner = Literal["elmo", "basic", "neither"]

_SWITCH = "guess_first"  # key of the toggle and parameter of the URL
_PARAMETER = "guess"
_WINNER_KEY, _LEAD_KEY = "guess_winner", "guess_lead"
_LEAST_POINTS, _MOST_POINTS = 0.5, 50.0


@dataclass(frozen=True)
class Guess:
    """What somebody expects.

    Attributes:
        winner: The model that is clearly better.
        lead: By how much, a fraction; 0 for neither.
    """

    winner: Winner
    lead: float

    @property
    def difference(self) -> float:
        """Accuracy of ELMo minus accuracy of basic, a fraction."""
        return -self.lead if self.winner == "basic" else self.lead


def switch() -> None:
    """The toggle that has the question asked; a teacher can switch it on by link."""
    linked_toggle.show(wording.GUESS_FIRST, key=_SWITCH, parameter=_SWITCH, help=wording.GUESS_FIRST_HELP)


def ask() -> None:
    """The question, if it is switched on."""
    if not st.session_state.get(_SWITCH):
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="guess", gap="small"):
        winner = st.segmented_control(
            "Your guess: who will win?",
            list(wording.GUESSES),
            format_func=wording.GUESSES.__getitem__,
            key=_WINNER_KEY,
            persist_state="session",
            help=wording.GUESS_HELP,
        )
        if winner and winner != "neither":
            st.number_input(
                "By how many points?",
                min_value=_LEAST_POINTS,
                max_value=_MOST_POINTS,
                value=5.0,
                step=0.5,
                format="%.1f",
                key=_LEAD_KEY,
                persist_state="session",
                width=180,
            )


def remember(config: ExperimentConfig) -> None:
    """Keep what was guessed for what is trained now; forget the guess about anything else."""
    winner = st.session_state.get(_WINNER_KEY) if st.session_state.get(_SWITCH) else None
    if winner is None:
        st.query_params.pop(_PARAMETER, None)
        st.session_state.pop(_PARAMETER, None)
        return
    lead = 0.0 if winner == "neither" else st.session_state.get(_LEAD_KEY, 0.0)
    _keep(f"{config.fingerprint()}:{winner}:{lead:g}")


def of(config: ExperimentConfig) -> Guess | None:
    """What was guessed about the run of a config; None for nothing."""
    stored = st.query_params.get(_PARAMETER) or st.session_state.get(_PARAMETER) or ""
    fingerprint, _, rest = stored.partition(":")
    winner, _, points = rest.partition(":")
    if fingerprint != config.fingerprint() or winner not in get_args(Winner):
        return None
    with suppress(ValueError):  # somebody has changed the link
        lead = float(points)
        if 0 <= lead <= _MOST_POINTS:
            _keep(stored)
            return Guess(cast("Winner", winner), lead / 100)
    return None


def show(config: ExperimentConfig, comparison: Comparison | None) -> None:
    """The guess about a run, beside its result once there is one; nothing if nobody has guessed."""
    if guess := of(config):
        st.markdown(wording.guess_and_result(guess.winner, guess.difference, comparison), width="stretch")


def _keep(stored: str) -> None:
    st.session_state[_PARAMETER] = stored
    if st.query_params.get(_PARAMETER) != stored:
        st.query_params[_PARAMETER] = stored
