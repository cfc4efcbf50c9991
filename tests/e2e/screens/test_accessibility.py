"""axe-core finds nothing serious or moderate of ours, on any page, light or dark, on a projector or a phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Server
from tools.page_visits import OPERATOR, VISITS, Visit, open_report, wait_until_drawn

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# What is still fading in has less contrast.
AT_ONCE = """addEventListener("DOMContentLoaded", () => {
  const style = document.createElement("style");
  style.textContent = "*, ::before, ::after { transition: none !important; animation: none !important }";
  document.head.append(style);
});"""
VIOLATIONS = """async (rules) => {
  const runOnly = rules.length ? { runOnly: rules } : {};
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...runOnly });
  return violations
    .filter(({ impact }) => impact !== "minor")
    .flatMap(({ id, nodes }) => nodes.map((node) => [id, node.target.join(" "), node.html.slice(0, 300), node.failureSummary]))
    .map((told) => told.join(", "));
}"""
LOAD_MS = 180_000  # the first visit reads the reviews, beside other tests


@pytest.fixture(scope="module")
def variables() -> Mapping[str, str]:
    """With the example, and with the page of an operator."""
    return {"ELMO_LENS_EXAMPLE": "1", "ELMO_LENS_CLASS_RULES": "1"}


@pytest.fixture(scope="module")
def examined(browser: Browser) -> Iterator[Page]:
    """A page that axe looks at; files that are downloaded have no policy that would keep it out."""
    context = browser.new_context(reduced_motion="reduce", bypass_csp=True)
    context.set_default_timeout(LOAD_MS)
    for script in (AXE, AT_ONCE):
        context.add_init_script(script)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("visit", [*VISITS, OPERATOR], ids=lambda visit: visit.name)
def test_axe_finds_nothing_on_a_page(examined: Page, server: Server, visit: Visit) -> None:
    show_as(examined, "light", width=1280, height=720)
    visit.open(examined, server.url)
    found = {"light": violations(examined)}
    show_as(examined, "dark", width=1280, height=720)
    wait_until_drawn(examined)
    found["dark"] = violations(examined, "color-contrast")  # nothing else has changed
    show_as(examined, "dark", width=390, height=844)
    wait_until_drawn(examined)
    found["phone"] = violations(examined)
    assert found == {"light": [], "dark": [], "phone": []}


def test_axe_finds_nothing_in_the_report(examined: Page, server: Server) -> None:
    show_as(examined, "light", width=1280, height=720)
    open_report(examined, server.url)
    assert violations(examined) == []


def show_as(page: Page, theme: Literal["light", "dark"], *, width: int, height: int) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": height})


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds by some rules, or by all: the rule, the place, the element, what to do."""
    found: list[str] = page.evaluate(VIOLATIONS, rules)
    return found
