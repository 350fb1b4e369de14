"""parameter-sharing-design."""

import numpy as np
import torch

SLUG = "parameter-sharing-design"

STACK = [(8, 3, 2, 1), (16, 3, 2, 1), (16, 3, 1, 1), (16, 3, 1, 1)]

RIGHT = [
    STACK,
    np.array(STACK),
    torch.tensor(STACK, dtype=torch.float32),
    [(8, 5, 2, 2), (12, 3, 2, 1), (16, 3, 1, 1), (16, 3, 1, 1)],
    [(6, 4, 4, 0), (16, 3, 1, 1), (16, 3, 1, 1), (16, 3, 1, 1)],
]

WRONG = {
    "not-layers": [(8, 3, 2), (16, 3, 2)],
    "does-not-fit": [(8, 40, 1, 0)],
    "wrong-output": [(8, 3, 2, 1), (16, 3, 1, 1)],
    "empty-windows": [(8, 1, 4, 0), (16, 3, 1, 3), (16, 3, 1, 0), (16, 3, 1, 0)],
    "field-too-small": STACK[:3],
    "gaps": [(8, 1, 4, 0), (16, 3, 1, 1), (16, 3, 1, 1), (16, 3, 1, 1)],
    "too-many-parameters": [(8, 3, 2, 1), (16, 3, 2, 1), (16, 7, 1, 3)],
    "too-many-multiplications": [(8, 3, 1, 1), (8, 3, 2, 1), (16, 3, 2, 1), *[(16, 3, 1, 1)] * 2],
}

UNLISTED = [
    ("four layers", "not-layers", "four whole numbers"),
    ([(8.5, 3, 2, 1)], "not-layers", "four whole numbers"),
    ([(8, 3, 0, 1)], "does-not-fit", "at least 1"),
]
