"""batch-norm-in-networks-placement: does batch norm, before or after the sigmoid, add functions?"""

from __future__ import annotations

import re
from typing import Any

from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

VERDICTS = ("more", "same", "fewer")
REASONS = ("before", "after", "fixed", "parameters")
NETWORKS = {
    "A": "linear → batch norm with γ and β → sigmoid",
    "B": "linear → sigmoid → batch norm with γ and β → linear",
    "C": "linear → batch norm without γ and β → sigmoid",
    "D": "linear → sigmoid → batch norm without γ and β → linear",
}

_DENIALS = {"not", "no", "never", "neither", "nor"}  # "not the same" is no choice of these

# What to say about a wrong verdict or reason, by network.
_SAYS = {
    "A-more": (
        "γ and β are new parameters. Are there functions that they make and a linear layer with "
        "bias cannot? With frozen statistics, write batch norm of Wx + b as a formula of x."
    ),
    "A-fewer": (
        "You say that normalizing takes functions away. γ and β can put scale and mean back."
    ),
    "A-after": "For A you fold batch norm into the layer after it. What comes next is a sigmoid.",
    "A-fixed": "For A you argue with a fixed mean and scale. γ and β set both.",
    "A-parameters": (
        "For A you argue with the number of parameters. Two parametrizations may hold the same "
        "functions."
    ),
    "B-more": (
        "The outputs of the sigmoid can now be negative, so each channel looks freer. But ask for "
        "the function of the whole network: what does the next linear layer do with them?"
    ),
    "B-fewer": "You say that B loses functions. Can the next layer undo the normalization?",
    "B-before": (
        "For B you fold batch norm into the layer before it. There is a sigmoid between the two."
    ),
    "B-fixed": "For B you argue with a fixed mean and scale. γ, β and the next layer set both.",
    "B-parameters": (
        "For B you argue with the number of parameters. Two parametrizations may hold the same "
        "functions."
    ),
    "C-same": (
        "Without γ and β, what are mean and variance of each channel before the sigmoid, whatever "
        "the weights are? Does the linear layer alone have that restriction?"
    ),
    "C-more": "A step without parameters cannot add functions. Which does it take away?",
    "C-before": (
        "For C you fold batch norm into the layer before. That shows that C holds no function that "
        "the linear layer lacks. Does it also hold all of them?"
    ),
    "C-after": "For C you fold batch norm into the layer after. What comes next is a sigmoid.",
    "C-parameters": (
        "For C you argue with the number of parameters. A bias that is there may still do nothing."
    ),
    "D-fewer": (
        "Mean and variance of the channels are fixed in D as well. But here a linear layer follows:"
        " what can its weights and bias do?"
    ),
    "D-more": "A step without parameters that is affine adds nothing in front of a linear layer.",
    "D-before": (
        "For D you fold batch norm into the layer before it. There is a sigmoid between the two."
    ),
    "D-fixed": "For D you argue with a fixed mean and scale. Who can set them again?",
    "D-parameters": "For D you argue with the number of parameters. Count functions instead.",
}


def _acceptable(network: str, verdict: str, reason: str) -> str:
    """Empty when right; else the code of what is wrong.

    Each network is put to the question by two facts: is the step after batch norm linear (then it
    can absorb an affine map, whatever its numbers), and does batch norm carry γ and β (then the
    step before can be given any scale and mean)?
    """
    layers = NETWORKS[network].split(" → ")
    place = next(i for i, layer in enumerate(layers) if layer.startswith("batch norm"))
    linear_after = layers[place + 1] == "linear"
    free = "with γ" in layers[place]
    verdict_right = "same" if linear_after or free else "fewer"
    reason_right = "after" if linear_after else "before" if free else "fixed"
    if verdict != verdict_right:
        return f"{network}-{verdict}"
    return "" if reason == reason_right else f"{network}-{reason}"


def _read(answer: Any) -> dict[str, tuple[str, str]]:
    if not isinstance(answer, dict):
        raise Finding(
            "not-a-dictionary",
            'Wanted is a dictionary such as {"A": "more, parameters", …} with the four networks A'
            " to D.",
            got=describe(answer),
        )
    read = {}
    for name, value in answer.items():
        text = " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
        words = re.findall(r"[a-z]+", text.lower())
        verdicts = [w for w in words if w in VERDICTS]
        reasons = [w for w in words if w in REASONS]
        if len(verdicts) != 1 or len(reasons) != 1 or _DENIALS & set(words):
            raise Finding(
                "not-a-choice",
                f"The answer for {name} should hold one verdict of ({', '.join(VERDICTS)}) and one "
                f"reason of ({', '.join(REASONS)}).",
                got=describe(value),
            )
        read[str(name).strip().upper()] = (verdicts[0], reasons[0])
    missing = sorted(NETWORKS.keys() - read.keys())
    if missing:
        raise Finding("network-missing", f"There is no answer for {', '.join(missing)} yet.")
    return read


def examine(trial: Trial) -> None:
    read = _read(trial.answer)
    codes = [_acceptable(name, *read[name]) for name in NETWORKS]
    wrong = [code for code in codes if code]
    if not wrong:
        return
    network = wrong[0][0]
    count = f"Right: {4 - len(wrong)} of the 4 answers. " if len(wrong) < 4 else ""
    raise Finding(
        wrong[0],
        f"{count}{network}: {_SAYS[wrong[0]]}",
        tried=f"{network}: {NETWORKS[network]}",
        got=", ".join(read[network]),
    )


EXERCISE = Exercise(
    slug="batch-norm-in-networks-placement",
    title="Before or after: does it add functions?",
    chapter="batch_norm_in_networks",
    kind="question",
    difficulty=2,
    minutes=15,
    wants=(
        'a dictionary of A to D with a verdict and a reason each, such as {"A": "more,'
        ' parameters", …}'
    ),
    hints=(
        (
            "Freeze the statistics. Batch norm is then an affine map of each channel. Which"
            " neighbour is an affine map too?"
        ),
        "An affine map disappears in a linear neighbour. A sigmoid is none.",
        (
            "For the networks without γ and β ask what each channel's mean and variance are, and"
            " who could change them."
        ),
    ),
    examine=examine,
)
