"""Serve the built site on the loopback address, as its static host will.

    python -m tools.serve [PORT]
    python -m tools.serve --live [PORT]    and build what changes; open pages show it at once

Beside ``/`` the site answers at the path of its published address, and a missing page is answered
with the site's own page for that case. The files of the site are sent as they are; with ``--live``
each page gets a script on its way, which is in no file, to hear of changes.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tools.course import ROOT, config
from tools.live import STREAM, Builder, News, snapshot, watch, with_script

SITE = ROOT / "_build" / "html"
PREFIX = urlparse(config()["html"]["baseurl"]).path.rstrip("/")
"""Path of the published address: the root of every absolute link."""


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, quietly."""

    def translate_path(self, path: str) -> str:
        """The file for an address, with or without the published address's path before it."""
        if path == PREFIX or path.startswith(PREFIX + "/"):
            path = path[len(PREFIX) :] or "/"
        return super().translate_path(path)

    def send_error(self, code: int, *args: Any, **kwargs: Any) -> None:
        """Answer a missing page as the static host does."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, *args, **kwargs)
            return
        content = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Say nothing: the log of a local site interests nobody."""


class LiveHandler(Handler):
    """The same, with news of changes for the pages that are open."""

    news: News
    patience = 15.0
    """Seconds after which a line that says nothing tells whether the reader is still there."""

    def do_GET(self) -> None:
        """Answer the stream of news, pages with a script added, and files."""
        path, _, query = self.path.partition("?")
        if path == STREAM:
            with contextlib.suppress(ConnectionError):
                self._stream(int(query.removeprefix("after=") or 0))
        elif (page := self._page()) is not None:
            self._send(page)
        else:
            super().do_GET()

    def _page(self) -> bytes | None:
        """The page that is asked for, with the script; None for other files."""
        path = Path(self.translate_path(self.path.partition("?")[0]))
        path = path / "index.html" if path.is_dir() and self.path.endswith("/") else path
        if path.suffix != ".html" or not path.is_file():
            return None
        number = self.news.number  # before the page is read: a build in between is news to it
        return with_script(path.read_bytes(), number)

    def _send(self, page: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def end_headers(self) -> None:
        """Nothing is shown from a cache unasked: a style sheet may change as well as a page."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def _stream(self, number: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        while True:
            came = self.news.after(number, self.patience)
            if came is None:
                self.wfile.write(b": still here\n\n")
            else:
                number, event, text = came
                data = "".join(f"data: {line}\n" for line in (text or event).splitlines())
                self.wfile.write(f"event: {event}\n{data}\n".encode())
            self.wfile.flush()


class Server(ThreadingHTTPServer):
    """A server of one folder on the loopback address; port 0 takes a free one."""

    daemon_threads = True

    def __init__(
        self, folder: Path = SITE, port: int = 0, handler: type[Handler] = Handler
    ) -> None:
        super().__init__(("127.0.0.1", port), partial(handler, directory=str(folder)))

    @property
    def address(self) -> str:
        """Where the site is, with a slash at its end."""
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, *args: Any) -> None:
        """A reader who leaves before the last byte is no error."""


def live_handler(news: News) -> type[LiveHandler]:
    """A handler whose pages hear of these news."""
    return type("HandlerOfNews", (LiveHandler,), {"news": news})


@contextlib.contextmanager
def building(news: News) -> Iterator[None]:
    """Watch the sources and build what changes, until the block ends."""
    builder = Builder()
    builder.start()
    threading.Thread(target=watch, args=(news, builder.build, snapshot(ROOT)), daemon=True).start()
    try:
        yield
    finally:
        builder.stop()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the built site.")
    parser.add_argument("--live", action="store_true", help="build what changes, and reload pages")
    parser.add_argument("port", type=int, nargs="?", default=8000)
    options = parser.parse_args()
    if not SITE.is_dir():
        sys.exit("serve: there is no site yet; run `make book` first")
    news = News()
    handler = live_handler(news) if options.live else Handler
    work = building(news) if options.live else contextlib.nullcontext()
    with Server(port=options.port, handler=handler) as server, work:
        print(f"the course is at {server.address}  (stop with Ctrl+C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
