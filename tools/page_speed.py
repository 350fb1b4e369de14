"""Measure how a page of the built site loads: its weight, long tasks, blocking and shifts.

    python -m tools.page_speed book/batch_norm.html book/cost_functions.html
    python -m tools.page_speed book/batch_norm.html --site OTHER/_build/html --site _build/html

Each page is opened several times in a fresh Chromium, as on a desktop and as on a slow phone (CPU
four times slower, 1.6 Mbit/s, 150 ms away). With several sites the visits alternate, so that a
busy machine is equally unfair to all. The medians are printed:

* kB: what the first visit transfers, compressed as hosts do,
* longest: the longest task of the main thread in ms,
* blocking: what tasks take beyond 50 ms each, summed,
* last: when the last long task ends, in s,
* shift: the cumulative layout shift,
* grows: by how many pixels the height changes after the first paint.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
OBSERVE = """() => {
    window.measured = {tasks: [], shift: 0, heights: []};
    const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note))
        .observe({type, buffered: true});
    watch('longtask', task => measured.tasks.push([task.startTime, task.duration]));
    watch('layout-shift', shift => { if (!shift.hadRecentInput) measured.shift += shift.value; });
    watch('paint', () => measured.heights.push(document.documentElement.scrollHeight));
}"""
READ = "() => (measured.heights.push(document.documentElement.scrollHeight), measured)"


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


def visit(browser: Any, address: str, device: dict[str, Any]) -> dict[str, float]:
    """Open a page in a fresh profile and return what was measured."""
    size = {"width": device["width"], "height": 900}
    context = browser.new_context(viewport=size)
    page = context.new_page()
    page.add_init_script(f"({OBSERVE})()")
    control = context.new_cdp_session(page)
    control.send("Network.enable")
    received: list[int] = []
    control.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
    control.send("Emulation.setCPUThrottlingRate", {"rate": device["slower"]})
    if device["network"]:
        control.send("Network.emulateNetworkConditions", {"offline": False, **device["network"]})
    page.goto(address, wait_until="load", timeout=180_000)
    page.wait_for_load_state("networkidle", timeout=180_000)
    page.evaluate("() => window.MathJax?.startup?.promise?.then(() => 0)")
    page.wait_for_timeout(500 * device["slower"])
    found = page.evaluate(READ)
    context.close()
    durations = [duration for _, duration in found["tasks"]]
    return {
        "kB": sum(received) / 1000,
        "longest": max(durations, default=0),
        "blocking": sum(max(0, duration - 50) for duration in durations),
        "last": max((sum(task) / 1000 for task in found["tasks"]), default=0),
        "shift": found["shift"],
        "grows": found["heights"][-1] - found["heights"][0],
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
            f"{medians['last']:6.1f} {medians['shift']:6.3f} {medians['grows']:7.0f}"
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
    from contextlib import ExitStack

    from playwright.sync_api import sync_playwright

    with ExitStack() as stack, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        sites = [stack.enter_context(served(site)) for site in options.site or [SITE]]
        print("device   site      kB  longest  blocking   last  shift   grows  page")
        for page in options.pages:
            for device in options.device or DEVICES:
                measure(browser, sites, page, device, options.rounds)
        browser.close()


if __name__ == "__main__":
    main()
