"""Fetch a file once: from several addresses, going on where a broken transfer stopped, checked."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BLOCK = 1 << 16
TIMEOUT = 30.0
"""Seconds without a byte after which a transfer counts as broken."""
ATTEMPTS = 2
"""How often each address is tried."""


class DownloadError(OSError):
    """A file could not be fetched; the message names each address with what went wrong there."""


class _BrokenTransfer(OSError):
    """The connection ended before the file did."""


def fetch(
    name: str, root: Path | str, *, mirrors: Sequence[str], md5: str, progress: bool = True
) -> Path:
    """The path of a file in ``root`` that has the checksum, fetched if it is not there yet.

    What has arrived of a broken transfer stays in ``<name>.part``; the next attempt, with the same
    mirror or another one, asks for the rest (HTTP Range). The file gets its name only when its
    checksum is right, so that a file with its name is whole.

    Raises:
        DownloadError: If no mirror gave the file.
    """
    path = Path(root) / name
    if path.is_file() and _digest(path) == md5:
        return path
    part = path.with_name(f"{name}.part")
    problems = [f"{path} is there, but its checksum is wrong"] if path.is_file() else []
    if mirrors:
        path.parent.mkdir(parents=True, exist_ok=True)
    for mirror in [mirror for mirror in mirrors for _ in range(ATTEMPTS)]:
        url = f"{mirror.rstrip('/')}/{name}"
        try:
            _transfer(url, part, progress=progress)
        except (OSError, http.client.HTTPException) as error:
            problems.append(f"{url}: {error}")
            continue
        if _digest(part) == md5:
            os.replace(part, path)
            return path
        part.unlink()
        problems.append(f"{url}: the file that came has another checksum")
    raise DownloadError(_message(name, path, problems))


def _transfer(url: str, part: Path, *, progress: bool) -> None:
    """Append to ``part`` what is missing of the file, or begin anew if the server sends it all."""
    from tqdm.auto import tqdm

    have = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": "lecturelib", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        response = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=TIMEOUT
        )
    except urllib.request.HTTPError as error:
        error.close()
        if have and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing: the checksum decides
        raise
    with response:
        start = _start(response, have)
        total = start + int(response.headers.get("Content-Length") or 0)
        with part.open("ab") as file, tqdm(
            total=total or None, initial=start, desc=part.stem, unit="B", unit_scale=True,
            disable=not progress,
        ) as bar:  # fmt: skip
            file.truncate(start)
            while block := response.read(BLOCK):
                file.write(block)
                bar.update(len(block))
    size = part.stat().st_size
    if size < total:
        raise _BrokenTransfer(f"the connection ended after {size:,} of {total:,} bytes")


def _start(response: Any, have: int) -> int:
    """Where the body of the response begins in the file: 0, unless the server resumes."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != have:
        raise _BrokenTransfer(f"the server resumed at another byte than {have:,}")
    return have


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _message(name: str, path: Path, problems: Sequence[str]) -> str:
    """What was tried, and what to do."""
    lines = [f"{name} could not be fetched.", *(f"  {problem}" for problem in problems)]
    if not problems:
        lines.append("  no address was given")
    lines.append(
        "Check the connection and call again: what has arrived is kept, and the transfer goes on "
        f"there. Or put the file at {path} yourself; its checksum is verified."
    )
    return "\n".join(lines)
