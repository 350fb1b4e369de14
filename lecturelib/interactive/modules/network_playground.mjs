// A small network for points in the plane, trained in the page by stochastic gradient descent.

import {COLORS, axes, button, buttons, calm, choice, clock, controls, decades, dot, element, normal, path, plot, reset, show, slider, status, toggle, uniform} from "./kit.mjs";

const EPS = 1e-5, MOMENTUM = 0.1; // of batch norm, PyTorch's defaults
const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** Value and derivative, the latter from the input x and the value a. */
export const ACTIVATIONS = {
  relu: [(x) => Math.max(x, 0), (x) => +(x > 0)],
  tanh: [Math.tanh, (x, a) => 1 - a * a],
  sigmoid: [sigmoid, (x, a) => a * (1 - a)],
  identity: [(x) => x, () => 1],
};

/** Layers with weights uniform in ±1/√inputs, as PyTorch starts them; no bias before batch norm. */
export function network({depth, width, activation, normalize, seed}) {
  const next = uniform(seed + 1), layers = [];
  for (let k = 0, inputs = 2; k <= depth; k++, inputs = width) {
    const last = k === depth, outputs = last ? 1 : width, bound = 1 / Math.sqrt(inputs);
    const draw = () => bound * (2 * next() - 1);
    const layer = {W: Array.from({length: outputs}, () => Array.from({length: inputs}, draw))};
    if (normalize && !last) Object.assign(layer, {
      gamma: Array(outputs).fill(1), beta: Array(outputs).fill(0), mean: Array(outputs).fill(0), variance: Array(outputs).fill(1),
    });
    else layer.b = Array.from({length: outputs}, draw);
    layers.push(layer);
  }
  return {layers, activation};
}

const sum = (list, f) => {
  let total = 0;
  for (let i = 0; i < list.length; i++) total += f(list[i], i);
  return total;
};

/** Outputs of every layer for the rows of X; in training batch norm uses and remembers the batch. */
export function forward({layers, activation}, X, training = false) {
  const [f] = ACTIVATIONS[activation], trace = [];
  let A = X;
  layers.forEach((layer, k) => {
    const {W, b, gamma, beta} = layer, step = {A};
    let Z = A.map((a) => W.map((w, j) => sum(w, (v, i) => v * a[i]) + (b ? b[j] : 0)));
    if (gamma) {
      const m = Z.length;
      const mean = training ? W.map((_, j) => sum(Z, (z) => z[j]) / m) : layer.mean;
      const variance = training ? W.map((_, j) => sum(Z, (z) => (z[j] - mean[j]) ** 2) / m) : layer.variance;
      step.deviation = variance.map((v) => Math.sqrt(v + EPS));
      step.N = Z.map((z) => z.map((v, j) => (v - mean[j]) / step.deviation[j]));
      Z = step.N.map((n) => n.map((v, j) => gamma[j] * v + beta[j]));
      if (training) {
        layer.mean = layer.mean.map((v, j) => (1 - MOMENTUM) * v + MOMENTUM * mean[j]);
        layer.variance = layer.variance.map((v, j) => (1 - MOMENTUM) * v + (MOMENTUM * variance[j] * m) / (m - 1));
      }
    }
    step.Z = Z;
    A = step.out = k === layers.length - 1 ? Z : Z.map((z) => z.map(f));
    trace.push(step);
  });
  return trace;
}

/** Mean binary cross-entropy of logits. */
export const loss = (logits, y) =>
  sum(logits, ([z], i) => Math.max(z, 0) - z * y[i] + Math.log1p(Math.exp(-Math.abs(z)))) / y.length;

/** One step of gradient descent on a batch; returns its loss before the step. */
export function step(net, X, y, learningRate) {
  const trace = forward(net, X, true), derivative = ACTIVATIONS[net.activation][1], m = X.length;
  const logits = trace.at(-1).Z;
  let G = logits.map(([z], i) => [(sigmoid(z) - y[i]) / m]);
  const down = (parameters, gradients) => parameters.forEach((_, j) => { parameters[j] -= learningRate * gradients[j]; });
  for (let k = net.layers.length - 1; k >= 0; k--) {
    const {W, b, gamma, beta} = net.layers[k], {A, Z, N, out, deviation} = trace[k];
    if (k < net.layers.length - 1) G = G.map((g, n) => g.map((v, j) => v * derivative(Z[n][j], out[n][j])));
    if (gamma) {
      const dBeta = beta.map((_, j) => sum(G, (g) => g[j])), dGamma = gamma.map((_, j) => sum(G, (g, n) => g[j] * N[n][j]));
      // The compact backward pass of batch norm: centre the gradient and take out its part along N.
      G = G.map((g, n) => g.map((v, j) => (gamma[j] / deviation[j]) * (v - dBeta[j] / m - (N[n][j] * dGamma[j]) / m)));
      down(gamma, dGamma);
      down(beta, dBeta);
    }
    const below = A.map((a, n) => a.map((_, i) => sum(W, (w, j) => w[i] * G[n][j])));
    W.forEach((w, j) => down(w, w.map((_, i) => sum(A, (a, n) => a[i] * G[n][j]))));
    if (b) down(b, b.map((_, j) => sum(G, (g) => g[j])));
    G = below;
  }
  return loss(logits, y);
}

/** Points in [-1, 1]² and their classes. */
export const DATA = {
  "two moons": (u, y) => (y ? [0.32 + 0.65 * Math.cos(Math.PI * (1 + u)), 0.2 + 0.65 * Math.sin(Math.PI * (1 + u))] : [-0.32 + 0.65 * Math.cos(Math.PI * u), -0.2 + 0.65 * Math.sin(Math.PI * u)]),
  rings: (u, y) => [(y ? 0.35 : 0.8) * Math.cos(2 * Math.PI * u), (y ? 0.35 : 0.8) * Math.sin(2 * Math.PI * u)],
  "XOR": (u, y, v) => [(u < 0.5 ? -1 : 1) * (0.1 + 0.75 * v), (u < 0.5 === !!y ? -1 : 1) * (0.1 + 0.75 * ((u * 7.3) % 1))],
  spirals: (u, y) => [(y ? 1 : -1) * 0.9 * u * Math.cos(7 * u), (y ? 1 : -1) * 0.9 * u * Math.sin(7 * u)],
  "two blobs": (u, y, v) => [(y ? 0.4 : -0.4) + 0.25 * Math.cos(6.2832 * u) * v, (y ? 0.4 : -0.4) + 0.25 * Math.sin(6.2832 * u) * v],
};

export function points({data, noise, seed}, n = 200) {
  const next = uniform(7919 * seed + 17), jitter = normal(104729 * seed + 31), X = [], y = [];
  for (let i = 0; i < n; i++) {
    const [a, b] = DATA[data](next(), i % 2, next());
    X.push([a + 0.6 * noise * jitter(), b + 0.6 * noise * jitter()]);
    y.push(i % 2);
  }
  return {X, y};
}

const GRID = 40, EDGE = 1.25;
const GRID_POINTS = Array.from({length: GRID * GRID}, (_, k) => [
  EDGE * ((2 * ((k % GRID) + 0.5)) / GRID - 1), EDGE * (1 - (2 * (Math.floor(k / GRID) + 0.5)) / GRID),
]);

/** Paint a value in [-1, 1] for each grid point: blue below 0, orange above. */
function shade(canvas, values) {
  canvas.width = canvas.height = GRID;
  const context = canvas.getContext("2d"), image = context.createImageData(GRID, GRID);
  values.forEach((v, k) => image.data.set(v < 0 ? [0, 114, 178, -v * 150] : [230, 159, 0, v * 190], 4 * k));
  context.putImageData(image, 0, 0);
}

function render({model, el}) {
  let net, set, order, epoch, history;
  const next = uniform(5);
  const train = () => { // one epoch
    const size = model.get("batch_size");
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    let total = 0, batches = 0;
    for (let i = 0; i + 1 < order.length; i += size, batches++) {
      const batch = order.slice(i, i + size);
      if (batch.length < 2) break; // batch norm needs two
      total += step(net, batch.map((k) => set.X[k]), batch.map((k) => set.y[k]), model.get("learning_rate"));
    }
    epoch++;
    history.push(total / batches);
    return Number.isFinite(history.at(-1));
  };
  const back = element("canvas", {"aria-hidden": "true"});
  const map = plot("The points of the two classes and the network's decision region.", 1, (w, h) => {
    const s = axes(w, h, [-EDGE, EDGE], [-EDGE, EDGE], "", "");
    Object.assign(back.style, {left: `${s.left}px`, top: `${s.top}px`, width: `${s.right - s.left}px`, height: `${s.bottom - s.top}px`});
    return s.markup + set.X.map(([a, b], i) => (set.y[i]
      ? `<rect x="${s.X(a) - 3.5}" y="${s.Y(b) - 3.5}" width="7" height="7" fill="${COLORS.orange}" stroke="#222" stroke-width=".8"/>`
      : dot(s.X(a), s.Y(b), 4, COLORS.blue, 'stroke="#fff" stroke-width=".8"'))).join("");
  });
  map.prepend(back);
  const curve = plot("Training loss by epoch.", 0.6, (w, h) => {
    const top = Math.max(0.8, ...history.filter(Number.isFinite).map((v) => Math.min(v, 3)));
    const s = axes(w, h, [0, Math.max(20, history.length)], [0, top], "epoch", "training loss");
    const stride = Math.ceil(history.length / 400);
    return s.markup + path(history.map((v, i) => [s.X(i + 1), s.Y(Math.min(v, top))]).filter((_, i) => i % stride === 0), COLORS.vermillion);
  });
  const units = element("div", {class: "lw-units", role: "img", "aria-label": "What each hidden unit computes over the plane, one row a layer."});
  const note = status();
  const paint = () => {
    const trace = forward(net, GRID_POINTS);
    shade(back, trace.at(-1).Z.map(([z]) => 2 * sigmoid(z) - 1));
    trace.slice(0, -1).forEach(({out}, k) => out[0].forEach((_, j) => {
      const column = out.map((a) => a[j]), most = Math.max(1e-9, ...column.map(Math.abs));
      shade(units.children[k].children[j], column.map((v) => v / most));
    }));
    curve.redraw();
  };
  const tell = () => {
    const logits = forward(net, set.X).at(-1).Z;
    const right = sum(logits, ([z], i) => +(z > 0 === !!set.y[i])) / set.y.length;
    note.textContent = !Number.isFinite(history.at(-1) ?? 0) ? `The training diverged at epoch ${epoch}: lower the learning rate.`
      : `Epoch ${epoch}: loss ${show(loss(logits, set.y))}, ${show(100 * right)} % of the points right.`;
  };
  let told = 0;
  const film = clock(() => {
    const began = performance.now();
    let fine = true;
    while (fine && performance.now() - began < 8) fine = train();
    paint();
    if (began - told > 1000 || !fine) {
      told = began;
      tell();
    }
    if (fine && epoch < 2000) return true;
    pause();
    return false;
  });
  const pause = () => {
    film.stop();
    start.textContent = "Train";
    tell();
  };
  const run = (epochs) => {
    for (let i = 0; i < epochs && train(); i++);
    paint();
    tell();
  };
  const start = button("Train", () => {
    if (film.running) pause();
    else if (calm()) run(100);
    else {
      start.textContent = "Pause";
      film.start();
    }
  });
  const restart = () => {
    if (film.running) pause();
    const get = (...names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));
    net = network(get("depth", "width", "activation", "normalize", "seed"));
    set = points(get("data", "noise", "seed"));
    order = set.X.map((_, i) => i);
    epoch = 0;
    history = [];
    units.replaceChildren(...net.layers.slice(0, -1).map(({W}) => element("div", {}, ...W.map(() => element("canvas")))));
    paint();
    map.redraw();
    tell();
  };
  el.append(element("div", {class: "lw-row"}, map, element("div", {class: "lw-plot"}, curve, units)), buttons(
    start, button("10 epochs", () => run(10)),
    button("Start again", () => { model.set("seed", model.get("seed") + 1); model.save_changes(); }),
    reset(model, ["data", "activation", "normalize", "depth", "width", "learning_rate", "batch_size", "noise", "seed"]),
  ), controls(
    choice(model, "data", "data", Object.keys(DATA)),
    choice(model, "activation", "activation", Object.keys(ACTIVATIONS)),
    toggle(model, "normalize", "batch norm"),
    slider(model, "depth", "hidden layers", [0, 1, 2, 3, 4, 6]),
    slider(model, "width", "units a layer", [1, 2, 3, 4, 6, 8]),
    slider(model, "learning_rate", "learning rate", decades(-3, 1)),
    slider(model, "batch_size", "batch size", [2, 4, 8, 16, 32, 64, 200]),
    slider(model, "noise", "noise in the data", [0, 0.05, 0.1, 0.15, 0.25, 0.4]),
  ), note);
  for (const name of ["data", "noise", "depth", "width", "activation", "normalize", "seed"]) model.on(`change:${name}`, restart);
  restart();
  return () => film.stop();
}

export default {render};
