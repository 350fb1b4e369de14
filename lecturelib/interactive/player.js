// Shows the frames of <lecture-explore>: one row of choices a frame, written into the slots that
// differ. Frames come in any order; nothing is undone. Stands in a page any number of times.
customElements.get("lecture-explore") || customElements.define("lecture-explore", class extends HTMLElement {
  connectedCallback() {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.start(), {once: true});
    else this.start();
  }
  start() {
    const data = this.querySelector("script[type='application/json']");
    if (this.controls || !data) return;
    const {views, start, captions, sizes} = JSON.parse(data.textContent);
    const pictures = this.querySelectorAll("[data-view]");
    this.status = this.querySelector("[role=status]");
    this.captions = captions;
    this.sizes = sizes;
    this.shown = start;
    this.views = views.map(({slots, choices}, i) => ({choices, slots: slots.map(([path, name, values, choice]) =>
      [path.reduce((node, n) => node.children[n], pictures[i]), name, values, choice])}));
    this.controls = [...this.querySelectorAll("[data-texts]")];
    for (const control of this.controls) {
      control.texts = JSON.parse(control.dataset.texts);
      control.addEventListener("input", () => this.update());
    }
    this.querySelector("[data-reset]").addEventListener("click", () => this.reset(start));
    this.querySelector("[data-controls]").hidden = false;
    this.update(); // a browser may bring back where the controls stood
  }
  reset(frame) {
    for (let i = this.controls.length - 1; i >= 0; i--) {
      const control = this.controls[i], at = frame % this.sizes[i];
      frame = (frame - at) / this.sizes[i];
      if (control.type === "checkbox") control.checked = !!at;
      else control.value = at;
    }
    this.update();
  }
  update() {
    let frame = 0;
    this.controls.forEach((control, i) => {
      const at = control.type === "checkbox" ? +control.checked : +control.value;
      frame = frame * this.sizes[i] + at;
      if (control.type !== "range") return;
      control.setAttribute("aria-valuetext", control.texts[at]);
      control.nextElementSibling.textContent = control.texts[at];
    });
    this.show(frame);
  }
  show(frame) {
    const last = this.shown;
    if (frame === last) return;
    for (const {slots, choices} of this.views)
      for (const [node, name, values, choice] of slots) {
        const now = choices[choice][frame];
        if (now === choices[choice][last]) continue;
        const value = values[now];
        if (!name) node.innerHTML = value;
        else if (value === null) node.removeAttribute(name);
        else node.setAttribute(name, value);
      }
    this.shown = frame;
    const [texts, row] = this.captions;
    this.status.textContent = texts[row[frame]];
  }
});
