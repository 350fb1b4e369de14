"""hidden-units-parameters."""

SLUG = "hidden-units-parameters"


def parameters(d, h, o, k):
    return k * h * (d + 1) + o * (h + 1)


def counted(inputs, units, outputs, pieces):
    hidden = [inputs + 1] * (units * pieces)
    return sum(hidden) + sum([units + 1] * outputs)


RIGHT = [parameters, counted]

WRONG = {
    "hidden-biases-once": lambda d, h, o, k: k * h * d + h + o * (h + 1),
    "hidden-biases-lost": lambda d, h, o, k: k * h * d + o * (h + 1),
    "output-biases-lost": lambda d, h, o, k: k * h * (d + 1) + o * h,
    "output-too-wide": lambda d, h, o, k: k * h * (d + 1) + o * (k * h + 1),
    "maxout-outputs": lambda d, h, o, k: k * h * (d + 1) + k * o * (h + 1),
    "pieces-forgotten": lambda d, h, o, k: h * (d + 1) + o * (h + 1),
    "hidden-biases-lost+output-biases-lost": lambda d, h, o, k: k * h * d + o * h,
}

UNLISTED = [
    (lambda d, h, o, k: 1.0 * d, "different", "differs"),
    (lambda d, h, o, k: 0, "all-zero", "everywhere"),
    (lambda d, h, o, k: str(parameters(d, h, o, k)), "wrong-type", "numbers"),
]
