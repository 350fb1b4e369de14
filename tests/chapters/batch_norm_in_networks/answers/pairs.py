"""batch-norm-in-networks-pairs."""

import torch
from torch.nn.functional import cross_entropy

from lecturelib import data, models

SLUG = "batch-norm-in-networks-pairs"


def trained(norm, *, lr=0.00625, size=2, steps=1_400, seed=0):
    """Trained in batches of ``size``."""
    digits = data.load_digits(standardize=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.mlp(64, [64, 64], 10, norm=norm)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (size,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


RIGHT = [trained("layer"), trained("group", lr=0.0125)]

WRONG = {
    "batch-norm-in-pairs": trained("batch"),
    "not-enough": trained("layer", steps=150),
    "not-trained": trained("layer", lr=0.0, steps=1),
    "no-norm": models.mlp(64, [64, 64], 10),
    "wrong-outputs": models.mlp(64, [64], 1, norm="layer"),
    "not-a-model": 0.93,
}

UNLISTED = [
    (trained("group", steps=60), "not-enough", "small rates"),
    (trained("batch", steps=600), "batch-norm-in-pairs", "elsewhere"),
    (trained("batch", lr=0.0, steps=2), "not-trained", "chance"),
]
