"""cost-functions-censored."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "cost-functions-censored"


def in_words(mean, time, ended):
    cost = torch.where(ended, torch.log(mean) + time / mean, time / mean).mean()
    return cost, time.sum() / ended.sum()


def numpy_style(mean, time, ended):
    mean, time, ended = (np.asarray(v) for v in (mean, time, ended))
    return (ended * np.log(mean) + time / mean).mean(), time.sum() / ended.sum()


def with_a_loop(mean, time, ended):
    total = 0.0
    for f, t, e in zip(mean, time, ended, strict=True):
        total += float(t) / float(f) + (np.log(float(f)) if e else 0.0)
    return total / len(time), float(sum(time)) / int(sum(ended))


def single(mean, time, ended):
    cost, best = in_words(mean.float(), time.float(), ended)
    return cost, best


RIGHT = [in_words, numpy_style, with_a_loop, single, as_object(in_words)]


def variant(running=lambda m, t: t / m, mean_of=torch.mean, best=None, log=1.0, sign=1.0):
    """The right answer with one thing changed."""

    def answer(mean, time, ended):
        cost = torch.where(ended, log * torch.log(mean) + time / mean, running(mean, time))
        return sign * mean_of(cost), (best or (lambda t, e: t.sum() / e.sum()))(time, ended)

    return answer


def dropped(mean, time, ended):
    return in_words(mean[ended], time[ended], ended[ended])[0], time.sum() / ended.sum()


def dropped_twice(mean, time, ended):
    return in_words(mean[ended], time[ended], ended[ended])


def as_ended(mean, time, ended):
    return in_words(mean, time, torch.ones_like(ended))


WRONG = {
    "running-dropped": dropped,
    "running-dropped+best-of-ended": dropped_twice,
    "running-as-ended": variant(lambda m, t: torch.log(m) + t / m),
    "running-as-ended+best-of-all": as_ended,
    "before-for-beyond": variant(lambda m, t: -torch.log(1 - torch.exp(-t / m))),
    "log-missing": variant(log=0.0),
    "log-sign": variant(log=-1.0),
    "sum-taken": variant(mean_of=torch.sum),
    "log-likelihood": variant(sign=-1.0),
    "best-of-all": variant(best=lambda t, e: t.mean()),
    "best-of-ended": variant(best=lambda t, e: t[e].mean()),
    "best-is-a-rate": variant(best=lambda t, e: e.sum() / t.sum()),
    "wrong-number-of-values": lambda m, t, e: in_words(m, t, e)[0],
}

UNLISTED = [
    (variant(best=lambda t, e: t.max()), "only-sometimes", "The mean cost is right"),
    (variant(lambda m, t: 2 * t / m), "only-sometimes", "right with all waits ended"),
    (lambda m, t, e: in_words(1 / m, t, e), "different", "The best constant is right"),
]
