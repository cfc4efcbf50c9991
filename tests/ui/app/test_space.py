"""Who a visitor is: by the cookie of the browser, or as they have signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit import user_info
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from ui.app import share, space

KEY = "k" * 32


def page() -> None:
    import streamlit as st  # AppTest runs this function as a script of its own

    from ui.app import space

    space.keep()
    st.text(space.owner_id())


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """A visit to a page with a cookie."""
    st.cache_resource.clear()

    def open_it(cookie: str = "") -> AppTest:
        monkeypatch.setattr(ContextProxy, "cookies", {space.COOKIE: cookie})
        app = AppTest.from_function(page, default_timeout=30).run()
        assert not app.exception
        return app

    return open_it


def owner(app: AppTest) -> str:
    [text] = app.text
    return text.value


def test_a_browser_that_comes_again_has_the_space_that_it_had(visit: Callable[..., AppTest]) -> None:
    assert owner(visit(KEY)) == owner(visit(KEY)) == space.digest(KEY)
    assert KEY not in owner(visit(KEY))


@pytest.mark.parametrize("cookie", ["", "short", "k" * 31 + "\n", "k" * 31 + ";", "k" * 33])
def test_a_browser_without_a_key_gets_one_that_nobody_can_guess(visit: Callable[..., AppTest], cookie: str) -> None:
    apps = [visit(cookie) for _ in range(3)]
    keys = {app.session_state["space_key"] for app in apps}
    assert len(keys) == len({owner(app) for app in apps}) == 3
    assert {len(key) for key in keys} == {32}  # of an alphabet of 64: 192 bits
    assert keys.isdisjoint({cookie})


def test_the_space_stays_while_a_tab_is_open(visit: Callable[..., AppTest]) -> None:
    app = visit()
    before = owner(app)
    assert owner(app.run()) == before


def test_a_link_to_a_space_is_asked_about_and_taken_only_then(visit: Callable[..., AppTest]) -> None:
    app = visit()
    before = owner(app)
    app.session_state["space_offered"] = KEY
    assert owner(app.run()) == before


def test_whoever_has_signed_in_has_the_same_space_everywhere(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sign_in(sub: str) -> None:
        known = {"is_logged_in": True, "iss": "https://id.example.org", "sub": sub, "email": "same@example.org"}
        monkeypatch.setattr(user_info, "_get_user_info", lambda: known)

    sign_in("ann")
    assert owner(visit()) == owner(visit(KEY)) != space.digest(KEY)
    ann = owner(visit())
    sign_in("bob")
    assert owner(visit()) != ann


def test_the_key_of_a_link_stands_where_no_browser_sends_it() -> None:
    link = share.space_link("http://192.168.1.7:8501/compare", KEY)
    assert link == f"http://192.168.1.7:8501/space#space={KEY}"
