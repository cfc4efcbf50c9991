from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tests.fuzz.conftest import Fuzz
from tests.fuzz.odd import texts
from tests.pages.conftest import AddRun, OpenPage, add_run, data_dir, errors, installed_components, no_cookies, open_page, store  # noqa: F401

PREDICTING = ("probe", "senses", "how_it_works")
PARAMETERS = {
    "train": ["run", "sweep"],
    "compare": ["runs", "run", "view", "group"],
    "probe": ["run", "text", "large", "probe_tab", "donor", "own_word", "donor_word"],
    "senses": ["word", "sentence", "run"],
    "reviews": ["reviews_data", "run"],
    "how_it_works": ["run", "sentence"],
}


def test_any_link_opens_its_page(fuzz: Fuzz[Any], add_run: AddRun, open_page: OpenPage) -> None:  # noqa: F811
    both = [add_run(seed=seed).id for seed in range(2)]
    one = add_run(arms=("basic",)).id
    values = st.sampled_from([one, f"{one},{one},,nowhere", "nowhere", "curve", "errors", "imdb", "bank", "-1"]) | texts
    compared = values | st.sampled_from([*both, ",".join(both)])  # their heads are made up and cannot predict
    links = st.sampled_from(sorted(PARAMETERS)).flatmap(
        lambda page: st.tuples(
            st.just(page),
            st.dictionaries(st.sampled_from(PARAMETERS[page]), values if page in PREDICTING else compared, min_size=1),
        )
    )
    fuzz(60, links, lambda link: _require_no_surprise(open_page(link[0], **link[1])))


def _require_no_surprise(app: AppTest) -> None:
    assert all(sentence.strip() for sentence in errors(app))
