"""Run experiments of the package that is on the path, as lines of JSON ask; a tool of ``restamp``.

The process starts in a tree of its own, the present one or that of an earlier commit, so this file
uses only what every commit has. A request is ``{"do": "hash" | "stored" | "values", "claim": …}``,
the answer one line: the fingerprint, the stored result as that commit reads it, or values, exact.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any


def main(fingerprint_path: str) -> None:
    """Answer requests from standard input until it ends."""
    import torch

    torch.set_num_threads(1)
    spec = importlib.util.spec_from_file_location("restamp_fingerprint", fingerprint_path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: Any = _answer(request, module.fingerprint)
        except Exception as error:  # whatever fails is the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def _answer(request: dict[str, Any], fingerprint: Any) -> Any:
    from lecturelib.claims import registry
    from lecturelib.claims.results import read

    claim = registry.get(request["claim"])
    if request["do"] == "hash":
        return {"hash": fingerprint(claim.experiment)}
    if request["do"] == "stored":
        # Wherever that commit keeps its results.
        (path,) = Path("lecturelib").glob(f"**/results/{request['file']}")
        result = read(path, claim)
        return {"seeds": result.seeds, "values": result.values, "settings": result.settings}
    seeds = request["seeds"]
    blocks = [seeds] if claim.vectorized else [[seed] for seed in seeds]
    with _fewer_images() if request["tiny"] else nullcontext():
        settings = _typed(claim, request["settings"])
        parts = [claim.experiment(settings, block, "cpu") for block in blocks]
    return {
        "values": {name: [float(v).hex() for part in parts for v in part[name]]
                   for name in parts[0]}
    }  # fmt: skip


def _typed(claim: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with tuples where the record has them; JSON knows none."""
    return {
        name: tuple(value) if isinstance(claim.quick[name], tuple) else value
        for name, value in settings.items()
    }


@contextmanager
def _fewer_images() -> Iterator[None]:
    """A tiny run needs no 50,000 images; afterwards the sizes are again those of the code."""
    sizes = {"TRAIN_SIZE": 30, "TEST_SIZE": 20}
    modules = [vars(m) for m in list(sys.modules.values()) if all(hasattr(m, s) for s in sizes)]
    kept = [{name: module[name] for name in sizes} for module in modules]
    try:
        for module in modules:
            module.update(sizes)
        yield
    finally:
        for module, old in zip(modules, kept, strict=True):
            module.update(old)


if __name__ == "__main__":
    main(sys.argv[1])
