/* The search as the reader meets it: a field, a list below it, the keyboard. The index and the ranking
   (`search/`) are loaded when the field is first touched, and on no other page view. */
(() => {
  const here = document.currentScript.src;
  const PARTS = [
    "vendor/minisearch/minisearch.js",
    "search/words.js",
    "search/stemmer.js",
    "search/engine.js",
    "search/sections.js",
  ];
  const root = new URL("../", here);
  const SHOWN = 12;

  const load = (path) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(path, here);
      script.async = false; // in the order of the list, though loaded side by side
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${path} is missing`));
      document.head.append(script);
    });
  let loading;
  const index = () =>
    (loading ??= Promise.all(PARTS.map(load)).then(() => courseSearch.build(courseSections)));

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const marked = (text, terms) =>
    courseSearch
      .marked(text, terms)
      .map(([piece, hit]) => (hit ? element("mark", {}, piece) : piece));

  const option = (result, id) => {
    const title = element("span", { class: "course-search-title" }, ...marked(result.title, result.terms));
    const kind = ["exercise", "claim"].includes(result.kind.name) ? result.kind.name : "";
    const link = element(
      "a",
      { href: new URL(result.url, root), id, role: "option", tabindex: "-1", "aria-selected": "false" },
      title,
    );
    const place = [result.page, kind].filter(Boolean).join(" · ");
    if (place) link.append(" ", element("span", { class: "course-search-place" }, place));
    if (result.text)
      link.append(" ", element("span", { class: "course-search-text" }, ...marked(result.text, result.terms)));
    return link;
  };

  const equip = (form, number) => {
    const field = form.querySelector("input");
    const status = form.querySelector("[role=status]");
    const list = form.querySelector("[role=listbox]");
    const onPage = !form.closest("dialog");
    const shown = onPage ? 30 : SHOWN;
    list.id = `course-search-results-${number}`;
    field.setAttribute("aria-controls", list.id);
    let active = -1;

    const choose = (at) => {
      list.children[active]?.setAttribute("aria-selected", "false");
      active = at;
      const chosen = list.children[at];
      if (!chosen) return field.removeAttribute("aria-activedescendant");
      chosen.setAttribute("aria-selected", "true");
      chosen.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", chosen.id);
    };

    const show = async () => {
      const query = field.value.trim();
      let results = [];
      if (query) {
        try {
          results = (await index()).search(query, { limit: shown });
        } catch (error) {
          status.textContent = `The search could not be loaded: ${error.message}.`;
          return;
        }
        if (query !== field.value.trim()) return; // typed on in the meantime
      }
      list.replaceChildren(...results.map((result, i) => option(result, `${list.id}-${i}`)));
      field.setAttribute("aria-expanded", String(results.length > 0));
      status.textContent = !query
        ? ""
        : results.length
          ? `${results.length === shown ? "The best " : ""}${results.length} ${results.length === 1 ? "result" : "results"}`
          : `Nothing found for “${query}”.`;
      choose(-1);
      list.scrollTop = 0;
    };

    field.addEventListener("focus", () => index().catch(() => {}));
    field.addEventListener("input", show);
    field.addEventListener("keydown", (event) => {
      const count = list.children.length;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && count) {
        event.preventDefault();
        choose((active + step + count + (active < 0 && step < 0 ? 1 : 0)) % count);
      } else if (event.key === "Escape" && onPage && field.value) {
        field.value = "";
        show();
      }
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await show();
      (list.children[active] ?? list.children[0])?.click();
    });
    // A result on the page that is open closes the dialog above it.
    list.addEventListener("click", (event) => {
      if (event.target.closest("a")) form.closest("dialog")?.close();
    });
    if (onPage) {
      const query = new URLSearchParams(location.search).get("q");
      field.focus();
      if (query) {
        field.value = query;
        show();
      }
    }
  };

  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable=true]");
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form.course-search").forEach(equip);
    // "/" opens the search, as Ctrl+K does in the theme.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing(event.target) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      const own = document.querySelector(".course-search-page input");
      if (own) own.focus();
      else document.getElementById("pst-search-dialog")?.showModal();
    });
  });
})();
