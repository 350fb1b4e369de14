// Activation functions: value, derivative, parameter, and where they saturate.

import {COLORS, axes, between, buttons, choice, clip, controls, dot, element, fresh, handle, path, plot, reset, segment, show, slider, span, status, word} from "./kit.mjs";

/** The error function to full double precision: a series near 0, a continued fraction beyond. */
export function erf(x) {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = x, sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
      if (n > 100) break;
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 80; k > 0; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const cumulative = (x) => 0.5 * (1 + erf(x / Math.SQRT2));
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const SELU = {alpha: 1.6732632423543772848170429916717, scale: 1.0507009873554804934193349852946};

/** f, its derivative d, and the name, default and values of the parameter where there is one. */
export const ACTIVATIONS = {
  sigmoid: {f: sigmoid, d: (x) => sigmoid(x) * sigmoid(-x)},
  tanh: {f: Math.tanh, d: (x) => 1 / Math.cosh(x) ** 2},
  "LeCun tanh": {f: (x) => 1.7159 * Math.tanh((2 * x) / 3), d: (x) => (1.7159 * 2) / 3 / Math.cosh((2 * x) / 3) ** 2},
  relu: {f: (x) => Math.max(x, 0), d: (x) => +(x > 0)},
  "leaky relu": {f: (x, a) => (x > 0 ? x : a * x), d: (x, a) => (x > 0 ? 1 : a), parameter: "slope below 0", usual: 0.1},
  elu: {f: (x, a) => (x > 0 ? x : a * Math.expm1(x)), d: (x, a) => (x > 0 ? 1 : a * Math.exp(x)), parameter: "α", usual: 1},
  selu: {f: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)), d: (x) => SELU.scale * (x > 0 ? 1 : SELU.alpha * Math.exp(x))},
  softplus: {f: (x, b) => softplus(b * x) / b, d: (x, b) => sigmoid(b * x), parameter: "β", usual: 1},
  silu: {f: (x) => x * sigmoid(x), d: (x) => sigmoid(x) * (1 + x * sigmoid(-x))},
  gelu: {f: (x) => x * cumulative(x), d: (x) => cumulative(x) + x * density(x)},
  mish: {f: (x) => x * Math.tanh(softplus(x)), d: (x) => Math.tanh(softplus(x)) + (x * sigmoid(x)) / Math.cosh(softplus(x)) ** 2},
  identity: {f: (x) => x, d: () => 1},
};

/** Where |derivative| < limit between low and high, as intervals: there the gradient dies. */
export function saturated(name, parameter, [low, high], limit = 0.05, n = 400) {
  const found = [];
  for (const x of span(low, high, n + 1)) {
    const dead = Math.abs(ACTIVATIONS[name].d(x, parameter)) < limit, last = found.at(-1);
    if (dead && last && last.open) last[1] = x;
    else if (dead) found.push(Object.assign([x, x], {open: true}));
    else if (last) last.open = false;
  }
  return found.map(([a, b]) => [a, b]);
}

const RANGE = [-6, 6];

function render({model, el}) {
  let scale;
  const current = () => ACTIVATIONS[model.get("activation")];
  const value = () => model.get("input");
  const draw = (kind, heights, title) => (w, h) => {
    const s = axes(w, h, RANGE, heights, "input", title);
    if (kind === "f") scale = s;
    const id = fresh(), xs = span(...RANGE, 361), a = model.get("parameter");
    let markup = clip(id, s);
    for (const [low, high] of saturated(model.get("activation"), a, RANGE)) {
      const width = s.X(high) - s.X(low);
      markup += `<rect class="lw-dead" x="${s.X(low)}" y="${s.top}" width="${width}" height="${s.bottom - s.top}" fill="${COLORS.orange}" opacity=".18"/>`;
      if (kind === "f" && width > 60) markup += word(s.X((low + high) / 2), s.top + 16, "saturated");
    }
    markup += s.markup + segment(s.left, s.Y(0), s.right, s.Y(0), "currentColor", 'opacity=".5"');
    const other = ACTIVATIONS[model.get("compare")];
    const curve = (one, color, more) => path(xs.map((x) => [s.X(x), s.Y(one[kind](x, a))]), color, more);
    markup += `<g clip-path="url(#${id})">${other && other !== current() ? curve(other, COLORS.grey, 'stroke-dasharray="6 4"') : ""}${curve(current(), kind === "f" ? COLORS.blue : COLORS.vermillion, 'data-curve="1"')}</g>`;
    const x = value(), y = current()[kind](x, a);
    markup += segment(s.X(x), s.top, s.X(x), s.bottom, "currentColor", 'stroke-dasharray="2 3"') + dot(s.X(x), s.Y(between(y, heights)), 5, kind === "f" ? COLORS.blue : COLORS.vermillion);
    if (kind === "f") knob.at(s.X(x), s.Y(between(y, heights)), `input ${show(x)}; arrow keys move it`);
    return markup;
  };
  const top = plot("The activation function.", 0.62, (w, h) => draw("f", [-2.2, 4.2], "activation")(w, h));
  const bottom = plot("Its derivative.", 0.62, (w, h) => draw("d", [-0.3, 1.3], "derivative")(w, h));
  const place = (x) => {
    model.set("input", between(Math.round(x * 100) / 100, RANGE));
    model.save_changes();
  };
  const knob = handle(top, {axis: "x", color: COLORS.blue, move: (px) => place(scale.x(px)), nudge: (dx) => place(value() + 0.1 * dx)});
  const note = status();
  const names = Object.keys(ACTIVATIONS);
  const parameter = slider(model, "parameter", "parameter", [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5]);
  el.append(element("div", {class: "lw-row"}, top, bottom), controls(
    choice(model, "activation", "activation", names), parameter,
    choice(model, "compare", "compare with (dashed)", names),
  ), buttons(reset(model, ["activation", "parameter", "input", "compare"])), note);
  const update = () => {
    const {f, d, parameter: name} = current(), x = value(), a = model.get("parameter");
    parameter.hidden = !name;
    parameter.firstChild.textContent = name ?? "parameter";
    note.textContent = `At ${show(x)} the ${model.get("activation")} gives ${show(f(x, a))} and passes ${show(100 * d(x, a))} % of the gradient.`;
    top.redraw();
    bottom.redraw();
  };
  model.on("change:activation", () => {
    if (!current().parameter) return;
    model.set("parameter", current().usual);
    model.save_changes();
  });
  for (const key of ["activation", "parameter", "input", "compare"]) model.on(`change:${key}`, update);
  update();
}

export default {render};
