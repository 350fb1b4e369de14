"""Print the report: ``python -m benchmarks [NAME ...]``, from the root of the repository."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded

import torch

import benchmarks

from .harness import Benchmark, Result, measure


def main() -> None:
    """Run the benchmarks that were named, or all, and print a table for each."""
    files = [m.name for m in pkgutil.iter_modules(benchmarks.__path__)]
    files = [name for name in files if name not in ("__main__", "harness")]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=benchmarks.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(files)}")
    parser.add_argument("--rounds", type=int, default=25, help="turns of each contestant")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    options = parser.parse_args()
    if unknown := set(options.names) - set(files):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    print(f"{processor()}, Python {platform.python_version()}, torch {torch.__version__}")
    print("CPU time on one thread as a ratio to the baseline: median [quartiles] of")
    print(f"{options.rounds} rounds in which all run in turn.\n")
    for name in options.names or files:
        module = importlib.import_module(f"benchmarks.{name}")
        for benchmark in module.benchmarks(compiled=not options.no_compile):
            report(benchmark, measure(benchmark, rounds=options.rounds))


def processor() -> str:
    """Name of the processor, and the vector instructions that PyTorch uses."""
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as lines:
            models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return f"{name} ({torch.backends.cpu.get_cpu_capability()})"


def report(benchmark: Benchmark, results: dict[str, Result]) -> None:
    """Print one table."""
    print(benchmark.name)
    width = max(map(len, results))
    for name, r in results.items():
        goal = benchmark.goals.get(name)
        verdict = "" if goal is None else f"  goal {goal}: {'met' if r.ratio <= goal else 'missed'}"
        print(
            f"  {name:{width}}  {r.ratio:6.2f} [{r.low:.2f}, {r.high:.2f}]"
            f"  {1e3 * r.seconds:9.3f} ms{verdict}"
        )
    print()


if __name__ == "__main__":
    main()
