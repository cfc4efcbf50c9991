"""What everybody needs to see: text that can be read on light and dark pages, and nothing to scroll sideways on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.e2e.conftest import PAGE_MS, Server, settle
from ui.how_it_works import wording as how_it_works
from ui.senses import wording as senses

ELMO_MS = 60_000  # loading TensorFlow and ELMo on a busy machine
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3

# Texts with their contrast, of the page and of the components in it; not of what is disabled, an icon or inside a coloured mark.
CONTRASTS = """() => {
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([r, g, b, a], [r0, g0, b0, a0]) => {
    const alpha = a + a0 * (1 - a);
    const mix = (top, below) => (alpha ? (top * a + below * a0 * (1 - a)) / alpha : 0);
    return [mix(r, r0), mix(g, g0), mix(b, b0), alpha];
  };
  const luminance = (colour) => {
    const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
  };
  const up = (element) => element.parentElement ?? element.getRootNode().host ?? null;
  const ancestors = (element) => (element ? [element, ...ancestors(up(element))] : []);
  const found = [];
  const visit = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.shadowRoot) visit(node.shadowRoot);
        continue;
      }
      const element = node.parentElement;
      if (!node.textContent.trim() || !element?.checkVisibility({ visibilityProperty: true })) continue;
      if (element.closest("style, script, [disabled], [aria-hidden=true], [data-testid=stIconMaterial]")) continue;
      const isDrawn = element instanceof SVGElement;
      const style = getComputedStyle(element);
      let opacity = 1;
      let background = [0, 0, 0, 0];
      for (const each of ancestors(element)) {
        opacity *= getComputedStyle(each).opacity;
        if (!(each instanceof SVGElement)) background = over(background, rgba(getComputedStyle(each).backgroundColor));
      }
      const [red, green, blue, alpha] = rgba(isDrawn ? style.fill : style.color);
      const one = luminance(over([red, green, blue, alpha * opacity], background)) + 0.05;
      const other = luminance(background) + 0.05;
      found.push([node.textContent.trim().slice(0, 40), Math.max(one, other) / Math.min(one, other)]);
    }
  };
  visit(document.body);
  return found;
}"""

SCROLL_SIDEWAYS = """() => [...document.querySelectorAll("[data-testid=stMain], [data-testid=stMain] *")]
  .filter((element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX))
  .filter((element) => element.clientWidth && !element.closest("[data-testid=stDataFrame]"))
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => element.innerText.slice(0, 40))"""


@pytest.fixture(params=["light", "dark"])
def themed_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A visitor whose system is light or dark."""
    context = browser.new_context(viewport={"width": 1280, "height": 2500}, color_scheme=request.param)
    context.set_default_timeout(PAGE_MS)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("address", "last_text"),
    [
        ("", "a bag of words trains along"),
        ("reviews?reviews_view=Balance+and+length", "are not drawn; the longest has"),
        ("how_it_works", how_it_works.WARNINGS_TITLE),
    ],
)
def test_every_text_can_be_read(themed_page: Page, server: Server, address: str, last_text: str) -> None:
    themed_page.goto(f"{server.url}/{address}")
    expect(themed_page.get_by_text(last_text)).to_be_visible()
    if address.startswith("reviews"):
        expect(themed_page.locator("svg.marks").first).to_be_visible()
    settle(themed_page)
    with suppress(TimeoutError):  # what is still fading in has less contrast
        all_enough = f"() => ({CONTRASTS})().every(([, contrast]) => contrast >= {LEAST_CONTRAST})"
        themed_page.wait_for_function(all_enough, timeout=5_000)
    contrasts: list[tuple[str, float]] = themed_page.evaluate(CONTRASTS)
    assert len(contrasts) > 10
    assert [(text, contrast) for text, contrast in contrasts if contrast < LEAST_CONTRAST] == []


def test_nothing_scrolls_sideways_on_a_phone(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/senses?senses_lesson=lead")
    expect(phone.get_by_text(senses.REVIEWS_TITLE)).to_be_visible(timeout=ELMO_MS)
    expect(phone.get_by_role("radio", name="ELMo, layer 2")).to_be_visible()
    settle(phone)
    assert phone.evaluate(SCROLL_SIDEWAYS) == []
