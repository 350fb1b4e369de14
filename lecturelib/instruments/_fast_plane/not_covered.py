"""What a way to many points says if it can't go it: the only error that is caught."""


class NotCovered(RuntimeError):
    """What the loss does can't be done at many points at once, and has to be done at each."""
