"""The training loop against one written out, its probes, errors and history."""

import copy
import itertools
import math
import pickle

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.data import Split, batches
from lecturelib.models import mlp
from lecturelib.training import History, NonFiniteLossError, evaluate, train


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


@pytest.fixture
def data(rng):
    x = torch.randn(60, 4, generator=rng)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    return Split(x[:44], y[:44], x[44:], y[44:])


def model(norm="batch"):
    return mlp(4, [8], 3, norm=norm, generator=generator())


def run(net, data, **options):
    options = {"optimizer": sgd, "epochs": 3, "batch_size": 16, "generator": generator(), **options}
    return train(net, data, progress=False, **options)


def test_the_history_of_a_training_that_fails_can_be_kept(data):
    """An error that is not the loss's, and Ctrl-C, leave what was recorded in the history given."""
    for error in (ZeroDivisionError, KeyboardInterrupt):

        def stop(net, step, error=error):
            if step == 4:
                raise error
            return {"twice": 2.0 * step}

        history = History()
        with pytest.raises(error):
            run(model(), data, probes=[stop], history=history)
        assert history.column("twice") == [0, 2, 4, 6]
        assert (
            history.records
            == run(model(), data, probes=[lambda n, s: {"twice": 2.0 * s}]).records[:4]
        )


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_gradients_must_be_on(data, mode):
    with mode(), pytest.raises(ValueError, match="train: gradients are off"):
        run(model(), data)


def test_a_history_goes_on(data):
    whole, parts = History(), History()
    assert run(model(), data, epochs=4, history=whole) is whole
    net, g = model(), generator()
    optimizer = sgd(net.parameters())
    for epochs in (1, 0, 3):
        run(net, data, epochs=epochs, history=parts, generator=g, optimizer=optimizer)
    assert parts == whole


def test_a_nan_loss_comes_back_from_a_process(data):
    with pytest.raises(NonFiniteLossError) as caught:
        run(model(), data, loss=lambda output, y: F.cross_entropy(output, y) * math.inf)
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.step, error.value) == (0, math.inf)
    assert error.history == caught.value.history
    assert str(error) == str(caught.value)


def test_equals_a_loop_written_out(data):
    ours, theirs = model(), model()
    history = run(ours, data)
    optimizer, g, losses = sgd(theirs.parameters()), generator(), []
    for _ in range(3):
        theirs.train()
        for x, y in batches(data.x_train, data.y_train, 16, generator=g):
            loss = F.cross_entropy(theirs(x), y)
            losses.append(loss.item())
            theirs.zero_grad()
            loss.backward()
            optimizer.step()
        theirs.eval()
    for a, b in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert history.column("loss") == losses
    with torch.no_grad():
        output = theirs(data.x_test)
    assert history.final["test_loss"] == F.cross_entropy(output, data.y_test).item()
    assert history.final["test_accuracy"] == (output.argmax(1) == data.y_test).double().mean()


def test_records_and_epochs(data):
    history = run(model(), data)
    assert [r["step"] for r in history.records] == list(range(9))  # 16 + 16 + 12 an epoch
    assert [r["epoch"] for r in history.records] == [0] * 3 + [1] * 3 + [2] * 3
    first = [r["loss"] for r in history.records[:3]]
    expected = (16 * first[0] + 16 * first[1] + 12 * first[2]) / 44
    assert history.epochs[0]["loss"] == pytest.approx(expected)
    assert history.final is history.epochs[-1]


def test_the_generator_decides(data):
    first, again = run(model(), data), run(model(), data)
    other = run(model(), data, generator=generator(1))
    assert first == again != other


def test_without_generator_the_global_seed_decides(data):
    def once(seed):
        torch.manual_seed(seed)
        return run(model(), data, generator=None).column("loss")

    assert once(0) == once(0) != once(1)


def test_an_optimizer_that_is_made_already(data):
    net = model()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    assert run(net, data, optimizer=optimizer) == run(model(), data)


def test_training_data_alone(data):
    history = run(model(), data[:2])
    assert set(history.final) == {"epoch", "loss"}


def test_no_epochs(data):
    net = model()
    before = copy.deepcopy(net.state_dict())
    history = run(net, data, epochs=0)
    assert history == History()
    assert history.final == {}
    assert history.table() == "no epoch has ended"
    for a, b in zip(before.values(), net.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_probes_see_gradients_and_the_weights_before_the_step(data):
    seen = []

    def probe(net, step):
        seen.append((step, net.output.weight.detach().clone(), net.output.weight.grad.clone()))
        return {"norm": net.output.weight.grad.norm().item()}

    net = model()
    start = net.output.weight.detach().clone()
    history = run(net, data, probes=[probe, lambda net, step: {"twice": 2 * step}])
    assert torch.equal(seen[0][1], start)
    for (_, weight, grad), (_, following, _) in itertools.pairwise(seen):
        torch.testing.assert_close(following, weight - 0.1 * grad)
    assert history.column("twice") == [2 * i for i in range(9)]
    assert history.column("norm") == [grad.norm().item() for _, _, grad in seen]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_names_its_step(bad, data):
    count = iter(range(100))

    def loss(output, target):
        return F.cross_entropy(output, target) * (bad if next(count) == 4 else 1)

    net = model()
    with pytest.raises(NonFiniteLossError, match=rf"^train: the loss is {bad} at step 4") as caught:
        run(net, data[:2], loss=loss)
    assert isinstance(caught.value, (ValueError, FloatingPointError))
    assert caught.value.step == 4
    assert len(caught.value.history.records) == 4
    assert all(p.isfinite().all() for p in net.parameters())


def test_both_kinds_of_except_catch_it():
    for kind in (ValueError, FloatingPointError):
        with pytest.raises(kind):
            raise NonFiniteLossError(0, math.nan, History())


def test_divergence_is_found(data):
    def wild(parameters):
        return torch.optim.SGD(parameters, lr=1e20)

    with pytest.raises(NonFiniteLossError):
        run(model(norm=None), data, optimizer=wild)


def test_types_are_respected(data):
    double = [t.double() if t.is_floating_point() else t for t in data]
    net = model().double()
    run(net, double)
    assert {p.dtype for p in net.parameters()} == {torch.float64}
    with pytest.raises(
        TypeError, match=r"^train: the model is torch.float32, the inputs are torch"
    ):
        run(model(), double)


def test_devices_are_respected(data):
    net = model()
    assert run(net, data, device="cpu") == run(model(), data)
    with pytest.raises(ValueError, match=r"^train: the model is on meta, the data on cpu; pass"):
        run(model().to("meta"), data)


def test_drop_last_saves_batch_norm_from_a_single_sample(data):
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        run(model(), data[:2], batch_size=43)
    history = run(model(), data[:2], batch_size=43, drop_last=True)
    assert len(history.records) == 3


def test_frozen_modules_stay_frozen_after_the_test_of_an_epoch(data):
    net = model()
    frozen = []

    def probe(net, step):
        net.norm1.eval()
        frozen.append(net.norm1.num_batches_tracked.item())
        return {}

    run(net, data, probes=[probe])
    assert frozen == [1] * 9  # only the first step came before the freezing
    assert net.training


def test_model_without_parameters(data):
    with pytest.raises(ValueError, match="empty parameter list"):
        run(nn.Identity(), data)


def test_progress_is_shown_and_can_be_switched_off(data, capsys):
    options = {"optimizer": sgd, "epochs": 1, "batch_size": 16, "generator": generator()}
    train(model(), data, **options, progress=True)
    assert "train" in capsys.readouterr().err
    train(model(), data, **options, progress=False)
    assert capsys.readouterr().err == ""


ERRORS = {
    "epochs": (ValueError, "epochs must be at least 0, got -1", {"epochs": -1}),
    "optimizer": (TypeError, "optimizer made a list, not an Optimizer", {"optimizer": list}),
    "loss": (
        ValueError,
        r"the loss must be a scalar, got shape \(16,\)",
        {"loss": lambda output, target: F.cross_entropy(output, target, reduction="none")},
    ),
    "no batch": (ValueError, "no batch of 99 in 44", {"batch_size": 99, "drop_last": True}),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case, data):
    error, message, options = ERRORS[case]
    with pytest.raises(error, match=f"^train: {message}"):
        run(model(), data, **options)


def test_batch_size_error(data):
    for drop_last in (False, True):
        with pytest.raises(ValueError, match=r"^train: batch_size must be at least 1, got 0"):
            run(model(), data, batch_size=0, drop_last=drop_last)


def test_number_of_tensors(data):
    with pytest.raises(ValueError, match=r"^train: data must be \(x, y\) or .*, got 3"):
        run(model(), data[:3])


# ---------------------------------------------------------------- evaluate and History


def test_evaluate_is_in_eval_mode_and_restores_each_mode(data):
    net = model()
    net.norm1.eval()
    before = copy.deepcopy(net.state_dict())
    result = evaluate(net, data.x_test, data.y_test)
    assert net.training
    assert not net.norm1.training
    for a, b in zip(before.values(), net.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    net.eval()
    output = net(data.x_test)
    assert result["loss"] == F.cross_entropy(output, data.y_test).item()


def test_evaluate_restores_modes_after_an_error(data):
    net = model()
    with pytest.raises(RuntimeError):
        evaluate(net, data.x_test[:, :2], data.y_test)
    assert net.training


def test_regression_has_no_accuracy():
    x = torch.zeros(3, 1)
    assert evaluate(nn.Identity(), x, x, loss=F.mse_loss) == {"loss": 0.0}


def history_of(n):
    return History(
        records=[{"step": i, "epoch": i, "loss": 1 / (i + 1)} for i in range(n)],
        epochs=[
            {"epoch": i, "loss": 1 / (i + 1), "test_loss": 0.123456, "test_accuracy": 0.5}
            for i in range(n)
        ],
    )


def test_table():
    assert history_of(2).table() == (
        "epoch  loss  test_loss  test_accuracy\n"
        "    0     1     0.1235            0.5\n"
        "    1   0.5     0.1235            0.5"
    )


@pytest.mark.parametrize(
    ("n", "rows", "expected"), [(1, 10, 1), (5, 10, 5), (50, 10, 10), (50, 1, 2)]
)
def test_a_long_table_keeps_its_ends(n, rows, expected):
    lines = history_of(n).table(rows).splitlines()[1:]
    epochs = [int(line.split()[0]) for line in lines]
    assert len(set(epochs)) == len(epochs) == expected
    assert epochs[0] == 0
    assert epochs[-1] == n - 1


def test_columns_of_epochs_and_unknown_ones():
    history = history_of(3)
    assert history.column("test_accuracy") == [0.5] * 3
    with pytest.raises(KeyError, match=r"nothing is called 'los'.*'epoch', 'loss'"):
        history.column("los")


def test_plot_draws_what_was_recorded():
    from matplotlib import pyplot

    figure = history_of(4).plot()
    left, right = figure.axes
    assert left.lines[0].get_ydata().tolist() == [1, 1 / 2, 1 / 3, 1 / 4]
    assert left.lines[1].get_xdata().tolist() == [1, 2, 3, 4]  # steps done at each epoch's end
    assert right.lines[0].get_ydata().tolist() == [0.5] * 4
    assert left.get_xlabel() == right.get_xlabel() == "step"
    assert left.get_ylabel() == "loss"
    assert right.get_ylabel() == "test accuracy"
    assert pyplot.get_fignums() == []


def test_plot_without_test_data(data):
    figure = run(model(), data[:2], epochs=1).plot()
    assert len(figure.axes) == 1
