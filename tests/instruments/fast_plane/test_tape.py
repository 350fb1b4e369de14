"""Recorded calls. Oracle: the function itself, called with the other numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.instruments._fast_plane.points import Points
from lecturelib.instruments._fast_plane.tape import Tape


def record(x: Tensor, function) -> tuple[Tape, Points]:
    """Call a function of points, whose values are those of x."""
    tape = Tape()
    result = function(Points(tape, x, x))
    tape.settle()
    return tape, result


def test_a_replay_gives_what_the_function_gives(rng):
    def function(x):
        y = torch.tanh(x) * x
        return y + torch.exp(x - y).square() / 3

    x = torch.randn(6, 5, generator=rng)
    tape, result = record(x, function)
    torch.testing.assert_close(result.stack, function(x))
    for _ in range(2):
        x.normal_(generator=rng)
        tape.replay()
        torch.testing.assert_close(result.stack, function(x))


def test_a_chain_works_on_one_memory_and_what_is_held_stays(rng):
    def chain(x):
        for _ in range(10):
            x = x + 1
            x = torch.tanh(x)
        return x

    def holds(x):
        first = torch.exp(x)
        return chain(first) * first

    x = torch.randn(6, 5, generator=rng)
    for function, memories in ((chain, 1), (holds, 2)):
        tape, result = record(x, function)
        x.normal_(generator=rng)
        tape.replay()
        torch.testing.assert_close(result.stack, function(x))
        assert len({step.keywords["out"].data_ptr() for step in tape.steps}) == memories


def test_functions_that_only_return_are_written(rng):
    x = torch.randn(6, 5, generator=rng)
    tape, result = record(x, lambda x: torch.selu(x) + 1)
    x.normal_(generator=rng)
    tape.replay()
    torch.testing.assert_close(result.stack, torch.selu(x) + 1)


def test_tensors_from_elsewhere_are_watched():
    tape, constant = Tape(), torch.ones(3)
    tape.watch([constant])
    assert tape.unchanged()
    constant += 1
    assert not tape.unchanged()
