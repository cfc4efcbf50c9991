"""Takes a picture of every page with the shipped example, light and dark, as a projector and a phone show them.

    python -m tools.screenshots [--only train] [--readme]

Writes PAGE-THEME-WIDTH.png into screenshots/, which git ignores; with --readme, docs/train.png instead. A picture is as long as
its page, at least as long as the screen; with --screen, it is what one sees without scrolling.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from benchmarks.dashboard import CHROMIUM, CHROMIUM_ARGS, ROOT, dashboard
from core.settings import Settings
from tools.page_visits import OPERATOR, VISITS, open_report, wait_until_drawn

FOLDER = ROOT / "screenshots"
FOR_A_CLASS = {"ELMO_LENS_CLASS_RULES": "1"}  # such a server has a page for the operator
README_PICTURE = ROOT / "docs" / "train.png"
SCREENS: tuple[ViewportSize, ...] = ({"width": 1280, "height": 720}, {"width": 390, "height": 844})
_TIMEOUT_MS = 120_000
_REPORT = "report"


def main() -> None:
    parser = argparse.ArgumentParser(description="Take pictures of every page with the shipped example.")
    parser.add_argument("--only", default="", metavar="PREFIX", help="pages whose name begins like this")
    parser.add_argument("--screen", action="store_true", help="only what is seen without scrolling")
    parser.add_argument("--readme", action="store_true", help=f"write {README_PICTURE.relative_to(ROOT)} and nothing else")
    parser.add_argument("--chromium", default=CHROMIUM)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as data_dir,
        dashboard(Settings(data_dir=Path(data_dir)), variables={} if arguments.readme else FOR_A_CLASS) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=CHROMIUM_ARGS)
        if arguments.readme:
            _take_for_readme(browser, url)
        else:
            _take_all(browser, url, arguments.only, is_whole=not arguments.screen)
        browser.close()


def _take_all(browser: Browser, url: str, prefix: str, *, is_whole: bool) -> None:
    for screen in SCREENS:
        page = _new_page(browser, screen)
        for visit in (*VISITS, OPERATOR):
            if visit.name.startswith(prefix):
                visit.open(page, url)
                _take_both(page, visit.name, screen, is_whole=is_whole)
        if _REPORT.startswith(prefix):
            open_report(page, url)
            _save(page.screenshot(full_page=is_whole), FOLDER / f"{_REPORT}-light-{screen['width']}.png")
        page.context.close()


def _new_page(browser: Browser, screen: ViewportSize) -> Page:
    context = browser.new_context(viewport=screen, color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(_TIMEOUT_MS)
    return context.new_page()


def _take_both(page: Page, name: str, screen: ViewportSize, *, is_whole: bool) -> None:
    """A page in both themes."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        wait_until_drawn(page)
        picture = _whole_page(page, screen) if is_whole else page.screenshot(animations="disabled")
        _save(picture, FOLDER / f"{name}-{theme}-{screen['width']}.png")
    page.emulate_media(color_scheme="light")


def _whole_page(page: Page, screen: ViewportSize) -> bytes:
    """A picture as long as the page, which scrolls inside a box of its own: for the picture, the window is made as long."""
    length = page.get_by_test_id("stMain").evaluate("box => box.scrollHeight")
    page.set_viewport_size({"width": screen["width"], "height": max(length, screen["height"])})
    wait_until_drawn(page)
    picture = page.screenshot(animations="disabled")
    page.set_viewport_size(screen)
    return picture


def _take_for_readme(browser: Browser, url: str) -> None:
    """What a newcomer sees."""
    page = _new_page(browser, SCREENS[0])
    VISITS[0].open(page, url)
    _save(_whole_page(page, SCREENS[0]), README_PICTURE)
    page.context.close()


def _save(picture: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(picture)).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)} ({path.stat().st_size // 1024} kB)", flush=True)


if __name__ == "__main__":
    main()
