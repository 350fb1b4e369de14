/* One switch a page: the code as the author folds it, all of it, or results without code. */
(() => {
  const KEY = "course-code";
  const CHOICES = {main: "main steps", all: "all of it", none: "results only"};
  const root = document.documentElement;
  const remembered = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // where storage is forbidden, the page starts as the author folds it
    }
  };
  const remember = (choice) => {
    try {
      localStorage.setItem(KEY, choice);
    } catch {} // as above
  };
  const folds = () => document.querySelectorAll("div.cell > details.fold");
  const apply = (choice) => {
    root.dataset.code = choice;
    for (const fold of folds()) fold.open = choice === "all";
  };

  // Before the page is painted, or it would jump.
  const start = Object.hasOwn(CHOICES, remembered() ?? "") ? remembered() : "main";
  root.dataset.code = start;

  document.addEventListener("DOMContentLoaded", () => {
    const bar = document.querySelector(".article-header-buttons");
    if (!bar || !document.querySelector("div.cell div.cell_input")) return;
    if (start === "all") apply(start);
    const select = document.createElement("select");
    select.className = "code-switch";
    select.setAttribute("aria-label", "Code to show");
    select.title = "Which code this page shows";
    for (const [value, text] of Object.entries(CHOICES)) select.append(new Option(`Code: ${text}`, value));
    select.value = start;
    select.addEventListener("change", () => {
      remember(select.value);
      apply(select.value);
    });
    bar.prepend(select);
  });

  // On paper everything is open; afterwards the page is as it was.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll(".bd-article details:not([open])")];
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
})();
