// Runs a widget (an ES module in the anywidget format) on a page without a kernel.
customElements.get("lecture-widget") || customElements.define("lecture-widget", class extends HTMLElement {
  connectedCallback() {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.start(), {once: true});
    else this.start();
  }
  async start() {
    const data = this.querySelector("script[type='application/json']");
    if (this.model || !data) return;
    const values = JSON.parse(data.textContent), listeners = {};
    this.model = {
      get: (name) => values[name],
      set: (name, value) => {
        values[name] = value;
        for (const listener of listeners[`change:${name}`] ?? []) listener();
      },
      on: (event, listener) => (listeners[event] ??= []).push(listener),
      off: () => {},
      save_changes: () => {},
    };
    const source = this.querySelector("script[type='text/plain']").textContent;
    const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    const {default: widget} = await import(url);
    URL.revokeObjectURL(url);
    this.querySelector(".lw-fallback")?.remove();
    await widget.render({model: this.model, el: this.querySelector(".lw-body")});
    this.dataset.ready = "";
  }
});
