"""preprocessing-window: window and level to eight bits."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(image: Tensor, level: float, width: float) -> Tensor:
    """NumPy's interpolation between the two ends of the window."""
    ends = [level - width / 2, level + width / 2]
    return torch.as_tensor(np.rint(np.interp(image.numpy(), ends, [0.0, 255.0])))


def formula(
    image: Tensor,
    level: float,
    width: float,
    *,
    clip: str = "yes",
    half: float = 0.5,
    scale: float = 255.0,
    rounding: str = "nearest",
    spread: float = 1.0,
    own_range: bool = False,
    scanner: bool = False,
) -> Tensor:
    """The grey values with an argument for each way to get them wrong."""
    if own_range:
        low, high = image.min(), image.max()
        level, width = ((low + high) / 2).item(), max((high - low).item(), 1e-9)
    y = (image - level) / (spread * width) + half
    if scanner:
        y = (image - (level - 0.5)) / (width - 1) + 0.5
    if clip == "yes":
        y = y.clamp(0, 1)
    y = scale * y
    y = {
        "nearest": y.round(),
        "down": y.floor(),
        "up": y.ceil(),
        "none": y,
        "bins": (256 * y / scale).floor().clamp(max=255),
    }[rounding]
    if clip == "dark":
        return torch.where(y > 255, 0.0, y).clamp(min=0)
    return y % 256 if clip == "wrap" else y


SLIPS = (
    Slip("not-clipped", "Values outside the window are not clipped.", {"clip": "no"}),
    Slip(
        "wraps",
        "Values outside the window wrap round: what is too bright becomes dark. Clip before you "
        "convert to 8 bits.",
        {"clip": "wrap"},
    ),
    Slip(
        "level-at-the-edge",
        "The level becomes black in your image. It is the middle of the window.",
        {"half": 0.0},
    ),
    Slip(
        "width-each-side",
        "Your window reaches a whole width to either side. The width is that of the whole window.",
        {"spread": 2.0},
    ),
    Slip("256", "You multiply by 256: white becomes 256, which 8 bits lack.", {"scale": 256.0}),
    Slip(
        "rounded-down",
        "You round down, as a conversion to whole numbers does. Round to the nearest.",
        {"rounding": "down"},
    ),
    Slip("not-rounded", "Grey values of 8 bits are whole numbers.", {"rounding": "none"}),
    Slip(
        "not-scaled",
        "Your values run from 0 to 1; rounded, only black and white are left.",
        {"scale": 1.0},
    ),
    Slip(
        "scanner-standard",
        "This is the formula of the DICOM standard, with width − 1 and level − ½. Here the lower "
        "end of the window becomes 0 and the upper end 255.",
        {"scanner": True},
    ),
    Slip(
        "own-range",
        "You stretch from the smallest to the largest value of the image. The window is given.",
        {"own_range": True},
    ),
    Slip(
        "outside-dark",
        "What lies above the window becomes black in your image. Clipped to the upper end it is "
        "white.",
        {"clip": "dark"},
    ),
    Slip("254", "You multiply by 254: the upper end becomes 254, not 255.", {"scale": 254.0}),
    Slip("rounded-up", "You round up. Round to the nearest.", {"rounding": "up"}),
    Slip(
        "equal-bins",
        "You cut the window into 256 equal pieces. Rounded to the nearest of 0 to 255, the first "
        "and the last piece are half as wide.",
        {"rounding": "bins"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """How bright a value comes out, and how bright it should be."""
    if got[0].shape != wanted[0].shape:
        return ""
    gaps = (got[0] - wanted[0]).abs().flatten()
    place = int(gaps.argmax())
    x, level, width = case.arguments["image"].flatten()[place], *list(case.arguments.values())[1:]
    return (
        f"With level {level:g} and width {width:g} the window reaches from {level - width / 2:g} "
        f"to {level + width / 2:g}; your image shows {x.item():.4g} as "
        f"{got[0].flatten()[place].item():.4g}."
    )


def examine(trial: Trial) -> None:
    draws = trial.draws
    tissues = torch.tensor([[-1000.0, -100.0, 0.0], [60.0, 300.0, 1200.0]], dtype=torch.float64)
    soft = tissues + draws.normal(2, 3, std=3.0)
    inside = draws.uniform(3, 4, low=-5.0, high=105.0)
    usual = [
        Case("all tissues", {"image": soft, "level": 40.0, "width": 397.0}),
        Case("grey values inside the window", {"image": inside, "level": 50.0, "width": 120.0}),
    ]
    ends = torch.tensor([-20.0, 100.0, -20.1, 100.1, -1e6, 1e6], dtype=torch.float64)
    volume, line = (draws.uniform(*shape, low=-80.0, high=160.0) for shape in ((2, 2, 3), (4,)))
    edges = [
        Case("the ends of the window", {"image": ends, "level": 40.0, "width": 120.0}),
        Case("a volume", {"image": volume, "level": 35.0, "width": 130.0}),
        Case("a line", {"image": line, "level": 35.0, "width": 130.0}),
        Case("a single grey value", {"image": line[0], "level": 20.0, "width": 350.0}),
        Case("a narrow window", {"image": line / 100, "level": 0.3, "width": 0.9}),
        Case("a window below 0", {"image": line - 700, "level": -600.0, "width": 1500.0}),
    ]
    parts = ("the image",)
    for cases in (usual, edges):
        judge(
            trial,
            cases,
            oracle,
            parts=parts,
            formula=formula,
            slips=SLIPS,
            look=look,
            exact=True,
        )


EXERCISE = Exercise(
    slug="preprocessing-window",
    title="Window and level",
    chapter="preprocessing",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function to_bytes(image, level, width) that returns whole numbers from 0 to 255",
    hints=(
        "Which grey value becomes black, which white, and which middle grey?",
        "Clip, then scale, then round.",
    ),
    examine=examine,
)
