/* Marks of what was read and done, kept in this browser alone (localStorage, one entry).
   A section is read when its end has been on the screen and it was there for ten seconds; a quiz is
   done with its right answer, an exercise when the reader says so. The side bar, the contents of
   the page, the end of each chapter and the landing page show it; `privacy.html` tells all of it. */
(() => {
  const KEY = "course-marks";
  const SECONDS = 10; // that a section is on the screen before it counts as read
  const EMPTY = { keep: true, chapters: {} };
  const WORDS = { read: "read", begun: "partly read" };

  // --- what is kept ---------------------------------------------------------------------------

  const load = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
      return { ...EMPTY, ...kept, chapters: { ...kept.chapters } };
    } catch {
      return null; // the browser keeps nothing, or something that is no mark
    }
  };
  const save = (marks) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(marks));
    } catch {} // full or forbidden: then there are no marks
    render();
  };
  const forget = (rest = {}) => {
    localStorage.removeItem(KEY);
    if (rest.keep === false) localStorage.setItem(KEY, JSON.stringify({ keep: false }));
    render();
  };
  const ofChapter = (marks, slug) => ({ read: [], done: [], ...marks?.chapters[slug] });
  const state = (chapter) => {
    if (chapter.whole || (chapter.of > 0 && chapter.read.length >= chapter.of)) return "read";
    return chapter.read.length + chapter.done.length > 0 ? "begun" : null;
  };

  // --- the page -------------------------------------------------------------------------------

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };
  const slugOf = (link) => new URL(link.href).pathname.match(/\/book\/(\w+)\.html$/)?.[1];
  const isChapter = () => document.querySelector(".bd-article .chapter-line") !== null;
  const here = () => location.pathname.match(/\/book\/(\w+)\.html$/)?.[1];
  const sections = () => [
    ...document.querySelectorAll(".bd-article > section > section:not(#exercises)"),
  ];
  const tasks = () => [
    ...document.querySelectorAll(".exercise-statement, .lecturelib-quiz"),
  ];
  const nameOf = (task) =>
    task.matches(".lecturelib-quiz")
      ? task.id
      : [task.id, ...[...task.querySelectorAll(":scope > span[id]")].map((s) => s.id)].find((id) =>
          id.startsWith("exercise-"),
        );
  const heading = (section) => {
    const title = section.querySelector("h1, h2, h3").cloneNode(true);
    title.querySelectorAll(".headerlink, .section-number").forEach((part) => part.remove());
    return title.textContent.trim();
  };

  const change = (edit) => {
    const marks = load();
    if (!marks?.keep) return;
    const chapter = { ...ofChapter(marks, here()), title: heading(document.querySelector(".bd-article > section")) };
    chapter.of = sections().length;
    chapter.tasks = tasks().length;
    edit(chapter, marks);
    marks.chapters[here()] = chapter;
    save(marks);
  };
  const put = (list, name, wanted) =>
    wanted ? [...new Set([...list, name])] : list.filter((other) => other !== name);

  // --- reading --------------------------------------------------------------------------------

  const watchSections = () => {
    const seconds = new Map(), shown = new Set(), ended = new Set();
    const ends = new Map(sections().map((section) => [section.lastElementChild, section]));
    const note = (set, section, there) => (there ? set.add(section) : set.delete(section));
    const whole = new IntersectionObserver((entries) => {
      for (const entry of entries) note(shown, entry.target, entry.isIntersecting);
    });
    const last = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) ended.add(ends.get(entry.target));
    });
    for (const section of sections()) whole.observe(section);
    for (const end of ends.keys()) last.observe(end);
    setInterval(() => {
      if (document.visibilityState !== "visible") return;
      for (const section of shown) {
        seconds.set(section, 1 + (seconds.get(section) ?? 0));
        const now = seconds.get(section) === SECONDS || (seconds.get(section) > SECONDS && ended.has(section));
        if (!now || !ended.has(section)) continue;
        if (ofChapter(load(), here()).read.includes(section.id)) continue;
        change((chapter, marks) => {
          chapter.read = put(chapter.read, section.id, true);
          marks.last = { slug: here(), id: section.id, title: heading(section) };
        });
      }
    }, 1000);
  };

  // --- exercises and quizzes ------------------------------------------------------------------

  const watchTasks = () => {
    for (const task of tasks()) {
      const name = nameOf(task);
      if (task.matches(".lecturelib-quiz")) {
        task.addEventListener("change", ({ target }) => {
          const reply = document.getElementById(target.id.replace(/-(\d+)$/, "-r$1"));
          if (reply?.classList.contains("lq-right"))
            change((chapter) => (chapter.done = put(chapter.done, name, true)));
        });
        continue;
      }
      const box = element("input", {
        type: "checkbox",
        onchange: () => change((chapter) => (chapter.done = put(chapter.done, name, box.checked))),
      });
      box.dataset.task = name;
      const title = element("span", { class: "visually-hidden" }, ` with ${heading(task)}`);
      const label = element("label", { class: "mark-done" }, box, " Done", title);
      task.querySelector("h3").nextElementSibling.after(label);
    }
  };

  // --- what is shown --------------------------------------------------------------------------

  const sign = (host, kind) => {
    host.querySelector(":scope > .read-mark")?.remove();
    if (!kind) return;
    const glyph = element("span", { "aria-hidden": "true" }, kind === "read" ? "✓" : "◐");
    const words = element("span", { class: "visually-hidden" }, `, ${WORDS[kind]}`);
    host.append(element("span", { class: `read-mark read-mark-${kind}` }, glyph, words));
  };

  const count = (number, of, one, many) => `${number} of ${of} ${of === 1 ? one : many}`;

  const showInLists = (marks) => {
    const home = document.querySelector("[data-marks=home]");
    const lists = `.bd-links a${home ? ", .bd-article dl a" : ""}`;
    for (const link of document.querySelectorAll(lists)) {
      const chapter = ofChapter(marks, slugOf(link));
      if (!link.hash) sign(link, marks?.keep ? state(chapter) : null);
    }
    if (!isChapter()) return;
    const { read } = ofChapter(marks, here());
    for (const link of document.querySelectorAll(".page-toc a"))
      sign(link, marks?.keep && read.includes(link.hash.slice(1)) ? "read" : null);
  };

  const showAtEnd = (marks) => {
    const panel = document.querySelector("[data-marks=chapter]");
    if (!panel) return;
    const chapter = ofChapter(marks, here());
    const done = tasks().filter((task) => chapter.done.includes(nameOf(task))).length;
    const read = state(chapter) === "read";
    panel.querySelector("p").textContent = marks?.keep
      ? `${count(read ? sections().length : chapter.read.length, sections().length, "section", "sections")} read, ` +
        `${count(done, tasks().length, "exercise or quiz", "exercises and quizzes")} done.`
      : "Marks are switched off.";
    const button = panel.querySelector("button");
    button.disabled = !marks?.keep;
    button.textContent = read ? "Mark the chapter as not read" : "Mark the chapter as read";
    for (const box of document.querySelectorAll(".mark-done input")) {
      box.checked = chapter.done.includes(box.dataset.task);
      box.disabled = !marks?.keep;
    }
  };

  const showSummary = (marks) => {
    const panel = document.querySelector("[data-marks=home], [data-marks=all]");
    if (!panel) return;
    const chapters = Object.values(marks?.chapters ?? {}).map((c) => ({ read: [], done: [], ...c }));
    const read = chapters.filter((chapter) => state(chapter) === "read").length;
    const begun = chapters.filter((chapter) => state(chapter) === "begun").length;
    const done = chapters.reduce((sum, chapter) => sum + chapter.done.length, 0);
    const all = panel.dataset.chapters;
    panel.hidden = panel.dataset.marks === "home" && !chapters.length;
    panel.querySelector("p").textContent = marks?.keep
      ? `Chapters read: ${read} of ${all}; begun: ${begun}. Exercises and quizzes done: ${done}.`
      : "Marks are switched off; none are kept.";
    panel.querySelector("input").checked = marks?.keep ?? false;
    panel.querySelector(".mark-delete").disabled = !chapters.length;
    const kept = panel.querySelector("pre");
    if (kept) kept.textContent = localStorage.getItem(KEY) ?? "nothing";
    const start = document.querySelector(".bd-article a.start");
    if (!start) return;
    start.dataset.first ??= start.getAttribute("href");
    start.dataset.words ??= start.textContent;
    const { last } = marks ?? {};
    start.textContent = last ? `Continue: ${marks.chapters[last.slug]?.title}, “${last.title}”` : start.dataset.words;
    start.setAttribute("href", last ? `${last.slug}.html#${last.id}` : start.dataset.first);
  };

  const render = () => {
    const marks = load();
    showInLists(marks);
    showAtEnd(marks);
    showSummary(marks);
  };

  // --- controls -------------------------------------------------------------------------------

  const endPanel = () => {
    const button = element("button", {
      type: "button",
      onclick: () =>
        change((chapter, marks) => {
          const read = state(chapter) === "read";
          chapter.whole = !read;
          if (read) chapter.read = [];
          if (read && marks.last?.slug === here()) delete marks.last;
        }),
    });
    const link = element("a", { href: "privacy.html" }, "What is kept, and where");
    const title = element("h2", { id: "your-marks" }, "Your marks");
    const panel = element("section", { class: "marks", "aria-labelledby": "your-marks", "data-marks": "chapter" });
    panel.append(title, element("p", { role: "status" }), button, " ", link);
    document.querySelector(".bd-article").append(panel);
  };

  const fillSummary = (panel) => {
    const keep = element("input", {
      type: "checkbox",
      onchange: () => (keep.checked ? save({ ...EMPTY, chapters: {} }) : forget({ keep: false })),
    });
    const remove = element("button", { type: "button", class: "mark-delete", onclick: () => forget() }, "Delete all marks");
    panel.append(
      element("p", { role: "status" }),
      element("label", {}, keep, " Keep marks in this browser"),
      " ",
      remove,
    );
    if (panel.dataset.marks === "home")
      panel.append(" ", element("a", { href: "privacy.html" }, "What is kept, and where"));
    else
      panel.append(element("details", {}, element("summary", {}, "What is kept now, as it is kept"), element("pre", { tabindex: "0" })));
    panel.hidden = false;
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (load() === null) return;
    const panel = document.querySelector("[data-marks=home], [data-marks=all]");
    if (panel) fillSummary(panel);
    if (isChapter()) {
      watchTasks();
      endPanel();
      watchSections();
    }
    render();
    addEventListener("storage", ({ key }) => (key === KEY || key === null) && render());
  });
})();
