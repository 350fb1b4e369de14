"""What is wrong with an answer, and the answer that is none yet."""

from __future__ import annotations

from typing import Any


class Finding(Exception):
    """What is wrong with an answer: a code of its own, and the words of the subject."""

    def __init__(self, code: str, says: str, *, tried: str = "", got: str = "") -> None:
        super().__init__(code, says)
        self.code, self.says, self.tried, self.got = code, says, tried, got
        self.code_lines: tuple[str, ...] = ()
        self.error: BaseException | None = None

    def __str__(self) -> str:
        return self.says

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.says), self.__dict__


class NotAnswered(Exception):
    """The answer is still the empty form that the exercise came with."""
