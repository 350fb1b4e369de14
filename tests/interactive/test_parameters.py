"""What may be moved, and the errors that say what is wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.interactive.parameters import combinations, read_parameters, start_frame


def anything(**parameters):
    """A figure function that takes all."""


def one(**spec):
    (parameter,) = read_parameters(anything, spec)
    return parameter


@pytest.mark.parametrize(
    ("spec", "values", "start", "kind"),
    [
        ([1, 2, 4], (1, 2, 4), 0, "range"),
        ((0, 10, 6), (0, 2, 4, 6, 8, 10), 3, "range"),
        ((0.1, 0.3, 3), (0.1, 0.2, 0.3), 1, "range"),
        (range(3), (0, 1, 2), 0, "range"),
        (np.array([0.5, 1.0]), (0.5, 1.0), 0, "range"),
        ((1, 2), (1, 2), 0, "range"),
        (["a", "b"], ("a", "b"), 0, "choice"),
        ([None, 1], (None, 1), 0, "choice"),
        ([True, False], (True, False), 0, "choice"),
        (True, (False, True), 1, "switch"),
        (False, (False, True), 0, "switch"),
        ("relu", ("relu",), 0, "choice"),
    ],
)
def test_kinds(spec, values, start, kind):
    parameter = one(n=spec)
    assert (parameter.values, parameter.start, parameter.kind) == (values, start, kind)
    assert all(type(v).__module__ == "builtins" for v in parameter.values)


def test_functions_default_is_the_start():
    def figure(n=4, name="b", other=9):
        pass

    parameters = read_parameters(figure, {"n": [2, 4, 8], "name": ["a", "b"], "other": [1, 2]})
    assert [p.values[p.start] for p in parameters] == [4, "b", 1]


@given(st.lists(st.integers(2, 4), min_size=1, max_size=4), st.data())
def test_start_frame_is_the_number_of_the_starting_values(sizes, data):
    specs = {f"p{i}": list(range(n)) for i, n in enumerate(sizes)}
    parameters = read_parameters(anything, specs)
    frames = combinations(parameters)
    assert len(frames) == np.prod(sizes)
    assert frames[start_frame(parameters)] == {p.name: p.values[p.start] for p in parameters}
    # The player's arithmetic: the number of a frame from the numbers of its values.
    at = [data.draw(st.integers(0, n - 1)) for n in sizes]
    number = 0
    for n, i in zip(sizes, at, strict=True):
        number = number * n + i
    assert list(frames[number].values()) == at


def test_texts():
    parameter = one(gamma_scale=(0.0, 1.0, 11))
    assert parameter.label == "γ scale"
    assert [parameter.text(i) for i in (0, 3)] == ["0", "0.3"]
    assert one(use=True).text(0) == "off"
    assert str(one(n=[1, 2])) == "n: 1 | 2"


@pytest.mark.parametrize(
    ("specs", "error", "message"),
    [
        ({}, TypeError, "at least one parameter"),
        ({"n": [[1], [2]]}, TypeError, r"n holds \[1\], of type list, which can't be hashed"),
        ({"n": [{"a": 1}]}, TypeError, "type dict"),
        ({"n": 3}, TypeError, "n=3 is no set of values"),
        ({"n": {1, 2}}, TypeError, "is no set of values"),
        ({"n": []}, ValueError, "n has no values"),
        ({"n": [1, 1]}, ValueError, "twice"),
        ({"n": (0.0, 1.0, 1)}, ValueError, "at least 2"),
        ({"n": (0.0, 1.0, 2.5)}, ValueError, "must be an integer"),
        (
            {"n": range(20), "m": range(20)},
            ValueError,
            "20 n × 20 m = 400 frames, more than the 256",
        ),
    ],
)
def test_errors(specs, error, message):
    with pytest.raises(error, match=message):
        read_parameters(anything, specs)


def test_function_that_does_not_take_the_parameter():
    def figure(n):
        pass

    with pytest.raises(TypeError, match=r"figure\(n\) does not fit: got an unexpected keyword"):
        read_parameters(figure, {"n": [1], "m": [2]})
