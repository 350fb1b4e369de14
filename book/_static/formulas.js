/* Formulas on a page: they are typeset when the book is built. This copies them as TeX, with a
   button or with the text around them, and lets the keyboard scroll those that are too wide. */
(() => {
  // --- what is too wide scrolls ------------------------------------------------------------------

  const width = (element) => element?.getBoundingClientRect().width ?? 0;
  const overflows = (box) => width(box.querySelector("mjx-math")) > width(box) + 1;

  const letScroll = (box, wide) => {
    if (wide) box.tabIndex = 0;
    else if (box.tabIndex === 0) box.removeAttribute("tabindex");
  };

  const reach = () => {
    const displays = [...document.querySelectorAll("div.math > mjx-container")];
    const inlines = [...document.querySelectorAll("span.math")];
    // Measured before anything changes, or each change would lay out the page again.
    // A display may be wider than its formula: by a number, or by marks that stick out.
    const wide = displays.map((box) => overflows(box) || box.scrollWidth > box.clientWidth);
    const cut = inlines.map(overflows);
    displays.forEach((box, i) => letScroll(box, wide[i]));
    inlines.forEach((box, i) => {
      if (box.classList.contains("wide-formula") === cut[i]) return;
      box.classList.toggle("wide-formula", cut[i]);
      letScroll(box, cut[i]);
    });
  };

  let frame = 0;
  const reachSoon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(reach);
  };

  // --- a selection is copied with its formulas as TeX ----------------------------------------------

  const source = (formula) =>
    formula.localName === "div" ? `\n$$${formula.dataset.tex}$$\n` : `$${formula.dataset.tex}$`;

  // A formula is selected as a whole: nothing of it is text.
  const whole = (range) => {
    const formulaAt = (node) =>
      (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[data-tex]");
    const [first, last] = [formulaAt(range.startContainer), formulaAt(range.endContainer)];
    const wider = range.cloneRange();
    if (first) wider.setStartBefore(first);
    if (last) wider.setEndAfter(last);
    return wider.cloneContents();
  };

  const selected = () => {
    const copy = document.createElement("div");
    const selection = getSelection();
    for (let i = 0; i < selection.rangeCount; i++) copy.append(whole(selection.getRangeAt(i)));
    return copy;
  };

  // Only what is laid out has its line breaks in `innerText`.
  const textOf = (copy) => {
    copy.className = "formulas-copied";
    (document.querySelector(".bd-article") ?? document.body).append(copy);
    const text = copy.innerText;
    copy.remove();
    return text;
  };

  document.addEventListener("copy", (event) => {
    if (event.target.closest?.("input, textarea, [contenteditable]")) return;
    const copy = selected();
    const formulas = copy.querySelectorAll("[data-tex]");
    if (!formulas.length) return;
    for (const formula of formulas) formula.replaceWith(source(formula));
    for (const tool of copy.querySelectorAll(".headerlink, button")) tool.remove();
    event.clipboardData.setData("text/html", copy.innerHTML);
    event.clipboardData.setData("text/plain", textOf(copy));
    event.preventDefault();
  });

  // --- a button copies a formula that stands alone -------------------------------------------------

  const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

  const button = (formula, status) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "tex-button";
    made.textContent = "TeX";
    made.setAttribute("aria-label", "Copy this formula as TeX");
    made.tabIndex = -1;
    made.addEventListener("click", async () => {
      await navigator.clipboard.writeText(formula.dataset.tex);
      made.textContent = "copied";
      status.textContent = "The TeX of the formula is copied.";
      setTimeout(() => {
        made.textContent = "TeX";
        status.textContent = "";
      }, 1500);
    });
    formula.append(made);
    return made;
  };

  // One tab stop for all of them; the arrow keys go from one to the next.
  const offerButtons = () => {
    const formulas = [...document.querySelectorAll(".bd-article div.math[data-tex]")];
    if (!formulas.length || !navigator.clipboard) return;
    const status = document.createElement("span");
    status.className = "formulas-status";
    status.setAttribute("role", "status");
    document.querySelector(".bd-article").append(status);
    const buttons = formulas.map((formula) => button(formula, status));
    buttons[0].tabIndex = 0;
    buttons.forEach((made, i) => {
      made.addEventListener("keydown", (event) => {
        const next = buttons[i + (STEPS[event.key] ?? 0)];
        if (!next || next === made) return;
        event.preventDefault();
        next.focus();
      });
      made.addEventListener("focus", () => {
        for (const other of buttons) other.tabIndex = other === made ? 0 : -1;
      });
    });
  };

  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise; // where the build had no Node
    offerButtons();
    reach();
    const changed = new ResizeObserver(reachSoon);
    const watched = ".bd-article, div.math > mjx-container, div.math mjx-math";
    for (const box of document.querySelectorAll(watched)) changed.observe(box);
    document.addEventListener("toggle", reachSoon, { capture: true }); // a fold opens
  });
})();
