"""A tour in six steps, for whoever comes for the first time: one slim banner above the pages, with links from step to step.

The step stands in the link and in the session, so that a reload or a look at another page does not end the tour.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

TOUR = "Tour"  # the link in the header of every page
PARAMETER = "tour"  # of the URL: the number of the step
_STATE = "tour_step"


@dataclass(frozen=True)
class Step:
    """A place to look at.

    Attributes:
        page: File of the page, as `st.page_link` takes it.
        title: Of the page, as the menu has it, or of what to look at there.
        text: What to look for, Markdown.
        parameters: Of the URL, beside the step.
    """

    page: str
    title: str
    text: str
    parameters: dict[str, str] = field(default_factory=dict)


STEPS = (
    Step(
        "pages/train.py",
        "Train",
        "Two models learn from the same few film reviews, in several trials. *Train both* starts a run; below, one is finished.",
    ),
    Step(
        "pages/train.py",
        "The plot",
        "Below, each line joins the two models of one trial. A line that goes up: ELMo was right more often.",
    ),
    Step(
        "pages/compare.py",
        "Compare",
        "Luck plays a part. The 95 % interval says how far to trust the difference; if it contains 0, nothing is clear.",
    ),
    Step(
        "pages/probe.py",
        "Try it",
        "Type a sentence and watch both models. The examples show where ELMo reads more and where both fail.",
    ),
    Step(
        "pages/probe.py",
        "Teach",
        "In the tab *Teach* below, write what both got wrong and have them learn it. What else changes?",
        {"probe_tab": "Teach"},
    ),
    Step(
        "pages/senses.py",
        "Senses",
        "One word in several senses. ELMo gives it another vector in each sentence; a static vector is always the same.",
    ),
)


def start_link(label: str = TOUR) -> None:
    """The link that begins the tour, again if need be."""
    _link(label, 1, ":material/explore:")


def show() -> None:
    """The banner with the current step; nothing when nobody takes the tour."""
    number = _current()
    if number is None:
        return
    step = STEPS[number - 1]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True, key="tour"):
        with st.container(width="stretch", key="tour_text"):
            st.markdown(f"**{number} of {len(STEPS)} · {step.title}.** {step.text}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="tour_ways"):
            # All three are always there, so that the focus stays on Next when the page changes below it.
            _link("Back", max(number - 1, 1), ":material/arrow_back:", disabled=number == 1)
            _link("Next", min(number + 1, len(STEPS)), ":material/arrow_forward:", disabled=number == len(STEPS))
            st.button("End", key="tour_end", icon=":material/close:", type="tertiary", on_click=_end)


def _link(label: str, number: int, icon: str, *, disabled: bool = False) -> None:
    st.page_link(STEPS[number - 1].page, label=label, icon=icon, query_params=_parameters(number), disabled=disabled)


def _parameters(number: int) -> dict[str, str]:
    return {PARAMETER: str(number), **STEPS[number - 1].parameters}


def _current() -> int | None:
    """The number of the step in the URL, or of the last one shown, which then goes into the URL."""
    written = st.query_params.get(PARAMETER, "")
    number: int | None = int(written) if written in {str(each) for each in range(1, len(STEPS) + 1)} else None
    number = number or st.session_state.get(_STATE)
    if number is None:
        st.query_params.pop(PARAMETER, None)
        return None
    st.session_state[_STATE] = number
    if written != str(number):
        st.query_params[PARAMETER] = str(number)
    return number


def _end() -> None:
    st.session_state.pop(_STATE, None)
    st.query_params.pop(PARAMETER, None)
