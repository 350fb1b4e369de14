/* Repairs of the theme, and keyboard access to what scrolls. Runs in the head, before the theme. */
(() => {
  const root = document.documentElement;

  // Until its own script has run, the theme knows no mode: it logs an error and paints nothing.
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.mode ||= "auto";
  root.dataset.theme ||= dark ? "dark" : "light";

  // A table or code that is wider than the page scrolls; let the keyboard scroll it, too.
  // Formulas are in formulas.js.
  const wide = ".pst-scrollable-table-container, .bd-article pre, .cell_output > div";
  const reach = () => {
    const boxes = [...document.querySelectorAll(wide)];
    const overflow = boxes.map((box) => box.scrollWidth > box.clientWidth);
    boxes.forEach((box, i) => {
      if (overflow[i]) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    });
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

  // Once the page is laid out, and whenever something changes its size: as a fold opens, or the
  // window becomes narrower.
  let frame = 0;
  const changed = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(reach);
  });
  addEventListener("load", () => {
    reach();
    for (const box of document.querySelectorAll(wide)) changed.observe(box);
  });
})();
