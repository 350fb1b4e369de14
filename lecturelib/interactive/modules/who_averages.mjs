// Who averages over what: a batch of feature maps, and the values that share a mean and a deviation with a chosen one.

import {COLORS, buttons, choice, controls, element, normal, plot, reset, show, slider, status, word} from "./kit.mjs";

export const EPS = 1e-5; // PyTorch's default

/** For each norm: over which axes it takes its statistics, and whether it removes the mean. */
export const NORMS = {
  "batch norm": {sample: true, channel: false, place: true, center: true},
  "layer norm": {sample: false, channel: true, place: true, center: true},
  "layer norm, place by place": {sample: false, channel: true, place: false, center: true},
  "instance norm": {sample: false, channel: false, place: true, center: true},
  "group norm": {sample: false, channel: "group", place: true, center: true},
  "RMS norm": {sample: false, channel: true, place: true, center: false},
};

/** Indices [sample, channel, place] of all values, in the order of PyTorch's (N, C, L). */
export const indices = ([N, C, L]) => {
  const found = [];
  for (let n = 0; n < N; n++) for (let c = 0; c < C; c++) for (let l = 0; l < L; l++) found.push([n, c, l]);
  return found;
};

/** Whether the values at a and b share a statistic. */
export function together(norm, [, C], groups, a, b) {
  const {sample, channel, place} = NORMS[norm], size = C / groups;
  const group = (i) => Math.floor(i[1] / size);
  const channels = channel === "group" ? group(a) === group(b) : channel || a[1] === b[1];
  return (sample || a[0] === b[0]) && channels && (place || a[2] === b[2]);
}

/** Mean (0 where it stays) and deviation of the values that share a statistic with the one at i. */
export function statistics(norm, shape, groups, values, i) {
  const at = indices(shape), shared = values.filter((_, k) => together(norm, shape, groups, at[k], at[i]));
  const mean = NORMS[norm].center ? shared.reduce((a, b) => a + b, 0) / shared.length : 0;
  const square = shared.reduce((a, b) => a + (b - mean) ** 2, 0) / shared.length;
  return {mean, deviation: Math.sqrt(square + EPS), count: shared.length};
}

/** The normalized values, γ = 1 and β = 0. */
export const normalize = (norm, shape, groups, values) =>
  values.map((x, i) => {
    const {mean, deviation} = statistics(norm, shape, groups, values, i);
    return (x - mean) / deviation;
  });

function render({model, el}) {
  const shape = () => [model.get("samples"), model.get("channels"), model.get("places")];
  const groups = () => Math.min(model.get("groups"), model.get("channels"));
  const chosen = () => ["sample", "channel", "place"].map((name, k) => Math.min(model.get(name), shape()[k]) - 1);
  const values = () => {
    const next = normal(model.get("seed") + 1);
    return indices(shape()).map(() => next());
  };
  const box = plot("One block of cells a sample, a row a channel, a column a place. The cells that share a statistic with the chosen one are filled.", 0.42, (w, h) => {
    const [N, C, L] = shape(), norm = model.get("norm"), here = chosen(), left = 62, top = 30;
    const gap = 16, cell = Math.min((w - left - 8 - gap * (N - 1)) / (N * L), (h - top - 30) / C, 40);
    const at = ([n, c, l]) => [left + n * (L * cell + gap) + l * cell, top + c * cell];
    let markup = word(left - 8, top - 10, "channel", "end");
    for (let c = 0; c < C; c++) markup += word(left - 8, top + c * cell + cell / 2 + 4, c + 1, "end");
    for (let n = 0; n < N; n++) {
      const x = at([n, 0, 0])[0] + (L * cell) / 2;
      markup += word(x, top - 10, N > 4 ? n + 1 : `sample ${n + 1}`);
      markup += word(x, top + C * cell + 18, n ? "" : "places →");
    }
    for (const i of indices(shape())) {
      const [x, y] = at(i), self = i.every((v, k) => v === here[k]);
      const shared = together(norm, shape(), groups(), i, here);
      const fill = self ? COLORS.vermillion : shared ? COLORS.blue : "none";
      markup += `<rect x="${(x + 1).toFixed(1)}" y="${(y + 1).toFixed(1)}" width="${(cell - 2).toFixed(1)}" height="${(cell - 2).toFixed(1)}" rx="2" fill="${fill}" fill-opacity="${self ? 1 : 0.65}" stroke="currentColor" stroke-opacity=".55" pointer-events="all" data-at="${i}" data-shared="${shared}"/>`;
    }
    return markup;
  });
  box.svg.addEventListener("click", (event) => {
    const at = event.target.dataset?.at;
    if (!at) return;
    at.split(",").forEach((v, k) => model.set(["sample", "channel", "place"][k], +v + 1));
    model.save_changes();
  });
  const table = element("table", {class: "lw-table"});
  const note = status();
  const update = () => {
    const norm = model.get("norm"), here = chosen(), all = indices(shape()), x = values();
    const i = all.findIndex((v) => v.every((u, k) => u === here[k]));
    const {mean, deviation, count} = statistics(norm, shape(), groups(), x, i);
    const row = (name, text) => `<tr><th scope="row">${name}</th><td>${text}</td></tr>`;
    const reach = NORMS[norm].sample && shape()[0] > 1 ? "yes" : "no";
    table.innerHTML = `<tbody>${row("values that share a statistic", count)}${row("statistics of the whole batch", all.length / count)}${row("do the other samples matter?", reach)}</tbody>`;
    const [n, c, l] = here.map((v) => v + 1);
    note.textContent = `Sample ${n}, channel ${c}, place ${l}: ${show(x[i])} becomes (${show(x[i])} − ${show(mean)}) / ${show(deviation)} = ${show((x[i] - mean) / deviation)}`.replace("− −", "+ ") + (count === 1 ? ": a value that is alone loses all it says." : ".");
    box.redraw();
  };
  el.append(box, controls(
    choice(model, "norm", "normalization", Object.keys(NORMS)),
    slider(model, "groups", "groups", [1, 2, 4, 8]),
    slider(model, "samples", "samples", [1, 2, 3, 4, 6]),
    slider(model, "channels", "channels", [2, 4, 8]),
    slider(model, "places", "places", [1, 2, 3, 4, 6]),
    slider(model, "sample", "chosen: sample", [1, 2, 3, 4, 5, 6]),
    slider(model, "channel", "channel", [1, 2, 3, 4, 5, 6, 7, 8]),
    slider(model, "place", "place", [1, 2, 3, 4, 5, 6]),
  ), buttons(reset(model, ["norm", "groups", "samples", "channels", "places", "sample", "channel", "place"])), table, note);
  for (const name of ["norm", "groups", "samples", "channels", "places", "sample", "channel", "place", "seed"]) model.on(`change:${name}`, update);
  update();
}

export default {render};
