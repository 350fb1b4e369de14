// Paths of optimizers on surfaces with two parameters: drag the start, compare the methods.

import {COLORS, axes, between, button, buttons, calm, choice, clip, clock, controls, decades, dot, element, fresh, handle, normal, path, plot, reset, show, slider, span, status} from "./kit.mjs";

/** Loss and gradient of each surface, where its minima lie, and what of it is drawn. */
export const SURFACES = {
  "round bowl": {
    loss: (x, y) => 0.5 * (x * x + y * y),
    gradient: (x, y) => [x, y],
    x: [-4, 4], y: [-3, 3], minima: [[0, 0]],
  },
  "narrow valley": { // condition number 20
    loss: (x, y) => 0.5 * (0.5 * x * x + 10 * y * y),
    gradient: (x, y) => [0.5 * x, 10 * y],
    x: [-4, 4], y: [-3, 3], minima: [[0, 0]],
  },
  "banana (Rosenbrock)": {
    loss: (x, y) => (1 - x) ** 2 + 10 * (y - x * x) ** 2,
    gradient: (x, y) => [-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)],
    x: [-2, 2], y: [-1, 3], minima: [[1, 1]],
  },
  "saddle": {
    loss: (x, y) => 0.5 * x * x - 0.5 * y * y + 0.05 * y ** 4,
    gradient: (x, y) => [x, -y + 0.2 * y ** 3],
    x: [-4, 4], y: [-3.5, 3.5], minima: [[0, Math.sqrt(5)], [0, -Math.sqrt(5)]],
  },
  "two depths": {
    loss: (x, y) => 0.1 * x ** 4 - x * x + 0.5 * x + y * y,
    gradient: (x, y) => [0.4 * x ** 3 - 2 * x + 0.5, 2 * y],
    x: [-4, 4], y: [-3, 3], minima: [[-2.3519104613, 0], [2.0986620565, 0]],
  },
};

const NEAR = 0.01; // above the lowest loss: there a method has arrived
const RATES = [...decades(-4, 1), 0.15, 0.18].sort((a, b) => a - b);
const BETA1 = 0.9, BETA2 = 0.999, ALPHA = 0.99, EPS = 1e-8; // PyTorch's defaults

/** One step of each method, in PyTorch's formulation. s is the method's state; t counts from 1. */
export const METHODS = {
  SGD: {color: COLORS.grey, dash: "", step: (g, lr) => lr * g},
  momentum: {color: COLORS.blue, dash: "", step: (g, lr, mu, s) => lr * (s.v = mu * (s.v ?? 0) + g)},
  Nesterov: {color: COLORS.sky, dash: "7 4", step: (g, lr, mu, s) => {
    s.v = mu * (s.v ?? 0) + g;
    return lr * (g + mu * s.v);
  }},
  RMSProp: {color: COLORS.purple, dash: "2 3", step: (g, lr, mu, s) => {
    s.q = ALPHA * (s.q ?? 0) + (1 - ALPHA) * g * g;
    return (lr * g) / (Math.sqrt(s.q) + EPS);
  }},
  Adam: {color: COLORS.vermillion, dash: "", step: (g, lr, mu, s, t) => {
    s.m = BETA1 * (s.m ?? 0) + (1 - BETA1) * g;
    s.q = BETA2 * (s.q ?? 0) + (1 - BETA2) * g * g;
    return (lr * (s.m / (1 - BETA1 ** t))) / (Math.sqrt(s.q / (1 - BETA2 ** t)) + EPS);
  }},
};

/** The points that a method visits; noise(t) is added to the gradient of step t. */
export function trace({surface, method, learning_rate, momentum, start, steps}, noise = () => [0, 0]) {
  const {gradient} = SURFACES[surface], {step} = METHODS[method];
  const points = [start], states = [{}, {}];
  for (let t = 1; t <= steps; t++) {
    const now = points[t - 1], g = gradient(...now), e = noise(t);
    const next = now.map((p, i) => p - step(g[i] + e[i], learning_rate, momentum, states[i], t));
    if (!next.every((v) => Math.abs(v) < 1e6)) break; // it diverges
    points.push(next);
  }
  return points;
}

/** The first step from which on the loss stays below a limit; −1 if it is not below at the end. */
export function arrival(points, loss, limit) {
  let first = -1;
  for (let t = points.length - 1; t >= 0 && loss(...points[t]) < limit; t--) first = t;
  return first;
}

/** Contour lines of f by marching squares over an n × n grid: pairs of ends. */
export function contours(f, [x0, x1], [y0, y1], levels, n = 56) {
  const at = (i, [a, b]) => a + ((b - a) * i) / n;
  const z = Array.from({length: n + 1}, (_, i) => Array.from({length: n + 1}, (_, j) => f(at(i, [x0, x1]), at(j, [y0, y1]))));
  return levels.map((level) => {
    const ends = [];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], cuts = [];
        corners.forEach(([a, b], k) => {
          const [c, d] = corners[(k + 1) % 4], u = z[a][b] - level, v = z[c][d] - level;
          if (u < 0 !== v < 0) cuts.push([at(a + ((c - a) * u) / (u - v), [x0, x1]), at(b + ((d - b) * u) / (u - v), [y0, y1])]);
        });
        for (let k = 0; k + 1 < cuts.length; k += 2) ends.push([cuts[k], cuts[k + 1]]);
      }
    return ends;
  });
}

function render({model, el}) {
  const NAMES = Object.keys(METHODS);
  let drawn = model.get("steps"), lines = "", linesOf = "";
  const surface = () => SURFACES[model.get("surface")];
  const lowest = () => Math.min(...surface().minima.map((m) => surface().loss(...m)));
  const noise = () => {
    const next = normal(model.get("seed")), made = [], size = model.get("noise");
    return (t) => (made[t] ??= [size * next(), size * next()]);
  };
  let paths = [];
  const compute = () => {
    paths = NAMES.filter((method) => model.get("methods").includes(method)).map((method) => ({
      method,
      points: trace({...Object.fromEntries(["surface", "learning_rate", "momentum", "start", "steps"].map((k) => [k, model.get(k)])), method}, noise()),
    }));
    const least = lowest(), goal = least + NEAR;
    const told = paths.map(({method, points}) => {
      if (points.length <= model.get("steps")) return `${method} diverges`;
      const first = arrival(points, surface().loss, goal);
      return first < 0 ? `${method} ends at ${show(surface().loss(...points.at(-1)))}` : `${method} ${first}`;
    });
    note.textContent = told.length ? `Steps until loss < ${show(goal)} for good: ${told.join(", ")}.` : "No method is chosen.";
  };
  let scale;
  const box = plot("Contour lines of a loss surface with the paths of the chosen optimizers.", 0.66, (w, h) => {
    const {loss, x, y, minima} = surface();
    scale = axes(w, h, x, y, "first parameter", "second parameter");
    const key = `${model.get("surface")} ${w}`;
    if (key !== linesOf) {
      linesOf = key;
      lines = contours(loss, x, y, span(0.35, 7, 12).map((s) => lowest() + s ** 2 * 0.6)).map((ends) =>
        `<path d="${ends.map(([a, b]) => `M${scale.X(a[0]).toFixed(1)} ${scale.Y(a[1]).toFixed(1)}L${scale.X(b[0]).toFixed(1)} ${scale.Y(b[1]).toFixed(1)}`).join("")}" stroke="currentColor" opacity=".18" fill="none"/>`).join("");
    }
    let markup = lines + minima.map(([a, b]) => cross(scale.X(a), scale.Y(b))).join("");
    // The slowest is drawn last: it covers little, and would be covered by the others.
    for (const {method, points} of [...paths].sort((a, b) => NAMES.indexOf(b.method) - NAMES.indexOf(a.method))) {
      const part = points.slice(0, drawn + 1).map(([a, b]) => [scale.X(a), scale.Y(b)]), {color, dash} = METHODS[method];
      const end = part.at(-1);
      markup += path(part, color, `stroke-dasharray="${dash}" data-method="${method}"`) + dot(...end, 5, color);
    }
    const [a, b] = model.get("start");
    knob.at(scale.X(a), scale.Y(b), `start, at ${show(a)}, ${show(b)}; arrow keys move it`);
    return `${clip(id, scale)}${scale.markup}<g clip-path="url(#${id})">${markup}</g>`;
  });
  const id = fresh();
  const cross = (x, y) => `<path d="M${x - 5} ${y}h10M${x} ${y - 5}v10" stroke="currentColor" stroke-width="2"/>`;
  const place = (a, b) => {
    const {x, y} = surface();
    model.set("start", [between(a, x), between(b, y)]);
    model.save_changes();
  };
  const knob = handle(box, {
    move: (px, py) => place(scale.x(px), scale.y(py)),
    nudge: (dx, dy) => place(model.get("start")[0] + 0.1 * dx, model.get("start")[1] + 0.1 * dy),
  });
  const note = status();
  const film = clock(() => {
    drawn = Math.min(model.get("steps"), drawn + Math.ceil(model.get("steps") / 150));
    box.redraw();
    return drawn < model.get("steps");
  });
  const play = button("Play the steps", () => {
    drawn = calm() ? model.get("steps") : 0;
    if (calm()) box.redraw();
    else film.start();
  });
  const legend = element("div", {class: "lw-controls lw-buttons", role: "group", "aria-label": "methods"}, ...NAMES.map((name) => {
    const input = element("input", {type: "checkbox", "data-name": "methods", onchange: () => {
      const others = model.get("methods").filter((m) => m !== name);
      model.set("methods", input.checked ? [...others, name] : others);
      model.save_changes();
    }});
    input.checked = model.get("methods").includes(name);
    model.on("change:methods", () => { input.checked = model.get("methods").includes(name); });
    const swatch = element("i", {class: "lw-swatch"});
    swatch.innerHTML = `<svg width="28" height="8" aria-hidden="true">${path([[0, 4], [28, 4]], METHODS[name].color, `stroke-dasharray="${METHODS[name].dash}"`)}</svg>`;
    return element("label", {}, input, swatch, element("span", {}, name));
  }));
  el.append(box, legend, controls(
    choice(model, "surface", "surface", Object.keys(SURFACES)),
    slider(model, "learning_rate", "learning rate", RATES),
    slider(model, "momentum", "momentum", [0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]),
    slider(model, "noise", "gradient noise", [0, 0.1, 0.2, 0.5, 1, 2, 5]),
    slider(model, "steps", "steps", [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000]),
  ), buttons(
    play,
    button("Other noise", () => { model.set("seed", model.get("seed") + 1); model.save_changes(); }),
    reset(model, ["surface", "methods", "learning_rate", "momentum", "noise", "steps", "seed", "start"]),
  ), note);
  const update = () => {
    film.stop();
    drawn = model.get("steps");
    compute();
    box.redraw();
  };
  model.on("change:surface", () => place(...model.get("start")));
  for (const name of ["surface", "methods", "learning_rate", "momentum", "noise", "steps", "start", "seed"]) model.on(`change:${name}`, update);
  compute();
  return () => film.stop();
}

export default {render};
