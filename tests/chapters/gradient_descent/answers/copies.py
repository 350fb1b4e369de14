"""gradient-descent-copies."""

import math

SLUG = "gradient-descent-copies"


def short(hidden):
    return sum(math.log10(math.factorial(n)) + n * math.log10(2) for n in hidden)


def by_product(hidden):
    count = 1
    for n in hidden:
        count *= math.factorial(n) * 2**n
    return math.log10(count)


RIGHT = [short, by_product]

WRONG = {
    "signs-forgotten": lambda h: sum(math.log10(math.factorial(n)) for n in h),
    "one-sign-a-layer": lambda h: sum(math.log10(2 * math.factorial(n)) for n in h),
    "orders-forgotten": lambda h: sum(h) * math.log10(2),
    "units-for-orders": lambda h: sum(math.log10(n * 2**n) for n in h),
    "signs-added": lambda h: sum(math.log10(math.factorial(n) * 2 * n) for n in h),
    "layers-mixed": lambda h: math.log10(math.factorial(sum(h)) * 2 ** sum(h)),
    "layers-added": lambda h: math.log10(sum(math.factorial(n) * 2**n for n in h)),
    "natural-logarithm": lambda h: short(h) * math.log(10),
    "binary-logarithm": lambda h: short(h) * math.log2(10),
    "no-logarithm": lambda h: 10 ** short(h),
}

UNLISTED = [
    (lambda h: -short(h), "sign", "wrong sign"),
    (lambda h: short(h) + 1, "different", "differs from the definition"),
    (
        lambda h: short(h) if len(h) == 1 else short(h[:1]),
        "only-sometimes",
        "is right with one hidden layer",
    ),
]
