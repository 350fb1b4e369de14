"""normalization-family-switch: a norm that mixes the statistics of three."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

DIMS = ((0, 2), (1, 2), (2,))  # batch, layer, instance


def formula(
    x: Tensor,
    weights: Tensor,
    eps: float,
    *,
    mixed: str = "variances",
    dims: tuple[tuple[int, ...], ...] = DIMS,
    correction: int = 0,
    use_eps: bool = True,
    order: tuple[int, ...] = (0, 1, 2),
    about: str = "own",
) -> Tensor:
    """The mixture, with an argument for each way to get it wrong."""
    eps = eps if use_eps else 0.0
    w = [weights[i] for i in order]
    means = [x.mean(d, keepdim=True).expand(x.shape) for d in dims]
    mean: Tensor = sum((a * m for a, m in zip(w, means, strict=True)), torch.zeros_like(x))
    if about == "mixed":
        variances = [((x - mean) ** 2).mean(d, keepdim=True).expand(x.shape) for d in dims]
    else:
        variances = [x.var(d, keepdim=True, correction=correction).expand(x.shape) for d in dims]
    if mixed == "outputs":
        parts = [(x - m) / (v + eps).sqrt() for m, v in zip(means, variances, strict=True)]
        return sum((a * part for a, part in zip(w, parts, strict=True)), torch.zeros_like(x))
    if mixed == "deviations":
        size: Tensor = sum(
            (a * (v + eps).sqrt() for a, v in zip(w, variances, strict=True)), torch.zeros_like(x)
        )
        return (x - mean) / size
    variance: Tensor = sum((a * v for a, v in zip(w, variances, strict=True)), torch.zeros_like(x))
    return (x - mean) / (variance + eps).sqrt()


def oracle(x: Tensor, weights: Tensor, eps: float) -> Tensor:
    """Value by value, from the lists of those that share a statistic."""
    y = torch.empty_like(x)
    for n, c, k in torch.cartesian_prod(*(torch.arange(size) for size in x.shape)).tolist():
        shared = (x[:, c].flatten(), x[n].flatten(), x[n, c])
        mean = torch.stack([values.mean() for values in shared])
        square = torch.stack([(values**2).mean() for values in shared])
        variance = weights @ (square - mean**2)
        y[n, c, k] = (x[n, c, k] - weights @ mean) / (variance + eps) ** 0.5
    return y


SLIPS = (
    Slip(
        "outputs-mixed",
        "You mix the outputs of the three norms. Asked is one norm with mixed statistics.",
        {"mixed": "outputs"},
    ),
    Slip(
        "deviations-mixed",
        "You mix the standard deviations. The statement mixes the variances, and takes one root.",
        {"mixed": "deviations"},
    ),
    Slip(
        "variance-about-the-mixed-mean",
        "Your variances are taken about the mixed mean. Each norm has a variance of its own, about "
        "its own mean.",
        {"about": "mixed"},
    ),
    Slip(
        "unbiased",
        "Your variances divide by one less than the number of values. Norms divide by that number.",
        {"correction": 1},
    ),
    Slip("eps-ignored", "eps plays no part in your output.", {"use_eps": False}),
    Slip(
        "batch-and-layer-swapped",
        "The weights of batch norm and layer norm have changed places. Which of the two averages "
        "over samples?",
        {"order": (1, 0, 2)},
    ),
    Slip(
        "places-left-out",
        "Your batch norm averages over the samples of each place by itself. The places of a channel"
        " belong together.",
        {"dims": ((0,), (1, 2), (2,))},
    ),
    Slip(
        "layer-place-by-place",
        "Your layer norm averages over the channels of each place by itself. Here it takes all "
        "channels and places of a sample.",
        {"dims": ((0, 2), (1,), (2,))},
    ),
    Slip(
        "all-in-one",
        "Your batch norm takes all channels together. It has one statistic a channel.",
        {"dims": ((0, 1, 2), (1, 2), (2,))},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, shape: tuple[int, ...], weights: list[float], eps: float) -> Case:
        x = draws.normal(*shape, mean=1.0, std=2.0) + draws.normal(shape[0], shape[1], 1)
        arguments = {"x": x, "weights": torch.tensor(weights, dtype=torch.float64), "eps": eps}
        return Case(special, arguments)

    cases = (
        case("a mixture of three", (3, 4, 5), [0.5, 0.3, 0.2], 0.1),
        case("batch norm alone", (4, 3, 2), [1.0, 0.0, 0.0], 0.05),
        case("layer norm alone", (2, 5, 3), [0.0, 1.0, 0.0], 0.05),
        case("a batch of one", (1, 3, 6), [0.2, 0.5, 0.3], 0.1),
    )
    judge(trial, cases, oracle, parts=("the output",), formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="normalization-family-switch",
    title="A norm that mixes three",
    chapter="normalization_family",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function switch_norm(x, weights, eps) that returns the output, of the shape of x",
    hints=(
        "Over which dimensions of (N, C, L) does each of the three norms average?",
        "Keep the dimensions when you average, and the statistics add up by broadcasting.",
        "Mix three means and three biased variances; then normalize once.",
    ),
    examine=examine,
)
