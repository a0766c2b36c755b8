"""A person's browser, and what may be wrong with a page: sideways scroll, small or pale things, errors in the console."""

import io
import re

import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Request, expect

from app.accounts.factors import code_at
from app.core import clock
from app.webkit.htmx import CDN
from tests.factories import FACTOR_KEY

BIG = "big"  # the same colours, larger: nothing new for axe
LOOKS = ("", "dark", BIG)
NARROW = {"width": 320, "height": 700}
WHOLE = {"resultTypes": ["violations"]}
# What a look can change; the rest is the same page.
LOOKED_AT = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# axe's own rule counts what the bar at the bottom covers until one scrolls.
SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary')].filter(one => {
  const box = one.getBoundingClientRect()
  return box.width && box.height && !one.matches('.skip, .sr, label input') && getComputedStyle(one).display !== 'inline'
    && (box.height < 44 || box.width < 24) }).map(one => one.innerText || one.name || one.className)"""
AXE = Axe()


class Phone:
    """`sees` and `taps` work on what a person sees; `check` says what is wrong with the page as it stands."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"] != CDN:
            self.faults.append(f"console: {message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, CDN, "data:", "blob:")):
            self.faults.append(f"outside: {request.url}")

    def open(self, path: str) -> "Phone":
        self.page.goto(path if path.startswith("http") else self.address + path)
        return self

    def title(self, words: str) -> None:
        """The page's own heading; a redirect or a script may still be on its way to it."""
        expect(self.page.get_by_role("heading", level=1, name=words)).to_be_visible()

    def sees(self, *words: str) -> None:
        for one in words:
            expect(self.page.locator("body")).to_contain_text(one)

    def sees_nothing_of(self, *words: str) -> None:
        for one in words:
            expect(self.page.locator("body")).not_to_contain_text(one)

    def part(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name)

    def fill(self, **fields: str) -> None:
        """By the name of the field in the form."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def taps(self, words: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=words).first.click()  # type: ignore[arg-type]

    def follows(self, words: str) -> None:
        self.taps(words, "link")

    def sign_in(self, phone: str, secret: str) -> None:
        """The form as it stands on /sign-in."""
        self.page.get_by_label("手机号").fill(phone)
        self.page.get_by_label("密码").fill(secret)
        self.page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()

    def forgive(self, status: int) -> None:
        """A refusal that the test asked for also stands in the console."""
        self.faults = [fault for fault in self.faults if f"status of {status}" not in fault]

    def give_code(self) -> None:
        """登录验证码, after the password of whoever handles money or rights. The page is looked at too."""
        self.title("还差一个验证码")
        self.check(looks=("",))
        self.fill(code=code_at(FACTOR_KEY, clock.now()))
        self.taps("继续")

    def check(self, *, looks: tuple[str, ...] = LOOKS, narrow: bool = True) -> None:
        """Light, dark and 大字版; at 320 px. Nothing may be wrong."""
        found = self.wrong(looks=looks, narrow=narrow)
        assert not found, "\n".join(found)

    def wrong(self, *, looks: tuple[str, ...] = LOOKS, narrow: bool = True) -> list[str]:
        page, found = self.page, list(self.faults)
        self.faults.clear()
        page.wait_for_load_state()  # a page that is just being left has no document for a moment
        own = page.evaluate("document.documentElement.className")
        page.evaluate(AXE.axe_script)
        for nth, look in enumerate(looks):
            self._looks(look or own)
            if not nth or look != BIG:
                report = page.evaluate("options => axe.run(options)", LOOKED_AT if nth else WHOLE)
                found += [f"{one['id']} {[node['target'] for node in one['nodes']][:3]} ({look})" for one in report["violations"]]
            if small := page.evaluate(SMALL):
                found.append(f"small targets {small} ({look})")
        if narrow:
            found += [f"sideways scroll at 320 px ({look})" for look in self._scrolling_sideways(looks, own)]
        self._looks(own)
        return [f"{page.url}: {one}" for one in found]

    def _looks(self, look: str) -> None:
        self.page.evaluate("look => { document.documentElement.className = look }", look)

    def _scrolling_sideways(self, looks: tuple[str, ...], own: str) -> list[str]:
        size, found = self.page.viewport_size, []
        assert size
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        for look in looks:
            self._looks(look or own)
            if self.page.evaluate("document.documentElement.scrollWidth > 320"):
                found.append(look)
        self.page.set_viewport_size(size)
        return found


def code_in(picture: bytes) -> str:
    """What a phone's camera reads from a picture of the screen."""
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(code.text)


def amount(words: str) -> "re.Pattern[str]":
    """A figure with its unit, whatever white space stands between."""
    return re.compile(r"\s*".join(map(re.escape, words.split())))
