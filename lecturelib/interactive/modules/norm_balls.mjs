// A quadratic loss and a norm ball in the plane of two weights: where the smallest contour touches the ball.

import {COLORS, axes, between, buttons, choice, clip, controls, dot, element, fresh, handle, path, plot, reset, segment, show, slider, span, status} from "./kit.mjs";

/** Order p of each norm. The penalty is λ‖w‖² for L2, and λ times the norm for the others. */
export const NORMS = {"L1": 1, "L2": 2, "L4": 4, "L∞": Infinity};

/** ‖w‖ₚ */
export const size = ([a, b], p) =>
  p === Infinity ? Math.max(Math.abs(a), Math.abs(b)) : (Math.abs(a) ** p + Math.abs(b) ** p) ** (1 / p);

/** Hessian: curvature 1 across the valley and 1/κ along it; the valley has an angle to the first axis. */
export function hessian({curvature, angle}) {
  const c = Math.cos((angle * Math.PI) / 180), s = Math.sin((angle * Math.PI) / 180), flat = 1 / curvature;
  return [[flat * c * c + s * s, (flat - 1) * c * s], [(flat - 1) * c * s, flat * s * s + c * c]];
}

/** ∇J = H (w − w*) of J = ½ (w − w*)ᵀ H (w − w*). */
export function gradient(H, minimum, w) {
  const a = w[0] - minimum[0], b = w[1] - minimum[1];
  return [H[0][0] * a + H[0][1] * b, H[1][0] * a + H[1][1] * b];
}

export const loss = (H, minimum, w) => {
  const [a, b] = gradient(H, minimum, w);
  return 0.5 * (a * (w[0] - minimum[0]) + b * (w[1] - minimum[1]));
};

/** The point of the sphere ‖w‖ₚ = r in a direction. */
export function boundary(p, r, angle) {
  const d = [Math.cos(angle), Math.sin(angle)], n = size(d, p);
  return [(r * d[0]) / n, (r * d[1]) / n];
}

/** The tangent of the sphere, anticlockwise: at right angles to the gradient of the norm. */
function tangent([a, b], p) {
  if (p === Infinity) return Math.abs(a) > Math.abs(b) ? [0, Math.sign(a)] : [-Math.sign(b), 0];
  return [-Math.sign(b) * Math.abs(b) ** (p - 1), Math.sign(a) * Math.abs(a) ** (p - 1)];
}

/** The minimum of the loss over the ball ‖w‖ₚ ≤ r. Outside it, that is the place of the sphere where
 *  the loss along the sphere turns from falling to rising and its gradient points inwards. */
export function constrained({H, minimum, p, radius}) {
  if (radius <= 0) return [0, 0];
  if (size(minimum, p) <= radius) return [...minimum];
  const at = (angle) => boundary(p, radius, angle);
  const slope = (angle) => {
    const w = at(angle), g = gradient(H, minimum, w), t = tangent(w, p);
    return g[0] * t[0] + g[1] * t[1];
  };
  const n = 180, edge = (i) => 0.01 + (2 * Math.PI * i) / n;
  let best = null;
  for (let i = 0; i < n; i++) {
    let low = edge(i), high = edge(i + 1);
    if (!(slope(low) < 0 && slope(high) >= 0)) continue;
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (slope(middle) < 0) low = middle;
      else high = middle;
    }
    let w = at((low + high) / 2);
    const zero = w.map((v) => Math.abs(v) < 1e-9 * radius); // bisection ends at the corner but for rounding
    if (zero[0] || zero[1]) w = w.map((v, j) => (zero[j] ? 0 : Math.sign(v) * radius));
    if (best === null || loss(H, minimum, w) < loss(H, minimum, best)) best = w;
  }
  return best;
}

/** λ of the penalty whose minimum is that of the ball: −∇J = λ∇Ω there, multiplied by w. */
export function strength({H, minimum, p, radius: wanted}) {
  const radius = Math.max(wanted, 1e-9 * size(minimum, p)); // at 0 there is no boundary to stand on
  if (size(minimum, p) <= radius) return 0;
  const w = constrained({H, minimum, p, radius}), g = gradient(H, minimum, w), pull = -(g[0] * w[0] + g[1] * w[1]);
  return pull / (p === 2 ? 2 * radius ** 2 : radius);
}

/** The radius of the ball whose minimum is that of the penalty with λ: the norm of that minimum. */
export function radiusOf({H, minimum, p}, lambda) {
  let low = 0, high = size(minimum, p);
  if (lambda <= 0) return high;
  if (strength({H, minimum, p, radius: 1e-9 * high}) <= lambda) return 0;
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (strength({H, minimum, p, radius: middle}) > lambda) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const HALF = 2.4; // what is drawn, at least, to each side of 0

function render({model, el}) {
  let scale, reach = [HALF, HALF], settling = false;
  const id = fresh();
  const problem = () => ({
    H: hessian({curvature: model.get("curvature"), angle: model.get("angle")}),
    minimum: model.get("minimum"), p: NORMS[model.get("norm")], radius: model.get("radius"),
  });
  const put = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const round = (v) => Number(v.toPrecision(6));
  const place = (a, b) => put("minimum", [between(round(a), [-reach[0], reach[0]]), between(round(b), [-reach[1], reach[1]])]);
  const box = plot("Contour lines of a quadratic loss, a norm ball, and the point where they touch.", 0.72, (w, h) => {
    const wide = w - 64, high = h - 52, unit = HALF / Math.min(wide, high);
    reach = [unit * wide, unit * high];
    scale = axes(w, h, [-reach[0], reach[0]], [-reach[1], reach[1]], "first weight", "second weight");
    const now = problem(), {H, minimum, p, radius} = now, solution = constrained(now);
    const X = ([a, b]) => [scale.X(a), scale.Y(b)], turn = span(0, 2 * Math.PI, 181);
    const angle = (model.get("angle") * Math.PI) / 180, c = Math.cos(angle), s = Math.sin(angle);
    const ellipse = (level) => turn.map((t) => {
      const along = Math.sqrt(2 * level * model.get("curvature")) * Math.cos(t), across = Math.sqrt(2 * level) * Math.sin(t);
      return X([minimum[0] + along * c - across * s, minimum[1] + along * s + across * c]);
    });
    let markup = segment(scale.X(0), scale.top, scale.X(0), scale.bottom) + segment(scale.left, scale.Y(0), scale.right, scale.Y(0));
    for (let k = 1; k <= 7; k++) markup += path(ellipse(0.06 * k * k), "currentColor", 'opacity=".25"');
    const ball = turn.map((t) => X(boundary(p, radius, t)));
    markup += path(ball, COLORS.blue, `data-ball="${model.get("norm")}"`).replace('fill="none"', `fill="${COLORS.blue}" fill-opacity=".18"`);
    const whole = size(minimum, p);
    markup += path(span(0, 1, 60).map((part) => X(constrained({...now, radius: part * whole}))), COLORS.green, 'stroke-dasharray="2 4"');
    const level = loss(H, minimum, solution);
    if (level > 0) markup += path(ellipse(level), COLORS.vermillion);
    const [x, y] = X(minimum);
    markup += `<path d="M${x - 6} ${y}h12M${x} ${y - 6}v12" stroke="currentColor" stroke-width="2"/>`;
    markup += dot(...X(solution), 6, COLORS.vermillion, `data-solution="${solution.join(" ")}"`);
    knob.at(x, y, `minimum of the loss, at ${show(minimum[0])}, ${show(minimum[1])}; arrow keys move it`);
    return `${clip(id, scale)}${scale.markup}<g clip-path="url(#${id})">${markup}</g>`;
  });
  const knob = handle(box, {
    move: (px, py) => place(scale.x(px), scale.y(py)),
    nudge: (dx, dy) => place(model.get("minimum")[0] + 0.1 * dx, model.get("minimum")[1] + 0.1 * dy),
  });
  const note = status();
  const tell = () => {
    const now = problem(), w = constrained(now), zeros = w.filter((v) => v === 0).length;
    const point = `(${show(w[0])}, ${show(w[1])})`;
    note.textContent = size(now.minimum, now.p) <= now.radius
      ? `The minimum of the loss, ${point}, lies in the ball: the constraint is idle, and λ is 0.`
      : `The loss is smallest in the ball of radius ${show(now.radius)} at ${point}${zeros ? `: ${zeros === 1 ? "one weight is" : "both weights are"} exactly 0` : ""}. ` +
        (zeros === 2 ? (now.p === 2 ? "No λ does that." : `So it is with a penalty from λ = ${show(strength(now))} on.`) : `The penalty with λ = ${show(strength(now))} has the same minimum.`);
    box.redraw();
  };
  // Radius and λ are two names of one thing: whoever moves one moves the other.
  const settle = (name, value) => {
    if (settling) return;
    settling = true;
    put(name, round(value()));
    settling = false;
    tell();
  };
  const follow = () => settle("strength", () => strength(problem()));
  follow(); // λ as it belongs to the radius, before a button remembers it
  el.append(box, controls(
    choice(model, "norm", "norm", Object.keys(NORMS)),
    slider(model, "radius", "radius", span(0.1, 3, 30)),
    slider(model, "strength", "strength λ", [0, ...span(0.02, 0.2, 10), ...span(0.25, 1, 16), 1.25, 1.5, 2, 3, 5, 10, 20, 50]),
    slider(model, "curvature", "condition number", [1, 2, 4, 8, 16, 32]),
    slider(model, "angle", "angle of the valley", span(-90, 90, 37), (v) => `${show(v)}°`),
  ), buttons(reset(model, ["norm", "curvature", "angle", "minimum", "radius"])), element("p", {}, "Cross: minimum of the loss. Dot: minimum over the ball, on its contour. Dotted: where the dot goes as the ball grows."), note);
  // Rounded up, so that with λ = 0 the ball holds the minimum.
  model.on("change:strength", () => settle("radius", () => Math.ceil(1e5 * radiusOf(problem(), model.get("strength"))) / 1e5));
  for (const name of ["radius", "norm", "minimum", "curvature", "angle"]) model.on(`change:${name}`, follow);
  tell();
}

export default {render};
