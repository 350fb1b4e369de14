// One feature of a batch under the microscope: drag a value, and see the statistics and all outputs move.

import {COLORS, axes, between, button, buttons, controls, dot, element, handle, normal, plot, reset, segment, show, slider, span, status, toggle, word} from "./kit.mjs";

export const EPS = 1e-5; // PyTorch's default

/** Mean and variance of the batch: biased, as it normalizes, and unbiased, as it is remembered. */
export function statistics(values) {
  const n = values.length, mean = values.reduce((a, b) => a + b, 0) / n;
  const square = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  return {mean, variance: square / n, unbiased: square / (n - 1)};
}

/** y = γ (x − mean) / √(variance + ε) + β */
export const normalize = (values, {mean, variance}, gamma, beta, eps = EPS) =>
  values.map((x) => (gamma * (x - mean)) / Math.sqrt(variance + eps) + beta);

/** The running statistics after one more batch. */
export const remember = (running, values, momentum) => {
  const {mean, unbiased} = statistics(values);
  return {
    mean: (1 - momentum) * running.mean + momentum * mean,
    variance: (1 - momentum) * running.variance + momentum * unbiased,
  };
};

const IN = [-8, 8], OUT = [-4, 4];

function render({model, el}) {
  let running = {mean: 0, variance: 1}, batches = 0, draws = 0, scale, chosen = 0, knobs = [];
  const values = () => model.get("values");
  const draw = () => {
    const next = normal(model.get("seed") * 1009 + draws++);
    const made = Array.from({length: model.get("batch_size")}, () =>
      between(Math.round((model.get("mean") + model.get("deviation") * next()) * 100) / 100, IN));
    model.set("values", made);
    model.save_changes();
  };
  const used = () => (model.get("training") ? statistics(values()) : running);
  const outputs = () => normalize(values(), used(), model.get("gamma"), model.get("beta"));
  const move = (i, x) => {
    chosen = i;
    model.set("values", values().map((v, k) => (k === i ? between(Math.round(x * 100) / 100, IN) : v)));
    model.save_changes();
  };
  const box = plot("The batch above, its normalized values below; lines join each value with its output.", 0.45, (w, h) => {
    const s = axes(w, h, IN, [0, 1], "", ""), top = 64, bottom = h - 46;
    const out = (v) => s.left + ((v - OUT[0]) / (OUT[1] - OUT[0])) * (s.right - s.left);
    scale = s;
    const {mean, variance} = used(), deviation = Math.sqrt(variance), y = outputs();
    let markup = "";
    const line = (at, X, range, title) => {
      markup += segment(s.left, at, s.right, at);
      for (const v of span(range[0], range[1], 9)) markup += segment(X(v), at - 4, X(v), at + 4) + word(X(v), at + 30, show(v));
      markup += word(s.left, at - 26, title, "start");
    };
    const a = between(mean - deviation, IN), b = between(mean + deviation, IN);
    markup += `<rect x="${s.X(a)}" y="${top - 14}" width="${s.X(b) - s.X(a)}" height="28" fill="${COLORS.sky}" opacity=".35"/>`;
    line(top, s.X, IN, model.get("training") ? "batch; blue: its mean ± standard deviation" : "batch; blue: running mean ± deviation");
    line(bottom, out, OUT, `output, γ = ${show(model.get("gamma"))}, β = ${show(model.get("beta"))}`);
    markup += segment(s.X(between(mean, IN)), top - 18, s.X(between(mean, IN)), top + 18, COLORS.blue, 'stroke-width="3"');
    values().forEach((v, i) => {
      const end = between(y[i], OUT), color = i === chosen ? COLORS.vermillion : COLORS.grey;
      markup += segment(s.X(v), top, out(end), bottom, color, `stroke-width="${i === chosen ? 2.5 : 1.2}" opacity=".8"`);
      markup += end === y[i] ? dot(out(end), bottom, 6, color, `data-output="${y[i]}"`) : word(out(end), bottom - 10, y[i] > end ? "→" : "←");
    });
    while (knobs.length > values().length) knobs.pop().remove();
    while (knobs.length < values().length) {
      const i = knobs.length;
      knobs.push(handle(box, {axis: "x", color: COLORS.grey, move: (px) => move(i, scale.x(px)), nudge: (dx) => move(i, values()[i] + 0.1 * dx)}));
      knobs[i].addEventListener("focus", () => { chosen = i; box.redraw(); });
    }
    knobs.forEach((knob, i) => {
      knob.style.color = i === chosen ? COLORS.vermillion : COLORS.grey;
      knob.at(s.X(values()[i]), top, `value ${i + 1} of ${values().length}, at ${show(values()[i])}; arrow keys move it`);
    });
    return markup;
  });
  const table = element("table", {class: "lw-table"});
  const note = status();
  const update = () => {
    const {mean, variance} = statistics(values()), y = statistics(outputs());
    const tidy = (v) => show(Math.abs(v) < 1e-12 ? 0 : v); // rounding errors of the mean
    const row = (name, a, b) => `<tr><th scope="row">${name}</th><td>${tidy(a)}</td><td>${tidy(b)}</td></tr>`;
    table.innerHTML = `<thead><tr><td></td><th scope="col">mean</th><th scope="col">variance</th></tr></thead><tbody>${row("this batch", mean, variance)}${row(`running, after ${batches} ${batches === 1 ? "batch" : "batches"}`, running.mean, running.variance)}${row("output", y.mean, y.variance)}</tbody>`;
    note.textContent = `Value ${chosen + 1} is ${show(values()[chosen])} and becomes ${show(outputs()[chosen])}.`;
    box.redraw();
  };
  if (!values().length) draw();
  const forget = () => {
    running = {mean: 0, variance: 1};
    batches = draws = chosen = 0;
    update();
  };
  el.append(box, buttons(
    button("New batch", draw),
    button("Remember this batch", () => {
      running = remember(running, values(), model.get("momentum"));
      batches++;
      update();
    }),
    button("Forget", forget),
    reset(model, ["batch_size", "gamma", "beta", "momentum", "mean", "deviation", "training", "values"], forget),
    toggle(model, "training", "training (off: running statistics normalize)"),
  ), controls(
    slider(model, "batch_size", "batch size", [2, 3, 4, 6, 8, 12, 16]),
    slider(model, "gamma", "γ", span(-2, 2, 17)),
    slider(model, "beta", "β", span(-2, 2, 17)),
    slider(model, "momentum", "momentum", [0.01, 0.05, 0.1, 0.2, 0.5, 1]),
    slider(model, "mean", "mean of the data", span(-4, 4, 17)),
    slider(model, "deviation", "deviation of the data", [0.1, 0.5, 1, 1.5, 2, 3]),
  ), table, note);
  for (const name of ["batch_size", "mean", "deviation", "seed"]) model.on(`change:${name}`, draw);
  for (const name of ["values", "gamma", "beta", "training"]) model.on(`change:${name}`, () => {
    chosen = Math.min(chosen, values().length - 1);
    update();
  });
  update();
}

export default {render};
