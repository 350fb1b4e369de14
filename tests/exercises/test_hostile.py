"""Answers that are no answers: each gets a reply, and the next check works."""

from __future__ import annotations

import signal
import time

import pytest

import lecturelib

FORWARD = "batch-norm-forward"


def right(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt() + beta


class LoopingError(Exception):
    def __str__(self):
        while True:
            pass


class LoopingName:
    @property
    def __name__(self):
        while True:
            pass

    def __call__(self, x, gamma, beta, eps):
        return right(x, gamma, beta, eps)


class LoopingHash:
    def __hash__(self):
        while True:
            pass


def yields(x, gamma, beta, eps):
    yield from right(x, gamma, beta, eps)


def holds_itself(x, gamma, beta, eps):
    items: list = []
    items.append(items)
    return items


def raises_strangely(x, gamma, beta, eps):
    raise LoopingError


def takes_the_alarm(x, gamma, beta, eps):
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return right(x, gamma, beta, eps)


ANSWERS = {
    "an error whose text loops": (raises_strangely, "not yet"),
    "a name that loops": (LoopingName(), "not yet"),
    "a hash that loops": (lambda x, gamma, beta, eps: {LoopingHash(): 1}, "not yet"),
    "a generator": (yields, "passed"),
    "a list that holds itself": (holds_itself, "not yet"),
    "a long number": (lambda x, gamma, beta, eps: 10**5000, "not yet"),
    "a long text": (lambda x, gamma, beta, eps: "x" * 10**7, "not yet"),
    "another alarm": (takes_the_alarm, "passed"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_each_gets_a_reply(what):
    answer, status = ANSWERS[what]
    start = time.process_time()
    reply = lecturelib.check(FORWARD, answer)
    assert reply.status == status, reply
    assert len(repr(reply)) < 5_000
    assert time.process_time() - start < 8
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert lecturelib.check(FORWARD, right)
