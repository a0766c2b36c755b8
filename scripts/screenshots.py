"""Takes the README's pictures from a demo that is running: `python scripts/screenshots.py [address]` → docs/screenshots/*.webp."""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
PASSWORD = "shulin-demo"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PAGES = [
    # file, account, path, screen
    ("home", "13800000001", "/", PHONE),
    ("me", "13800000001", "/me", PHONE),
    ("boards", "13800000001", "/boards", PHONE),
    ("fund", "", "/fund", PHONE),
    ("branch", "13800000003", "/branch", DESK),
    ("work", "13800000008", "/work", DESK),
]


def sign_in(browser: Browser, base: str, phone: str, screen: dict[str, int]) -> Page:
    context = browser.new_context(viewport=screen, device_scale_factor=1.5, locale="zh-CN", is_mobile=screen is PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    if phone:
        page.goto(f"{base}/sign-in")
        page.locator("input[name=phone]").fill(phone)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form:has(input[name=password]) button[type=submit]").first.click()
        page.wait_for_load_state("networkidle")
    return page


def main(base: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for name, phone, path, screen in PAGES:
            page = sign_in(browser, base, phone, screen)
            page.goto(base + path)
            page.wait_for_load_state("networkidle")
            Image.open(io.BytesIO(page.screenshot())).save(OUT / f"{name}.webp", quality=80)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5000")
