/* Previews: an equation, figure, statement, claim, source or word of the glossary is shown beside the
   link that leads to it, on pointing, on keyboard focus, and on the first tap of a finger (the second
   follows the link). Escape closes; the pointer may move onto the preview; it stays until it is left.
   What another page has comes from the file that `previews.py` wrote for this one. */
(() => {
  if (!("showPopover" in HTMLElement.prototype)) return; // the links work as links

  const WAIT = { open: 250, close: 250 };
  const NAMES = { term: "In the glossary", source: "In the bibliography" };
  const here = document.currentScript.src;
  const box = document.createElement("div");
  box.className = "course-preview";
  box.id = "course-preview";
  box.popover = "manual";
  let shown = null; // the link whose preview is open
  let timer = 0;
  let finger = false;

  // --- what a link leads to -----------------------------------------------------------------------

  let file;
  const ofOtherPages = () =>
    (file ??= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = new URL(`previews/${DOCUMENTATION_OPTIONS.pagename}.js`, here);
      script.onload = () => resolve(coursePreviews);
      script.onerror = () => resolve({});
      document.head.append(script);
    }));

  const kindOf = (element) => {
    if (element.matches("div.math")) return "equation";
    if (element.matches("figure")) return "figure";
    if (element.matches(".citation")) return "source";
    if (element.matches("dt[id^='term-']")) return "term";
    if (element.matches(".ll-claim, tr[data-verdict]")) return "claim";
    if (element.matches(".proof")) return "statement";
    return null;
  };

  /* A copy of what stands on this page, without what would be there twice or could be operated. */
  const copyOf = (element, kind) => {
    const parts = [element];
    if (kind === "term") parts.push(element.nextElementSibling);
    const names = { term: ["strong", "div"], claim: ["div"] }[kind] ?? ["div"];
    return parts.filter(Boolean).map((part, i) => {
      const copy = document.createElement(kind === "figure" ? "figure" : names[i]);
      copy.className = part.className;
      copy.append(...part.cloneNode(true).childNodes);
      for (const one of copy.querySelectorAll("script, style, details, button, input, .headerlink, .label"))
        one.remove();
      for (const one of copy.querySelectorAll("a")) one.replaceWith(...one.childNodes);
      for (const one of copy.querySelectorAll("td, th")) {
        const cell = document.createElement("div");
        cell.append(...one.childNodes);
        one.replaceWith(cell);
      }
      for (const one of copy.querySelectorAll("[id], [tabindex]"))
        if (!one.closest("svg")) {
          one.removeAttribute("id");
          one.removeAttribute("tabindex");
        }
      return copy;
    });
  };

  const candidate = (target) => {
    const link = target.closest?.(".bd-article a[href*='#']:not(.headerlink)");
    return link && !link.closest(".course-preview, nav") ? link : null;
  };

  /* {kind, content} of what a link leads to, or null. */
  const contentOf = async (link) => {
    const href = link.getAttribute("href");
    if (href.startsWith("#")) {
      const element = document.getElementById(decodeURIComponent(href.slice(1)));
      const kind = element && kindOf(element);
      return kind ? { kind, content: copyOf(element, kind) } : null;
    }
    if (!/^[^:?]+\.html#./.test(href)) return null;
    const found = (await ofOtherPages())[href];
    if (!found) return null;
    const holder = document.createElement("template");
    holder.innerHTML = found[1];
    return { kind: found[0], content: [...holder.content.childNodes] };
  };

  // --- the box ------------------------------------------------------------------------------------

  const close = () => {
    clearTimeout(timer);
    if (!shown) return;
    box.hidePopover();
    shown.removeAttribute("aria-describedby");
    shown.removeAttribute("aria-details");
    shown = null;
  };

  const place = (link, at) => {
    // Of a link over two lines, the line that is pointed at.
    const lines = [...link.getClientRects()];
    const line = lines.find(({ top, bottom }) => at && at.y >= top && at.y <= bottom) ?? lines[0];
    const gap = 6;
    const width = box.offsetWidth;
    const height = box.offsetHeight;
    const page = document.documentElement;
    const left = Math.min(Math.max(8, line.left - 12), Math.max(8, page.clientWidth - width - 8));
    const below = innerHeight - lines.at(-1).bottom - gap;
    const above = lines[0].top - gap;
    const top =
      below >= height || below >= above ? lines.at(-1).bottom + gap : lines[0].top - gap - height;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${top + scrollY}px`;
  };

  const open = async (link, { at = null, tapped = false } = {}) => {
    if (shown === link) return true;
    const found = await contentOf(link);
    if (!found) return false;
    close();
    shown = link;
    link.removeAttribute("title"); // the browser's own preview, under ours
    box.dataset.kind = found.kind;
    box.replaceChildren(...found.content);
    box.removeAttribute("tabindex");
    if (tapped) {
      const on = document.createElement("a");
      on.href = link.href;
      on.className = "course-preview-on";
      on.textContent = NAMES[found.kind] ?? "Go there";
      box.append(on);
    }
    link.after(box);
    box.showPopover();
    if (window.MathJax?.typesetPromise && box.querySelector(".math:not(:has(mjx-container))"))
      await MathJax.typesetPromise([box]);
    if (shown !== link) return true;
    if (box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    // Words are read out with the link; of a formula or a picture only that there is more.
    const words = ["term", "source", "claim"].includes(found.kind);
    link.setAttribute(words ? "aria-describedby" : "aria-details", box.id);
    place(link, at);
    return true;
  };

  const soon = (action, wait) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  };
  const within = (target) => box.contains(target) || shown?.contains(target);

  // --- pointer, keyboard, finger ------------------------------------------------------------------

  addEventListener("pointerdown", (event) => {
    finger = event.pointerType === "touch";
    if (shown && !within(event.target)) close();
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (shown && within(event.target)) return clearTimeout(timer);
    const link = candidate(event.target);
    const at = { x: event.clientX, y: event.clientY };
    if (link) soon(() => open(link, { at }), WAIT.open);
    else if (shown && !shown.matches(":focus-visible")) soon(close, WAIT.close);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    if (shown && within(event.target)) return;
    const link = candidate(event.target);
    if (link?.matches(":focus-visible")) soon(() => open(link), WAIT.open);
    else close();
  });
  document.addEventListener("focusout", (event) => {
    if (shown && event.relatedTarget && !within(event.relatedTarget)) soon(close, WAIT.close);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) {
      if (box.contains(document.activeElement)) shown.focus();
      close();
    }
  });
  document.addEventListener("click", async (event) => {
    const link = candidate(event.target);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!finger || shown === link) return close();
    event.preventDefault();
    if (!(await open(link, { tapped: true }))) location.assign(link.href);
  });
})();
