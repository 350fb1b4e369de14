"""Measure how a page of the built site loads: its weight, long tasks, blocking and shifts.

    python -m tools.page_speed book/batch_norm.html book/cost_functions.html
    python -m tools.page_speed book/batch_norm.html --site OTHER/_build/html --site _build/html

Each page is opened several times in a fresh profile of Chromium, as on a desktop and as on a slow
phone (CPU four times slower, 1.6 Mbit/s, 150 ms away). Times are those that the page's main thread
spent on the processor, so that a busy machine does not count; with several sites the visits
alternate. The medians are printed:

* kB: what the first visit transfers, compressed as hosts do,
* longest: the longest task in ms,
* blocking: what tasks take beyond 50 ms each, summed, in ms,
* shift: the cumulative layout shift,
* grows: by how many pixels the page's height changes once its HTML is there.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import statistics
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.serve import SITE

DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"width": 1280, "slower": 1, "network": None},
    "phone": {
        "width": 390,
        "slower": 4,
        "network": {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000},
    },
}
PATIENCE = 180_000  # milliseconds
OBSERVE = """() => {
    window.measured = {shift: 0, height: 0};
    new PerformanceObserver(list => {
        for (const shift of list.getEntries())
            if (!shift.hadRecentInput) measured.shift += shift.value;
    }).observe({type: 'layout-shift', buffered: true});
    document.addEventListener('DOMContentLoaded', () => {
        measured.height = document.documentElement.scrollHeight;
    });
}"""
GROWS = "() => document.documentElement.scrollHeight - measured.height"
TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]


class Compressing(SimpleHTTPRequestHandler):
    """Sends text compressed, as static hosts do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        packed = path.suffix in {".woff", ".woff2", ".png", ".jpg", ".webp"}
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if not packed:
            content = gzip.compress(content, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """A site's address while it is served."""

    def handler(*args: Any) -> Compressing:
        return Compressing(*args, directory=str(site))

    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@contextmanager
def traced(browser: Any, page: Any) -> Iterator[list[dict[str, Any]]]:
    """The events of Chromium's own trace; there once the block has been left."""
    events: list[dict[str, Any]] = []
    over: list[Any] = []
    control = browser.new_browser_cdp_session()
    control.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    control.on("Tracing.tracingComplete", lambda data: over.append(data))
    control.send("Tracing.start", {"traceConfig": {"includedCategories": TRACED}})
    yield events
    control.send("Tracing.end")
    while not over:
        page.wait_for_timeout(50)
    control.detach()


def tasks(events: list[dict[str, Any]]) -> list[float]:
    """The milliseconds of processor time of each task of the thread that laid out most.

    >>> thread = {"pid": 1, "tid": 1}
    >>> layout = thread | {"name": "Layout", "tdur": 2000}
    >>> tasks([layout, thread | {"name": "RunTask", "tdur": 9000}])
    [9.0]
    """
    spent: dict[tuple[int, int], float] = defaultdict(float)
    for event in events:
        if event["name"] == "Layout":
            spent[event["pid"], event["tid"]] += event.get("tdur", 0)
    main = max(spent, key=lambda thread: spent[thread])
    return [
        event.get("tdur", 0) / 1000
        for event in events
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) == main
    ]


def visit(browser: Any, address: str, device: dict[str, Any]) -> dict[str, float]:
    """Open a page in a fresh profile and return what was measured."""
    context = browser.new_context(viewport={"width": device["width"], "height": 900})
    page = context.new_page()
    page.add_init_script(f"({OBSERVE})()")
    control = context.new_cdp_session(page)
    control.send("Network.enable")
    received: list[int] = []
    control.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
    control.send("Emulation.setCPUThrottlingRate", {"rate": device["slower"]})
    if device["network"]:
        control.send("Network.emulateNetworkConditions", {"offline": False, **device["network"]})
    with traced(browser, page) as events:
        page.goto(address, wait_until="load", timeout=PATIENCE)
        page.wait_for_load_state("networkidle", timeout=PATIENCE)
        page.evaluate("() => window.MathJax?.startup?.promise?.then(() => 0)")
        page.wait_for_timeout(500)
    found = {"shift": page.evaluate("() => measured.shift"), "grows": page.evaluate(GROWS)}
    context.close()
    durations = tasks(events)
    return {
        "kB": sum(received) / 1000,
        "longest": max(durations),
        "blocking": sum(max(0, duration - 50) for duration in durations),
        **found,
    }


def measure(browser: Any, sites: list[str], page: str, device: str, rounds: int) -> None:
    """Print a line a site: the medians over the rounds."""
    visits: dict[int, list[dict[str, float]]] = {number: [] for number in range(len(sites))}
    for _ in range(rounds):
        for number, site in enumerate(sites):
            visits[number].append(visit(browser, site + page, DEVICES[device]))
    for number, found in visits.items():
        medians = {name: statistics.median(v[name] for v in found) for name in found[0]}
        figures = (
            f"{medians['kB']:7.0f} {medians['longest']:8.0f} {medians['blocking']:9.0f} "
            f"{medians['shift']:6.3f} {medians['grows']:7.0f}"
        )
        print(f"{device:8} {number:4} {figures}  {page}", flush=True)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description="Measure how pages of the built site load.")
    parser.add_argument("pages", nargs="+", help="paths in the site, such as book/index.html")
    parser.add_argument("--site", action="append", type=Path, help="a built site; may be repeated")
    parser.add_argument("--rounds", type=int, default=3, help="visits of each page (3)")
    parser.add_argument("--device", choices=DEVICES, action="append", help="one of them only")
    options = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("page_speed: install Chromium or name it in the variable CHROMIUM")
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        sites = [stack.enter_context(served(site)) for site in options.site or [SITE]]
        print("device   site      kB  longest  blocking  shift   grows  page")
        for page in options.pages:
            for device in options.device or DEVICES:
                measure(browser, sites, page, device, options.rounds)
        browser.close()


if __name__ == "__main__":
    main()
