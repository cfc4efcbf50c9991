"""Every page of the dashboard with the shipped example, and how to open it: for screenshots and for the accessibility test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import Page

from core.example import EXAMPLE_ID, read_example
from ui.app.navigation import PROBE_TAB, TRANSPLANT
from ui.classroom import wording as operator
from ui.compare.selection import RUNS_PARAMETER, VIEW_PARAMETER, VIEWS_OF_SEVERAL, View
from ui.how_it_works import wording as how_it_works
from ui.probe import live
from ui.probe import wording as try_it
from ui.probe.challenges import wording as challenges
from ui.probe.teaching import wording as teaching
from ui.reviews import browse_view
from ui.reviews import wording as reviews
from ui.senses import wording as senses

SENTENCE = "I expected more from this one"
_ESTIMATE = "a bag of words trains along"
_EXPORTS = "Report (HTML)"

# No script runs, no placeholder is left and every chart has its marks, in three frames in a row: a browser that draws shows none.
_IS_DRAWN = """() => {
  const rests = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
  const waits = document.querySelector("[data-testid=stSkeleton], [data-testid=stSpinner], [data-stale=true]");
  const isDrawn = [...document.querySelectorAll("[data-testid=stVegaLiteChart]")].every((chart) => chart.querySelector(".marks"));
  window.framesDrawn = rests && !waits && isDrawn ? (window.framesDrawn ?? 0) + 1 : 0;
  return window.framesDrawn >= 3;
}"""


@dataclass(frozen=True)
class Visit:
    """A page in one state.

    Attributes:
        name: Of the page and its state.
        address: Path and query.
        text: What is on the page once it is there.
        prepare: What a visitor does then.
    """

    name: str
    address: str
    text: str
    prepare: Callable[[Page], None] | None = None

    def open(self, page: Page, url: str) -> None:
        """Open it on the dashboard at an address and wait until everything is drawn."""
        page.goto(f"{url}/{self.address}")
        page.get_by_text(self.text).first.wait_for()
        wait_until_drawn(page)
        if self.prepare:
            self.prepare(page)
            wait_until_drawn(page)


def wait_until_drawn(page: Page) -> None:
    """Wait until the page is whole, after it was opened or its theme or width has changed."""
    page.evaluate("window.framesDrawn = 0")
    page.wait_for_function(_IS_DRAWN)


def open_report(page: Page, url: str) -> None:
    """Download the HTML report of the example from the dashboard at an address, and open it."""
    _compare("accuracy", "pairs").open(page, url)
    with page.expect_download() as download:
        page.get_by_role("button", name=_EXPORTS).click()
    report = download.value.path().with_suffix(".html")  # without it, a browser shows the source
    download.value.save_as(report)
    page.goto(report.as_uri())
    page.get_by_role("heading", level=1).wait_for()


def _more_settings(page: Page) -> None:
    page.get_by_text("More settings").click()
    page.get_by_role("heading", name="Training recipe").wait_for()


def _curve_sizes(page: Page) -> None:
    page.get_by_role("button", name="Learning curve").click()
    page.get_by_role("button", name="Train over several sizes").wait_for()


def _upload(page: Page) -> None:
    page.get_by_role("button", name="Use your own reviews").click()
    page.get_by_role("dialog").wait_for()


def _compare(name: str, view: View) -> Visit:
    """A view of Compare; of all runs of the example where it shows several."""
    query = {"run": EXAMPLE_ID, VIEW_PARAMETER: view}
    if view in VIEWS_OF_SEVERAL:
        query[RUNS_PARAMETER] = ",".join(json.loads(read_example()["sweeps"][0]["run_ids"]))
    return Visit(f"compare-{name}", f"compare?{urlencode(query)}", _EXPORTS)


def _try_it(name: str, tab: str, text: str) -> Visit:
    """A sentence and one of the tabs below the answers."""
    query = {"run": EXAMPLE_ID, "text": SENTENCE, PROBE_TAB: tab}
    return Visit(f"try-it-{name}", f"probe?{urlencode(query)}", text)


def _reviews(name: str, view: str, text: str) -> Visit:
    return Visit(f"reviews-{name}", f"reviews?{urlencode({browse_view.VIEW: view})}", text)


VISITS = (
    Visit("train", "", _ESTIMATE),
    Visit("train-settings", "", _ESTIMATE, _more_settings),
    Visit("train-sizes", "", _ESTIMATE, _curve_sizes),
    Visit("train-upload", "", _ESTIMATE, _upload),
    Visit("train-curve", f"?sweep={EXAMPLE_ID}", _ESTIMATE),
    _compare("accuracy", "pairs"),
    _compare("curve", "curve"),
    _compare("mistakes", "quality"),
    _compare("reviews", "reviews"),
    _compare("cost", "cost"),
    _try_it("what-if", live.WHAT_IF, try_it.EFFECTS_EXPLAINED),
    _try_it("numbers", live.NUMBERS, try_it.EFFECTS_EXPLAINED),
    _try_it("transplant", TRANSPLANT, "Another sentence"),
    _try_it("history", live.HISTORY, "Typed by"),
    _try_it("challenges", live.CHALLENGES, challenges.INTRO),
    _try_it("teach", live.TEACH, teaching.INTRO),
    Visit("senses", "senses", senses.REVIEWS_TITLE),
    _reviews("browse", reviews.BROWSE, reviews.BROWSE),
    _reviews("balance", reviews.BALANCE, "are not drawn; the longest has"),
    _reviews("telling", reviews.TELLING, reviews.TELLING),
    _reviews("unknown", reviews.UNKNOWN, "then in lower case"),
    Visit("how-it-works", "how_it_works", how_it_works.WARNINGS_TITLE),
)
OPERATOR = Visit("operator", "sign_in", operator.RULES)  # only on a server for a class
