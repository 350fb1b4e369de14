// What the widgets share: controls bound to the model, plots that follow their width, a draggable
// handle, seeded randomness. lecturelib puts this file before a widget's own: no build step.

// The palette of the book's figures; on a page its variables have a shade for light and for dark.
const PALETTE = {
  blue: "#0072b2", orange: "#c77f00", green: "#009e73", vermillion: "#d55e00", purple: "#cc79a7",
  sky: "#2e93d0", grey: "#8a8a8a",
};
export const COLORS = Object.fromEntries(Object.entries(PALETTE).map(([name, color]) => [name, `var(--lx-${name},${color})`]));

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Uniform numbers in [0, 1) that a seed determines (mulberry32). */
export function uniform(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers that a seed determines (Box and Muller). */
export function normal(seed) {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A number as a reader sees it everywhere in the book: numbers.py is its twin in Python. */
export const show = (value, digits = 3) => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  const rounded = Number(value.toPrecision(digits)), size = Math.abs(rounded);
  if (size === 0 || (size >= 1e-3 && size < 1e6)) return String(rounded).replace("-", "−");
  const [factor, power] = rounded.toExponential().split("e");
  const raised = [...String(+power)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
  return `${size === Number(`1e${power}`) ? factor.replace("1", "") : `${factor} · `}10${raised}`.replace("-", "−");
};

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const button = (label, onclick) => element("button", {type: "button", onclick}, label);

const write = (model, name, value) => {
  model.set(name, value);
  model.save_changes();
};

/** A button that brings back the values as they are now, in the order of the names; then calls also. */
export function reset(model, names, also = () => {}) {
  const copy = (value) => (Array.isArray(value) ? [...value] : value);
  const first = names.map((name) => [name, copy(model.get(name))]);
  return button("Reset", () => {
    for (const [name, value] of first) model.set(name, copy(value));
    model.save_changes();
    also();
  });
}

/** A slider through a list of numbers; it stands at the one nearest to the model's value. */
export function slider(model, name, label, values, text = show) {
  const output = element("b", {"aria-hidden": "true"});
  const input = element("input", {type: "range", min: 0, max: values.length - 1, step: 1, "data-name": name,
    oninput: () => write(model, name, values[+input.value])});
  const update = () => {
    const value = model.get(name), gap = (i) => Math.abs(values[i] - value);
    input.value = values.reduce((best, _, i) => (gap(i) < gap(best) ? i : best), 0);
    output.textContent = text(value);
    input.setAttribute("aria-valuetext", text(value));
  };
  model.on(`change:${name}`, update);
  update();
  return element("label", {}, element("span", {}, label), input, output);
}

export function choice(model, name, label, options) {
  const input = element("select", {"data-name": name, "aria-label": label, onchange: () => write(model, name, input.value)},
    ...options.map((option) => element("option", {value: option}, option)));
  const update = () => { input.value = model.get(name); };
  model.on(`change:${name}`, update);
  update();
  return element("label", {}, element("span", {}, label), input);
}

export function toggle(model, name, label) {
  const input = element("input", {type: "checkbox", "data-name": name, onchange: () => write(model, name, input.checked)});
  const update = () => { input.checked = model.get(name); };
  model.on(`change:${name}`, update);
  update();
  return element("label", {}, input, element("span", {}, label));
}

export const controls = (...children) => element("div", {class: "lw-controls"}, ...children);
/** Buttons in a row of their own below the controls. */
export const buttons = (...children) => element("div", {class: "lw-controls lw-buttons"}, ...children);
export const status = () => element("p", {class: "lw-status", role: "status"});

/** Evenly spaced numbers from low to high. */
export const span = (low, high, n) => Array.from({length: n}, (_, i) => low + ((high - low) * i) / (n - 1));
/** Round numbers 1, 2, 5, 10, ... from 10^low to 10^high. */
export const decades = (low, high) => {
  const found = [];
  for (let k = low; k < high; k++) for (const m of [1, 2, 5]) found.push(Number(`${m}e${k}`));
  return [...found, Number(`1e${high}`)];
};

/** An id of its own for a clip path. */
export const fresh = () => `lw${Math.random().toString(36).slice(2, 9)}`;
export const clip = (id, {left, right, top, bottom}) =>
  `<clipPath id="${id}"><rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/></clipPath>`;
export const between = (value, [low, high]) => Math.min(high, Math.max(low, value));

// --- drawing -------------------------------------------------------------------------------------

export const path = (points, color, more = "") => {
  let d = "", pen = "M";
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) { pen = "M"; continue; }
    d += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return `<path d="${d}" fill="none" stroke="${color}" stroke-width="2.2" stroke-linejoin="round" ${more}/>`;
};
export const dot = (x, y, r, color, more = "") => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" fill="${color}" ${more}/>`;
export const word = (x, y, text, anchor = "middle", more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${more}>${text}</text>`;
export const segment = (x1, y1, x2, y2, color = "currentColor", more = "") =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${color}" ${more}/>`;

const ticks = (low, high, n) => {
  const rough = (high - low) / n, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
};

/** Scales X, Y from data to pixels, back by x, y, and the markup of the axes. */
export function axes(w, h, [x0, x1], [y0, y1], xlabel, ylabel) {
  const left = ylabel ? 52 : 34, right = w - 12, top = 12, bottom = h - (xlabel ? 40 : 24);
  const X = (v) => left + ((v - x0) / (x1 - x0)) * (right - left);
  const Y = (v) => bottom - ((v - y0) / (y1 - y0)) * (bottom - top);
  const x = (p) => x0 + ((p - left) / (right - left)) * (x1 - x0);
  const y = (p) => y0 + ((bottom - p) / (bottom - top)) * (y1 - y0);
  let markup = "";
  for (const v of ticks(x0, x1, Math.max(2, Math.min(8, w / 80))))
    markup += segment(X(v), bottom, X(v), top, "currentColor", 'opacity=".12"') + word(X(v), bottom + 17, show(v));
  for (const v of ticks(y0, y1, Math.max(2, Math.min(6, h / 50))))
    markup += segment(left, Y(v), right, Y(v), "currentColor", 'opacity=".12"') + word(left - 6, Y(v) + 4, show(v), "end");
  markup += segment(left, bottom, right, bottom) + segment(left, bottom, left, top);
  if (xlabel) markup += word((left + right) / 2, h - 5, xlabel);
  if (ylabel) markup += word(0, 0, ylabel, "middle", `transform="translate(13 ${(top + bottom) / 2}) rotate(-90)"`);
  return {X, Y, x, y, left, right, top, bottom, markup};
}

/** A picture that draw(width, height) describes as SVG; redrawn when its width changes. */
export function plot(label, ratio, draw) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const box = element("div", {class: "lw-plot"});
  box.append(svg);
  let waiting = false, width = 0;
  const paint = () => {
    waiting = false;
    if (!box.clientWidth) return;
    width = box.clientWidth;
    const height = Math.round(Math.max(220, Math.min(460, width * ratio)));
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.style.height = `${height}px`;
    svg.innerHTML = draw(width, height);
  };
  box.redraw = () => {
    if (!waiting) requestAnimationFrame(paint);
    waiting = true;
  };
  box.paint = paint;
  box.svg = svg;
  new ResizeObserver(() => { if (box.clientWidth !== width) box.redraw(); }).observe(box);
  return box;
}

/** A handle over a plot: drag it, or focus it and press the arrow keys. move gets pixels. */
export function handle(box, {move, nudge, color = "currentColor", axis = "both"}) {
  const knob = element("button", {type: "button", class: "lw-handle", style: `color:${color}`});
  let held = null;
  knob.addEventListener("pointerdown", (event) => {
    held = event.pointerId;
    knob.setPointerCapture(held);
    knob.focus();
    event.preventDefault();
  });
  knob.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held) return;
    const {left, top} = box.getBoundingClientRect();
    move(event.clientX - left, event.clientY - top);
  });
  for (const end of ["pointerup", "pointercancel"]) knob.addEventListener(end, () => { held = null; });
  const keys = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  knob.addEventListener("keydown", (event) => {
    const step = keys[event.key];
    if (!step || (axis === "x" && !step[0])) return;
    event.preventDefault();
    nudge(step[0] * (event.shiftKey ? 5 : 1), step[1] * (event.shiftKey ? 5 : 1));
  });
  knob.at = (x, y, label) => {
    knob.style.transform = `translate(${x - 22}px, ${y - 22}px)`;
    knob.setAttribute("aria-label", label);
  };
  box.append(knob);
  return knob;
}

/** A clock for animations: tick is called each frame until it says false or stop is called. */
export function clock(tick) {
  let running = null;
  return {
    get running() { return running !== null; },
    start() {
      const step = () => { running = tick() === false ? null : requestAnimationFrame(step); };
      if (running === null) running = requestAnimationFrame(step);
    },
    stop() {
      cancelAnimationFrame(running);
      running = null;
    },
  };
}
