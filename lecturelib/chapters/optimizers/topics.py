"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Momentum",
        slides={"FFN": ("SGD with Momentum",)},
        headings=("Momentum", "How much it saves"),
        exercises=("optimizers-momentum",),
    ),
    Topic(
        name="Nesterov's momentum",
        slides={"FFN": ("SGD with Nesterov Momentum",)},
        headings=("Nesterov's momentum",),
    ),
    Topic(
        name="Equal progress in all directions",
        slides={"FFN": ("Adaptive Learning Rate",)},
        headings=("A rate for each parameter", "In all directions?"),
    ),
    Topic(
        name="AdaGrad and AdaDelta",
        slides={"FFN": ("Adaptive Learning Rate",)},
        headings=("A rate for each parameter",),
    ),
    Topic(
        name="RMSProp",
        slides={"FFN": ("Adaptive Learning Rate", "RMSProp")},
        headings=("A rate for each parameter",),
    ),
    Topic(
        name="Adam, and its bias correction",
        slides={"FFN": ("Adaptive Learning Rate", "Adam")},
        headings=("A rate for each parameter", "Bias correction"),
        exercises=("optimizers-adam",),
    ),
    Topic(
        name="AdamW: decoupled weight decay",
        headings=("Weight decay is not L2",),
        exercises=("optimizers-decay",),
    ),
    Topic(
        name="Paths of the solvers on surfaces",
        slides={"FFN": ("Paths of the solvers",)},
        headings=("A rate for each parameter",),
    ),
    Topic(
        name="Schedules: linear decay, plateau, cyclic",
        slides={"FFN": ("Learning Rate Scheduler",)},
        headings=("Schedules",),
    ),
    Topic(
        name="Cosine and warm-up",
        headings=("Schedules", "Warm-up"),
        exercises=("optimizers-schedule",),
    ),
    Topic(
        name="Popularity of solvers",
        slides={"FFN": ("Solver Popularity",)},
        headings=("Which solver?",),
    ),
    Topic(
        name="No clear winner: re-tune your favourite",
        slides={"FFN": ("Solver takeaway",)},
        headings=("Which solver?", "What to use"),
    ),
)
