"""Messages between grader and sandbox: four bytes of length, then JSON. Never a pickle."""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

LARGEST = 16 * 2**20
_LENGTH = struct.Struct("!I")


class WireError(Exception):
    """The other side is gone, or sent what is no message."""


def send(link: socket.socket, message: Any, files: tuple[int, ...] = ()) -> None:
    """Send a message, and open files with it."""
    data = json.dumps(message).encode()
    head = _LENGTH.pack(len(data))
    try:
        if files:
            socket.send_fds(link, [head], list(files))
        else:
            link.sendall(head)
        link.sendall(data)
    except OSError as error:
        raise WireError(str(error)) from None


def receive(link: socket.socket, files: int = 0) -> tuple[Any, list[int]]:
    """The next message and the files that came with it; a :class:`WireError` at the end, after the
    socket's time limit (``TimeoutError`` is let through), or for what is no message."""
    handed: list[int] = []
    if files:
        head, handed, _, _ = socket.recv_fds(link, _LENGTH.size, files)
    else:
        head = link.recv(_LENGTH.size)
    head += _exactly(link, _LENGTH.size - len(head)) if head else b""
    if not head:
        raise WireError("closed")
    (length,) = _LENGTH.unpack(head)
    if length > LARGEST:
        _close(handed)
        raise WireError(f"a message of {length} bytes")
    try:
        return json.loads(_exactly(link, length)), handed
    except (ValueError, RecursionError) as error:
        _close(handed)
        raise WireError(f"no message: {error}") from None


def _exactly(link: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        try:
            piece = link.recv(min(length - len(data), 2**18))
        except ConnectionError as error:
            raise WireError(str(error)) from None
        if not piece:
            raise WireError("closed in the middle of a message")
        data += piece
    return bytes(data)


def _close(files: list[int]) -> None:
    for file in files:
        os.close(file)
