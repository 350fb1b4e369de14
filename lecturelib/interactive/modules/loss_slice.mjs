// A slice of a loss, a step of gradient descent on it, and what the smoothness on the way promises of the step.

import {COLORS, axes, between, buttons, choice, clip, controls, dot, element, fresh, handle, path, plot, reset, segment, show, slider, span, status} from "./kit.mjs";

/** Value and slope of each loss at θ; d is the depth of the network. */
export const LOSSES = {
  "quadratic": {value: (x) => (x * x) / 2, slope: (x) => x, x: [-3, 3], y: [-0.5, 5]},
  "sin θ cos 4θ": {
    value: (x) => Math.sin(x) * Math.cos(4 * x),
    slope: (x) => Math.cos(x) * Math.cos(4 * x) - 4 * Math.sin(x) * Math.sin(4 * x),
    x: [-2, 2], y: [-1.4, 1.4],
  },
  "deep linear network": {
    value: (x, d) => (x ** d - 1) ** 2 / 2,
    slope: (x, d) => (x ** d - 1) * d * x ** (d - 1),
    x: [-0.6, 1.8], y: [-0.4, 4],
  },
  "one ReLU": {
    value: (x) => (Math.max(x, 0) - 1) ** 2 / 2,
    slope: (x) => (x > 0 ? x - 1 : 0),
    x: [-1.5, 3], y: [-0.2, 2.2],
  },
};

const POINTS = 200; // at which the slope is looked at on the way

/** The largest change of the slope over distance, from θ downhill up to a distance; NaN on level ground. */
export function smoothness({loss, depth, position, reach}) {
  const {slope} = LOSSES[loss], here = slope(position, depth), side = -Math.sign(here);
  if (!side) return NaN;
  let largest = 0;
  for (let k = 1; k <= POINTS; k++) {
    const t = (reach * k) / POINTS;
    largest = Math.max(largest, Math.abs(slope(position + side * t, depth) - here) / t);
  }
  return largest;
}

/** What one step does, and whether the descent lemma promised that the loss would fall. */
export function step(state) {
  const {loss, depth, position, rate, reach} = state, {value, slope} = LOSSES[loss];
  const g = slope(position, depth), K = smoothness(state), next = position - rate * g, length = rate * Math.abs(g);
  const before = value(position, depth), after = value(next, depth);
  return {g, K, next, length, before, after, sure: 2 / K, promised: g !== 0 && length <= reach && rate < 2 / K};
}

/** The places of a number of steps, the start first. */
export function walk({loss, depth, position, rate, steps}) {
  const places = [position];
  for (let k = 0; k < steps; k++) places.push(places[k] - rate * LOSSES[loss].slope(places[k], depth));
  return places;
}

function render({model, el}) {
  const names = ["loss", "depth", "position", "rate", "reach", "steps"], id = fresh();
  let scale;
  const state = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const put = (x) => {
    const [low, high] = LOSSES[model.get("loss")].x;
    model.set("position", between(Number(x.toPrecision(6)), [low, high]));
    model.save_changes();
  };
  const box = plot("A loss of one parameter, its tangent and a parabola above it at the chosen place, and the steps of gradient descent from there.", 0.6, (w, h) => {
    const now = state(), {loss, depth, position, reach} = now, {value, x, y} = LOSSES[loss];
    scale = axes(w, h, x, y, "parameter θ", "loss");
    const {X, Y} = scale, {g, K, before} = step(now), side = -Math.sign(g), grid = span(x[0], x[1], 301);
    const line = (f, points, color, more) => path(points.map((v) => [X(v), Y(f(v))]), color, more);
    let markup = "";
    if (side) {
      const ends = [X(position), X(position + side * reach)].sort((a, b) => a - b);
      markup += `<rect x="${ends[0].toFixed(1)}" y="${scale.top}" width="${(ends[1] - ends[0]).toFixed(1)}" height="${scale.bottom - scale.top}" fill="currentColor" opacity=".1"/>`;
      const bound = (v) => before + g * (v - position) + (K * (v - position) ** 2) / 2;
      markup += line(bound, span(position, position + side * (x[1] - x[0]), 200), COLORS.orange, 'stroke-dasharray="6 4"');
    }
    markup += line((v) => before + g * (v - position), x, "currentColor", 'opacity=".45" stroke-dasharray="2 4"');
    markup += line((v) => value(v, depth), grid, COLORS.blue);
    const places = walk(now).map((v) => [X(v), Y(value(v, depth))]);
    for (let k = 1; k < places.length; k++) markup += segment(...places[k - 1], ...places[k], COLORS.vermillion, 'stroke-width="1.5"');
    places.forEach(([a, b], k) => { if (k && Number.isFinite(b)) markup += dot(a, b, 4.5, COLORS.vermillion, `data-step="${k}"`); });
    knob.at(...places[0], `start, at ${show(position)}; arrow keys move it`);
    return `${clip(id, scale)}${scale.markup}<g clip-path="url(#${id})">${markup}</g>`;
  });
  const knob = handle(box, {
    move: (px) => put(scale.x(px)),
    nudge: (dx) => put(model.get("position") + 0.05 * dx),
    axis: "x",
  });
  const table = element("table", {class: "lw-table"});
  const note = status();
  const update = () => {
    const now = state(), {g, K, length, before, after, sure, promised} = step(now);
    const row = (name, text) => `<tr><th scope="row">${name}</th><td>${text}</td></tr>`;
    table.innerHTML = `<tbody>${row("slope", show(g))}${row(`K, up to the distance ${show(now.reach)}`, g ? show(K) : "no way downhill")}${row("rates below 2/K are sure", g ? show(sure) : "–")}</tbody>`;
    const moves = `The loss ${after < before ? "falls" : after > before ? "rises" : "stays"}, from ${show(before)} to ${show(after)}.`;
    note.textContent = !g ? "The slope is 0: gradient descent stays here."
      : promised ? `The step ends within the shaded part, and its rate is below 2/K: the loss was sure to fall. ${moves}`
      : length > now.reach ? `The step is ${show(length)} long and leaves the shaded part: nothing is promised. ${moves}`
      : `The rate ${show(now.rate)} is not below 2/K = ${show(sure)}: nothing is promised. ${moves}`;
    box.redraw();
  };
  el.append(box, controls(
    choice(model, "loss", "loss", Object.keys(LOSSES)),
    slider(model, "depth", "depth of the network", [1, 2, 3, 4, 6, 8]),
    slider(model, "rate", "rate η", [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 1.5, 1.9, 2, 2.5]),
    slider(model, "reach", "smoothness up to", [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2]),
    slider(model, "steps", "steps", [1, 2, 3, 5, 10, 20]),
  ), buttons(reset(model, names)), element("p", {}, "Blue: the loss. Dotted: its tangent. Dashed: the bound of the descent lemma with K from the shaded part. Red: steps."), table, note);
  for (const name of names) model.on(`change:${name}`, update);
  update();
}

export default {render};
