"""Claims of the chapter ``preprocessing``: what is done to data before a network.

The experiments are in :mod:`lecturelib.chapters.preprocessing.experiments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor

from lecturelib.chapters.preprocessing import experiments
from lecturelib.claims.record import Claim, Measure, Source
from lecturelib.preprocessing import Standardize, Whiten

__all__ = ["CLAIMS"]

Settings = Mapping[str, Any]
Values = dict[str, list[float]]
JHU, NT = Source(lecture="JHU"), Source(lecture="NT")


def _lists(values: Mapping[str, Tensor]) -> Values:
    return {name: value.tolist() for name, value in values.items()}


def conditions(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T8: what centring, scaling and whitening save, as ratios of steps and condition numbers."""
    found = experiments.conditioning(seeds, **settings)
    values = {"spike": found["spike"], "whitened": found["steps whitened"]}
    for before, after in pairwise(experiments.STAGES):
        for what in ("κ", "steps"):
            ratio = found[f"{what} {before}"] / found[f"{what} {after}"]
            values[f"{what} {after}"] = ratio
    return _lists(values)


CONDITIONING = Claim(
    id="T8",
    slug="inputs-set-the-condition-number",
    sentence="Mean, scale and correlation of the inputs set the condition number of E[xxᵀ], and "
    "with it the speed of gradient descent.",
    sources=(Source(lecture="NT", keys=("lecun1991",)),),
    protocol="2,000 points with 5 correlated columns in units from 0.3 to 3 and means of the order "
    "of two standard deviations; linear targets, noise of standard deviation 0.1. Least squares "
    "with a bias, learning rate 1/λmax; counted are the steps of gradient descent from zero until "
    "the excess cost is a millionth of what it was. Each ratio compares a stage with the one "
    "before it, on the same data: raw, centred, standardized, whitened.",
    experiment=conditions,
    quick={"samples": 2_000, "features": 5, "mixing": 0.3, "tolerance": 1e-6},
    full={"samples": 20_000, "features": 50, "mixing": 0.3, "tolerance": 1e-6},
    measures=(
        Measure(
            name="steps centred",
            label="steps on raw data, as a multiple of those on centred data",
            expect="above",
            threshold=3.0,
            reference=1.0,
            reason="half of the effect",
            tolerance=1.5,
            digits=1,
        ),
        Measure(
            name="steps standardized",
            label="steps on centred data, as a multiple of those on standardized data",
            expect="above",
            threshold=2.0,
            reference=1.0,
            reason="half of the effect",
            tolerance=1.0,
            digits=1,
        ),
        Measure(
            name="steps whitened",
            label="steps on standardized data, as a multiple of those on whitened data",
            expect="above",
            threshold=20.0,
            reference=1.0,
            reason="half of the effect",
            tolerance=8.0,
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="whitened",
            label="steps on whitened data",
            expect="below",
            threshold=1.5,
            reference=2.0,
            reason="κ = 1: the first step arrives",
            tolerance=0.1,
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="κ centred",
            label="condition number, raw over centred",
            expect="above",
            threshold=3.0,
            reference=1.0,
            reason="half of the effect",
            tolerance=1.5,
            wins=1.0,
            digits=1,
        ),
        Measure(
            name="κ standardized",
            label="condition number, centred over standardized",
            expect="above",
            threshold=2.5,
            reference=1.0,
            reason="half of the effect",
            tolerance=1.0,
            digits=1,
        ),
        Measure(name="κ whitened", label="condition number, standardized over whitened", digits=0),
        Measure(name="spike", label="largest eigenvalue of E[xxᵀ] without bias, over ‖μ‖²"),
    ),
    verdict="holds",
    runs=15,
)


def centring(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """PP2: how often centring raises the condition number, with a bias and without."""

    def share(*, mean: float, bias: bool) -> Tensor:
        return experiments.centring_worsens(seeds, mean=mean, bias=bias, **settings)

    found = {f"{mean:g}": share(mean=mean, bias=False) for mean in (0.5, 1.0, 2.0, 4.0)}
    return _lists({"bias": share(mean=1.0, bias=True), **found})


CENTRING = Claim(
    id="PP2",
    slug="centring-improves-the-condition-number",
    sentence="At least have zero mean: it avoids a single large eigenvalue.",
    sources=(NT,),
    protocol="2,000 random cases a seed: a covariance AAᵀ/5 with a normal 5 × 5 matrix A, and a "
    "normal mean of standard deviation 0.5, 1, 2 or 4 in each coordinate. Compared, in population, "
    "are the condition numbers of E[xxᵀ] before and after centring, with a constant-1 input for "
    "the bias and without.",
    experiment=centring,
    quick={"cases": 2_000, "features": 5},
    full={"cases": 200_000, "features": 5},
    measures=(
        Measure(
            name="bias",
            label="share of cases in which centring makes κ worse, with a bias",
            expect="below",
            threshold=1e-9,
            reference=0.01,
            reason="proved: it never does",
            tolerance=1e-9,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="1",
            label="the same without a bias, means of size 1",
            expect="above",
            threshold=0.3,
            reference=0.1,
            reason="half of the effect",
            tolerance=0.03,
            role="condition",
            wins=1.0,
            digits=2,
        ),
        Measure(name="0.5", label="without a bias, means of size 0.5", digits=2),
        Measure(name="2", label="without a bias, means of size 2", digits=2),
        Measure(name="4", label="without a bias, means of size 4", digits=2),
    ),
    verdict="holds with a condition",
    conditions=(
        "Without a bias centring lowers all eigenvalues, the smallest too, and the ratio may rise. "
        "How often depends on the random cases: here, where A is square and many covariances are "
        "nearly singular, in about two of three with means of size 1.",
    ),
)


def range_of_values(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T12: eight bits for the whole range against eight bits for a window."""
    found = experiments.dynamic_range(seeds, **settings)
    noisy = experiments.dynamic_range(seeds, **{**settings, "noise": 16.0})
    return _lists(
        {
            "auc gain": found["auc windowed"] - found["auc squeezed"],
            "error": found["error inside squeezed"] / found["error inside windowed"],
            "levels": found["levels windowed"] / found["levels squeezed"],
            "outside": found["error outside windowed"] / found["error outside squeezed"],
            "auc original": found["auc original"],
            "auc squeezed": found["auc squeezed"],
            "auc loss, noisy": noisy["auc original"] - noisy["auc squeezed"],
        }
    )


DYNAMIC_RANGE = Claim(
    id="T12",
    slug="do-not-squash-the-dynamic-range",
    sentence="When an image has a dynamic range of far more than 8 bits, do not squash it: "
    "a window round the values that matter keeps the contrast.",
    sources=(JHU,),
    protocol="A made-up CT slice of 128 × 128 pixels in 12 bits (whole Hounsfield units from −1024 "
    "to 3071), with lesions 12 units darker than the liver and noise of standard deviation 3. "
    "Eight bits over the whole range, steps of 16 units, against eight bits over the window of "
    "width 120 round 50. Lesions are told from the liver by single pixels: area under the curve.",
    experiment=range_of_values,
    quick={"size": 128, "noise": 3.0, "level": 50.0, "width": 120.0, "bits": 8},
    full={"size": 1024, "noise": 3.0, "level": 50.0, "width": 120.0, "bits": 8},
    measures=(
        Measure(
            name="auc gain",
            label="area under the curve, window minus whole range",
            expect="above",
            threshold=0.1,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.01,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="error",
            label="error inside the liver, whole range over window",
            expect="above",
            threshold=20.0,
            reference=1.0,
            reason="half of the effect; the steps differ by a factor of 34",
            tolerance=2.0,
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="levels",
            label="distinct grey values there, window over whole range",
            expect="above",
            threshold=5.0,
            reference=1.0,
            reason="half of the effect",
            tolerance=2.0,
            wins=1.0,
            digits=0,
        ),
        Measure(
            name="outside",
            label="error in the rest of the body, window over whole range",
            expect="above",
            threshold=10.0,
            reference=1.0,
            reason="less than half of the effect",
            tolerance=2.0,
            role="condition",
            wins=1.0,
            digits=0,
        ),
        Measure(name="auc original", label="area under the curve in 12 bits"),
        Measure(name="auc squeezed", label="in 8 bits over the whole range"),
        Measure(
            name="auc loss, noisy",
            label="what 8 bits over the whole range lose if the noise is 16 units, one step",
            digits=2,
        ),
    ),
    verdict="holds with a condition",
    conditions=(
        "A window keeps what lies inside it and cuts off the rest: bone and air become flat. Which "
        "window is right depends on the question.",
    ),
)


def whose_statistics(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """T13: training statistics against those of the test data, and what a leak adds."""
    found = experiments.inference(seeds, epochs=settings["epochs"], device=device)
    options = {"samples": settings["samples"], "splits": settings["splits"]}
    whiten = experiments.leak(seeds, lambda: Whiten("zca"), **options)
    chosen = experiments.selection_leak(seeds, samples=settings["samples"])
    return _lists(
        {
            "sorted": found["training"] - found["sorted 36"],
            "single": found["mixed 1"],
            "leak": whiten,
            "selection": chosen["leaky"] - chosen["honest"],
            "changed": found["changed own"] - found["changed training"],
            "training": found["training"],
            "mixed": found["training"] - found["mixed 36"],
            "leak, standardized": experiments.leak(seeds, Standardize, **options),
        }
    )


INFERENCE = Claim(
    id="T13",
    slug="inference-uses-training-statistics",
    sentence="At inference time apply the same transformation, with values extracted from the "
    "training data.",
    sources=(JHU,),
    protocol="Digits, two hidden layers of 64 ReLUs trained on standardized pixels. Test images "
    "get the training set's mean and standard deviation, or those of the test batch in which they "
    "come: 36 images in the order of their class, 36 at random, or one. Leak: 50 digits to train "
    "on and 50 to test on, ridge regression; the accuracy with a transform fitted on all 100, "
    "minus that with one fitted on the 50, mean of 8 splits. With labels: 20 of 2,000 columns of "
    "noise, chosen for their correlation with coin-flip labels. Condition: test images of half the "
    "contrast, brighter by 0.3.",
    experiment=whose_statistics,
    quick={"epochs": 5, "samples": 50, "splits": 8},
    full={"epochs": 30, "samples": 50, "splits": 200},
    measures=(
        Measure(
            name="sorted",
            label="accuracy: training statistics minus those of batches sorted by class",
            expect="above",
            threshold=0.4,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="single",
            label="accuracy when each image is standardized by itself",
            expect="below",
            threshold=0.2,
            reference=0.5,
            reason="every pixel becomes 0: chance is 0.1",
            tolerance=0.03,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="leak",
            label="accuracy that is gained by fitting ZCA whitening on the test images too",
            expect="above",
            threshold=0.08,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.03,
            wins=1.0,
            digits=2,
        ),
        Measure(
            name="selection",
            label="on noise: accuracy gained by choosing columns on the test samples too",
            expect="above",
            threshold=0.18,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.05,
            wins=0.9,
            digits=2,
        ),
        Measure(
            name="changed",
            label="changed images: statistics of mixed test batches minus training statistics",
            expect="above",
            threshold=0.4,
            reference=0.0,
            reason="half of the effect",
            tolerance=0.06,
            role="condition",
            wins=1.0,
            digits=2,
        ),
        Measure(name="training", label="accuracy with training statistics"),
        Measure(name="mixed", label="the same minus that with mixed batches of 36"),
        Measure(
            name="leak, standardized",
            label="accuracy that is gained by standardizing with the test images too",
        ),
    ),
    verdict="holds with a condition",
    runs=3,
    conditions=(
        "If all test images have changed in the same way, as with another scanner, the training "
        "statistics are wrong for them, and those of a large mixed test batch repair it.",
        "For mean and standard deviation alone the leak is hardly measurable. It counts where many "
        "numbers are fitted to few samples, and most where labels take part.",
    ),
)


def images(settings: Settings, seeds: Sequence[int], device: str) -> Values:
    """PP1: digits with pixels from 0 to 255, centred, standardized and whitened."""
    found = experiments.on_images(seeds, epochs=settings["epochs"], device=device)
    return _lists(
        {
            "gap": found["standardized"] - found["centred"],
            "centring": found["centred"] - found["raw"],
            "whitening": found["whitened"] - found["standardized"],
            "rate": found["centred at the standardized rate"],
            **{f"accuracy {name}": found[name] for name in experiments.IMAGES},
            **{f"rate {name}": found[f"rate {name}"] for name in ("centred", "standardized")},
        }
    )


ON_IMAGES = Claim(
    id="PP1",
    slug="for-images-centring-can-be-enough",
    sentence="For images mean centring can be sufficient; normalization is not necessary, "
    "whitening not usual.",
    sources=(JHU,),
    protocol="Digits with pixels from 0 to 255, two hidden layers of 64 ReLUs, SGD with momentum "
    "0.9, batches of 64, 5 epochs. For each kind of preprocessing the best of seven learning rates "
    "from 0.0001 to 0.1 is chosen on held-out training samples.",
    experiment=images,
    quick={"epochs": 5},
    full={"epochs": 30},
    measures=(
        Measure(
            name="gap",
            label="accuracy, standardized minus centred",
            expect="below",
            threshold=0.03,
            reference=0.04,
            reason="a third of what raw pixels lose; 0.04 is half of it",
            tolerance=0.015,
            digits=3,
            wins=0.8,
        ),
        Measure(
            name="centring",
            label="accuracy, centred minus raw",
            expect="above",
            threshold=0.025,
            reference=0.0,
            reason="a third of the effect",
            tolerance=0.03,
            digits=3,
        ),
        Measure(
            name="whitening",
            label="accuracy, ZCA-whitened minus standardized",
            expect="below",
            threshold=0.01,
            reference=0.02,
            reason="no gain that would pay for the matrix",
            tolerance=0.015,
            digits=3,
        ),
        Measure(
            name="rate",
            label="accuracy of centred images at the rate that suits standardized ones",
            expect="below",
            threshold=0.3,
            reference=0.5,
            reason="chance is 0.1",
            tolerance=0.05,
            role="condition",
            wins=1.0,
            digits=2,
        ),
        *(
            Measure(name=f"accuracy {name}", label=f"test accuracy, {name}")
            for name in experiments.IMAGES
        ),
        Measure(name="rate centred", label="learning rate chosen, centred", digits=4),
        Measure(name="rate standardized", label="learning rate chosen, standardized", digits=4),
    ),
    verdict="holds with a condition",
    conditions=(
        "The learning rate must suit the scale: centred pixels in units of 1/255 need one thirty "
        "to a hundred times smaller than standardized ones, and do not train at all at theirs.",
    ),
)


CLAIMS: tuple[Claim, ...] = (CONDITIONING, CENTRING, ON_IMAGES, DYNAMIC_RANGE, INFERENCE)
