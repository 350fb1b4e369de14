/* Repairs of the theme, and keyboard access to what scrolls. Runs in the head, before the theme. */
(() => {
  const root = document.documentElement;

  // Until its own script has run, the theme knows no mode: it logs an error and paints nothing.
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.mode ||= "auto";
  root.dataset.theme ||= dark ? "dark" : "light";

  // A formula or a table that is wider than the page scrolls; let the keyboard scroll it, too.
  const wide =
    "mjx-container, .pst-scrollable-table-container, .bd-article pre, .cell_output > div";
  const reach = () => {
    for (const box of document.querySelectorAll(wide)) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    }
    // The theme cuts off a formula in the text that is wider than its column.
    const width = (element) => element?.getBoundingClientRect().width ?? 0;
    for (const box of document.querySelectorAll("span.math")) {
      const cut = width(box.querySelector("mjx-math")) > width(box) + 1;
      box.classList.toggle("wide-formula", cut);
      if (cut) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    // The theme hides the page's contents behind margin notes, and fails where there are none.
    if (!document.querySelector("div.bd-sidebar-secondary")) {
      const stand_in = document.createElement("div");
      stand_in.className = "bd-sidebar-secondary";
      stand_in.hidden = true;
      document.body.append(stand_in);
    }
    // The arrow that unfolds a chapter in the contents has no name for who cannot see it.
    for (const arrow of document.querySelectorAll(".bd-links summary")) {
      const chapter = arrow.closest("li").querySelector("a");
      arrow.setAttribute("aria-label", `Pages of ${chapter.textContent.trim()}`);
    }
  });

  // Once the formulas are laid out (their script is deferred), and whenever one changes its size: as
  // its own type arrives, which may be late, or a fold opens, or the window becomes narrower.
  let frame = 0;
  const changed = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(reach);
  });
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    reach();
    for (const box of document.querySelectorAll(`${wide}, mjx-math`)) changed.observe(box);
  });
})();
