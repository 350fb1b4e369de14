"""Serve the built site on the loopback address, as its static host will.

    python -m tools.serve [PORT]

Beside ``/`` the site answers at the path of its published address, and a missing page is answered
with the site's own page for that case.
"""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tools.course import ROOT, config

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


class Server(ThreadingHTTPServer):
    """A server of one folder on the loopback address; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, folder: Path = SITE, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), partial(Handler, directory=str(folder)))

    @property
    def address(self) -> str:
        """Where the site is, with a slash at its end."""
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, *args: Any) -> None:
        """A reader who leaves before the last byte is no error."""


def main() -> None:
    """Serve until interrupted."""
    if not SITE.is_dir():
        sys.exit("serve: there is no site yet; run `make book` first")
    with Server(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8000) as server:
        print(f"the course is at {server.address}  (stop with Ctrl+C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
