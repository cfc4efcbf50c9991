"""Takes the screenshot for the README: the Train page with a finished run.

    python -m tools.screenshot --run ID [--out docs/train.png] [--dark]

Starts the dashboard on the usual data folder, opens the run in Chromium, writes the picture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.dashboard import CHROMIUM, CHROMIUM_ARGS, ROOT, dashboard
from core.settings import Settings

WIDTH = 1280


def main() -> None:
    parser = argparse.ArgumentParser(description="Take the screenshot for the README.")
    parser.add_argument("--run", required=True, metavar="ID", dest="run_id", help="a finished run of the usual data folder")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "train.png")
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument("--chromium", default=CHROMIUM)
    arguments = parser.parse_args()
    with dashboard(Settings()) as url:
        take(f"{url}/?run={arguments.run_id}", arguments.out, arguments.chromium, is_dark=arguments.dark)
    print(f"{arguments.out} ({arguments.out.stat().st_size // 1024} kB)")


def take(url: str, out: Path, chromium: str, *, is_dark: bool) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, color_scheme="dark" if is_dark else "light")
        page.goto(url)
        page.get_by_label("Box plot of accuracy").wait_for()
        page.get_by_text("a bag of words trains along").wait_for()
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        page.get_by_role("button", name="Table as CSV").wait_for()
        page.get_by_test_id("stSkeleton").first.wait_for(state="detached")
        # The page scrolls inside a box of its own: the window is made as tall as its content.
        height = page.get_by_test_id("stMain").evaluate("box => box.scrollHeight")
        page.set_viewport_size({"width": WIDTH, "height": height})
        page.wait_for_function("height => document.querySelector('[data-testid=stMain]').clientHeight >= height", arg=height)
        page.get_by_test_id("stSkeleton").first.wait_for(state="detached")
        out.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=out, animations="disabled")
        browser.close()


if __name__ == "__main__":
    main()
