"""The clock stops what does not end, and hurts nothing else: no import, no later line."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import lecturelib
from lecturelib.exercises import clock
from lecturelib.exercises.clock import Clock, TimeLimitExceeded, within

FORWARD = "batch-norm-forward"


def right(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt() + beta


def work():
    for _ in range(100):
        sum(range(50))


# --- what it stops ------------------------------------------------------------------------------


def loops():
    while True:
        pass


def swallows_exceptions():
    while True:
        try:
            work()
        except Exception:
            continue


def swallows_everything():
    while True:
        try:  # noqa: SIM105
            work()
        except:  # noqa: E722
            pass


def swallows_base_exceptions():
    while True:
        try:
            work()
        except BaseException:
            continue


def goes_on_finally():
    while True:
        try:
            work()
        finally:
            continue  # noqa: B012


def suppresses():
    while True:
        with contextlib.suppress(BaseException):
            work()


def starts_again():
    try:
        while True:
            work()
    except BaseException:
        starts_again()


def nested():
    with contextlib.suppress(BaseException):
        while True:
            try:
                while True:
                    try:  # noqa: SIM105
                        work()
                    except BaseException:
                        pass
            except BaseException:
                pass


def naps():
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except BaseException:
            pass


def catches_and_returns():
    try:
        loops()
    except BaseException:
        return 1


ENDLESS = [loops, swallows_exceptions, swallows_everything, swallows_base_exceptions]
ENDLESS += [goes_on_finally, suppresses, starts_again, naps, catches_and_returns]


@pytest.mark.parametrize("function", [*ENDLESS, nested], ids=lambda f: f.__name__)
def test_what_does_not_end_is_stopped(function):
    trace, start = sys.gettrace(), time.process_time()
    with pytest.raises(TimeLimitExceeded):
        within(Clock(0.1), function)
    assert time.process_time() - start < 3
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert sys.gettrace() is trace


def test_another_thread_is_stopped_as_well():
    stopped = []

    def run():
        for function in (loops, swallows_everything, suppresses):
            with contextlib.suppress(TimeLimitExceeded):
                within(Clock(0.1), function)
            stopped.append(function)
            within(Clock(5), work)  # and nothing comes later

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert len(stopped) == 3


def test_checks_in_another_thread():
    replies = []

    def run():
        replies.append(lecturelib.check(FORWARD, right))
        replies.append(lecturelib.check(FORWARD, lambda x, gamma, beta, eps: loops()))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert replies[0]
    assert replies[1].code == "too-slow"


# --- what it leaves alone -----------------------------------------------------------------------


def test_a_value_comes_through_and_the_work_is_counted():
    watch = Clock(5)
    assert within(watch, lambda: work() or 42) == 42
    assert 0 < watch.work < 1


def test_waiting_is_borne_longer_than_working():
    """A busy machine keeps an answer waiting, through no fault of its own."""
    within(Clock(0.1), lambda: time.sleep(0.2))
    start = time.perf_counter()
    with pytest.raises(TimeLimitExceeded):
        within(Clock(0.1), naps)
    assert time.perf_counter() - start > 0.3


SLOW_MODULE = """
import time
end = time.process_time() + 0.6
while time.process_time() < end:
    pass
done = True
"""


def test_an_import_is_neither_interrupted_nor_counted(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text(SLOW_MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    watch = Clock(0.3)

    def imports():
        import slow_to_import

        return slow_to_import.done

    assert within(watch, imports)
    assert watch.work < 0.3


@pytest.mark.parametrize(
    ("file", "may_ring"),
    [
        ("/lib/site-packages/coverage/collector.py", False),
        ("/lib/site-packages/debugpy/_vendored/pydevd/_pydevd_bundle/pydevd_frame.py", False),
        (r"C:\lib\site-packages\coverage\collector.py", False),
        ("/lib/python3.11/bdb.py", False),
        ("/lib/site-packages/torch/_dynamo/convert_frame.py", False),
        ("course/coverage.py", True),
        ("<ipython-input-1>", True),
    ],
)
def test_no_alarm_in_what_watches_the_answer(file, may_ring):
    """Coverage holds a lock when Python calls it: stopped there, it never gives it back."""
    alarm = clock._Alarm(Clock(0.0))
    found = {"tick": lambda: alarm.tick(sys._getframe())}
    exec(compile("def watched(): return tick()", file, "exec"), found)
    assert (clock._inside(found["watched"]) is not None) is may_ring


def test_an_alarm_that_was_set_before_goes_on():
    rung = []
    earlier = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 60)
        assert lecturelib.check(FORWARD, right)
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        assert 1 < left <= 60
        assert signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)
    assert not rung


def test_a_ring_that_comes_too_late_hurts_nobody(monkeypatch):
    """The limit of other threads rings just as the answer ends: nothing comes later."""
    monkeypatch.setattr(clock, "TICK", 0.001)
    rung = 0

    def spend(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass

    for i in range(40):
        try:
            clock._by_thread(Clock(0.004), lambda i=i: spend(0.0003 * i))
        except TimeLimitExceeded:
            rung += 1
    time.sleep(0.01)  # a ring that is still on its way would come now
    assert 0 < rung < 40


def test_a_clock_inside_another_one_pauses_it():
    outer = Clock(0.2)

    def twice():
        within(Clock(5), lambda: _spend(0.3))
        return within(Clock(5), lambda: _spend(0.3))

    within(outer, twice)
    assert outer.work < 0.2


def _spend(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


# --- reading what came back ---------------------------------------------------------------------


class LazyArray:
    def __array__(self, *_, **__):
        loops()


class LazyText:
    def __repr__(self):
        loops()
        return ""


class LazyList(list):
    def __iter__(self):
        while True:
            yield 1


def endless():
    while True:
        yield 1.0


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (LazyArray, "too-slow"),
        (LazyText, "too-slow"),
        (LazyList, "too-slow"),
        (endless, "too-long"),
        (lambda: range(10**9), "too-long"),
        (lambda: iter(range(10**9)), "too-long"),
        (lambda: map(float, endless()), "too-long"),
    ],
)
def test_reading_is_bounded(value, code):
    start = time.process_time()
    assert lecturelib.check(FORWARD, lambda x, gamma, beta, eps: value()).code == code
    assert lecturelib.check("batch-norm-identity", value()).status == "not yet"
    assert time.process_time() - start < 8


def test_a_promise_is_no_value():
    async def answer(x, gamma, beta, eps):
        return right(x, gamma, beta, eps)

    reply = lecturelib.check(FORWARD, answer)
    assert (reply.code, "async" in reply.says) == ("coroutine", True)


# --- fresh kernels ------------------------------------------------------------------------------


def in_a_fresh_process(text: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(text)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_first_optimizer_of_a_kernel_may_import_what_it_needs():
    """``torch.optim`` imports torch's compiler, for seconds: it is neither broken nor counted."""
    out = in_a_fresh_process("""
        import time, torch, lecturelib

        def fit_temperature(logits, target):
            log_t = torch.zeros((), dtype=torch.float64, requires_grad=True)
            optimizer = torch.optim.LBFGS([log_t], line_search_fn="strong_wolfe")
            def closure():
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(logits / log_t.exp(), target)
                loss.backward()
                return loss
            for _ in range(5):
                optimizer.step(closure)
            return log_t.exp().detach()

        print(lecturelib.check("output-units-fit-temperature", fit_temperature).code)
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])
    """)
    assert "too-slow" not in out
    assert "exception" not in out


def test_an_endless_recursion_does_not_ring_in_the_next_line():
    out = in_a_fresh_process("""
        import signal, sys, time, lecturelib

        def answer(x, gamma, beta, eps):
            sys.setrecursionlimit(10**6)
            return answer(x, gamma, beta, eps) + 1

        print(lecturelib.check("batch-norm-forward", answer).code)
        print(signal.getitimer(signal.ITIMER_REAL), sys.getrecursionlimit())
        end = time.time() + 1
        while time.time() < end:
            pass
        print("alive")
    """)
    code, state, alive = out.strip().split("\n")
    assert code in ("too-slow", "exception")
    assert state == "(0.0, 0.0) 1000"
    assert alive == "alive"


def test_the_first_check_is_quick_and_imports_its_own_chapter_alone():
    out = in_a_fresh_process("""
        import sys, time, torch
        before, start = set(sys.modules), time.process_time()
        import lecturelib
        lecturelib.check("preprocessing-kappa", lambda x: x)
        lecturelib.hint("preprocessing-kappa")
        lecturelib.exercises.quiz("preprocessing-steps")
        print(time.process_time() - start)
        new = set(sys.modules) - before
        print(sorted({m.split(".")[2] for m in new if m.startswith("lecturelib.chapters.")}))
        print(sorted({m.partition(".")[0] for m in new}))
    """)
    seconds, own, packages = out.strip().split("\n")
    assert float(seconds) < 1.5
    assert eval(own) == ["preprocessing"]
    assert not {"sklearn", "scipy", "matplotlib"} & set(eval(packages))
