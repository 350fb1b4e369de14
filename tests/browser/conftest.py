"""A real Chromium, the built site on a loopback port, and what a page did while it was open.

    def test_something(open_page):
        visit = open_page("book/index.html", scheme="dark", width=390)
        visit.page.click("text=Search")
        assert visit.foreign == [] and visit.errors == []
        assert visit.axe() == []

Without a browser or a built site the tests of this folder are skipped in one line that says what
to do; where ``CI_REQUIRE_BROWSER=1`` is set, that line is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tools.serve import SITE, Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# In new versions of Chromium popups of the address bar are programs in JavaScript. Each new page
# starts them, though there is no window to see them in, and they take more time than the page. Of
# several lists Chromium heeds the last one alone, so Playwright's own names are in this one, too.
UNWANTED = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but the loopback address resolves, so a test never leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    f"--disable-features={','.join(UNWANTED)}",
)


DROP_BARE_MARKS = """() => {
    const boxes = [...document.querySelectorAll('mjx-math[aria-hidden=true], .highlight pre')];
    const wanted = 'a, button, input, select, textarea, summary, [tabindex], [role], [aria-label]';
    const kept = boxes.filter(box => box.querySelector(wanted));
    for (const box of boxes.filter(box => !kept.includes(box)))
        box.replaceChildren(...(box.localName === 'pre' ? [box.textContent] : []));
    return kept.filter(box => box.localName !== 'pre').map(box => box.outerHTML.slice(0, 160));
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for ``site_page`` runs once for each page of the site."""
    if "site_page" in metafunc.fixturenames:
        # Where nothing is built, one name is enough for the line that says so.
        metafunc.parametrize("site_page", site_pages() or ["book/index.html"])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The weights of the pages, heaviest first, with whichever worker they were taken."""
    passed = terminalreporter.stats.get("passed", [])
    weights = {
        report.nodeid: value
        for report in passed
        for name, value in report.user_properties
        if name == "weight" and report.when == "call"
    }
    if weights:
        terminalreporter.section("weight of a first visit, gzipped where that helps")
        for node, value in sorted(weights.items(), key=lambda item: -item[1]):
            terminalreporter.write_line(f"{value / 1000:7.0f} kB  {node.partition('[')[2][:-1]}")


def lacking(what: str) -> None:
    """End the test: a skip on a reader's machine, a failure where a browser is demanded."""
    if os.environ.get("CI_REQUIRE_BROWSER") == "1":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def chromium() -> str | None:
    """The browser named by CHROMIUM, else the first well-known name on the path."""
    names = (os.environ.get("CHROMIUM"), *BROWSERS)
    return next((path for name in names if name and (path := shutil.which(name))), None)


def site_pages() -> list[str]:
    """Each page of the built site, as a path relative to its root; [] where nothing is built."""
    found = sorted(SITE.rglob("*.html"))
    pages = [p.relative_to(SITE).as_posix() for p in found if "_static" not in p.parts]
    return [page for page in pages if page != "index.html"]  # the root only redirects


def read(page: str) -> str:
    """The source of a page, without its scripts."""
    text = (SITE / page).read_text(encoding="utf-8")
    return re.sub(r"<script\b[^>]*>.*?</script>", "", text, flags=re.DOTALL)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the built site, with a slash at its end."""
    if not (SITE / "book" / "index.html").is_file():
        lacking("the browser tests need the built site: run `make book` first")
    with Server(SITE) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.address
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the whole session (a playwright ``Browser``)."""
    executable = chromium()
    if executable is None:
        lacking(
            "the browser tests need Chromium: install it (Debian: apt-get install chromium) "
            "or name it in the variable CHROMIUM"
        )
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -e '.[test]'")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()


@dataclass
class Visit:
    """An open page and everything it asked for and complained about."""

    page: Any
    site: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        self.page.on("console", self._listen)
        self.page.on("response", self._judge)

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(f"console: {message.text}")

    def _judge(self, response: Any) -> None:
        if response.status >= 400:
            self.errors.append(f"{response.status}: {response.url}")

    @property
    def foreign(self) -> list[str]:
        """Requests to any other host than the site's own."""
        own = (self.site, "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(own)]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def axe(self, **options: Any) -> list[str]:
        """The rules of axe-core that the page breaks, each with the elements that break it."""
        return run_axe(self.page, **options)

    def drop_bare_marks(self) -> None:
        """Take out of the page what has a look but no meaning; axe is twice as fast without it.

        That is the glyphs of formulas, which are hidden beside their MathML, and the colours of
        code. Nothing among them may take the focus. Colours and formulas must be looked at before.
        """
        assert self.page.evaluate(DROP_BARE_MARKS) == []


def run_axe(page: Any, within: str | None = None, **options: Any) -> list[str]:
    """Run axe-core (all its rules) on the page, or on a part of it; [] means no violation."""
    from axe_playwright_python.sync_playwright import Axe

    # Without preload, as axe would fetch style sheets from addresses that no page asks for.
    report = Axe().run(
        page, within, options={"resultTypes": ["violations"], "preload": False, **options}
    )
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]} ({node['target']})"
        for violation in report.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="session")
def contexts(browser: Any) -> Iterator[Callable[..., Any]]:
    """One browser context per combination, kept: its cache makes the second page cheap."""
    made: dict[tuple, Any] = {}

    def get(scheme: str, width: int, javascript: bool) -> Any:
        key = (scheme, width, javascript)
        if key not in made:
            made[key] = browser.new_context(
                color_scheme=scheme,
                viewport={"width": width, "height": 900},
                java_script_enabled=javascript,
                reduced_motion="reduce",
            )
        return made[key]

    yield get
    for context in made.values():
        context.close()


@pytest.fixture
def open_page(site: str, contexts: Callable[..., Any]) -> Iterator[Callable[..., Visit]]:
    """Open a page of the site: ``open_page(path, scheme=, width=, javascript=) -> Visit``.

    The visit has loaded, typeset its formulas and come to rest when it is handed over.
    """
    visits: list[Visit] = []

    def go(
        path: str, *, scheme: str = "light", width: int = 1280, javascript: bool = True
    ) -> Visit:
        visit = Visit(contexts(scheme, width, javascript).new_page(), site)
        visits.append(visit)
        visit.page.goto(site + path, wait_until="load")
        if javascript:
            visit.page.evaluate("() => window.MathJax?.startup?.promise")
        visit.page.wait_for_load_state("networkidle")
        return visit

    yield go
    for visit in visits:
        visit.page.close()
