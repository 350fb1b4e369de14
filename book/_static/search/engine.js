/* The ranking of the search: which sections answer a question, and in which order.

   MiniSearch keeps the index (BM25 over fields). This file says what a word is (a stem, or one name
   for several words), how much fields and kinds of sections count, and that a section with all words
   of a question comes before one with a rare word of it. No page is touched here, so that it runs
   anywhere; `search.js` shows what it finds. */
// eslint-disable-next-line no-unused-vars
var courseSearch = (() => {
  const FIELDS = { title: 5, page: 1.5, words: 1.5, text: 1 };
  // In the order of KINDS in `search_sections.py`.
  const KINDS = [
    { name: "section", weight: 1 },
    { name: "exercise", weight: 0.3 },
    { name: "solution", weight: 0.15 },
    { name: "glossary", weight: 0.9 },
    { name: "claim", weight: 0.5 },
    { name: "source", weight: 0.35 },
    { name: "package", weight: 0.2 },
    { name: "page", weight: 0.5 },
  ];
  const NEIGHBOUR = 0.35;
  // Sections that name everything and explain nothing.
  const GENERAL = /^(Summary|The question|Exercises|Further reading|.* on paper)$/;
  const LIMIT = 30;

  const stemmer = new Stemmer();
  const stems = new Map();
  const stem = (word) => {
    if (!stems.has(word)) stems.set(word, stemmer.stemWord(word));
    return stems.get(word);
  };
  const words = (text) =>
    text
      .normalize("NFKD")
      .replace(/[\u0300-\u036f]/g, "")
      .toLowerCase()
      .replace(/[’']s\b/g, "")
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const stemmed = (text) => words(text).map(stem);
  const ignored = new Set(words(courseWords.ignored));

  // phrases: first stem -> [{stems, name}], the longest first.
  const phrases = new Map();
  for (const [first, ...others] of courseWords.same) {
    for (const variant of [first, ...others]) {
      const parts = stemmed(variant);
      if (!phrases.has(parts[0])) phrases.set(parts[0], []);
      phrases.get(parts[0]).push({ parts, name: stem(first) });
    }
  }
  for (const list of phrases.values()) list.sort((a, b) => b.parts.length - a.parts.length);
  const phraseAt = (list, at) =>
    phrases.get(list[at])?.find(({ parts }) => parts.every((part, i) => list[at + i] === part));

  /* The terms of a text in the index: stems, names of phrases, and compounds as one word. */
  const termsOf = (text, field) => {
    if (field === "words") return text.split(",").flatMap((run) => termsOf(run));
    const list = stemmed(text);
    const names = list.map((_, at) => phraseAt(list, at)?.name).filter(Boolean);
    const compounds = (text.toLowerCase().match(/\p{L}+(?:[-–]\p{L}+)+/gu) ?? []).map((word) =>
      stem(word.replace(/[-–]/g, "")),
    );
    return [...list, ...names, ...compounds];
  };

  /* The terms of a question: a phrase is its name alone, words that tell nothing are left out. */
  const termsOfQuery = (query) => {
    const plain = words(query);
    const list = plain.map(stem);
    const found = [];
    for (let at = 0; at < list.length; ) {
      const phrase = phraseAt(list, at);
      if (phrase) found.push(phrase.name);
      else if (!ignored.has(plain[at])) found.push(list[at]);
      at += phrase?.parts.length ?? 1;
    }
    return found.length ? [...new Set(found)] : list;
  };

  const neighbours = new Map();
  for (const group of courseWords.near) {
    const names = group.map((name) => termsOfQuery(name));
    for (const [term, ...rest] of names)
      if (!rest.length) neighbours.set(term, names.flat().filter((other) => other !== term));
  }

  const documents = (pages) =>
    Object.entries(pages).flatMap(([docname, [page, sections, part]]) =>
      sections.map(([kind, anchor, title, text, more]) => ({
        url: `${docname}.html${anchor ? `#${anchor}` : ""}`,
        title,
        text,
        words: more,
        kind: KINDS[kind],
        weight: KINDS[kind].weight * (GENERAL.test(title) ? 0.6 : 1),
        page: anchor ? page : part,
      })),
    );

  /* An index of the pages; `search(query)` gives the results, the best first. */
  const build = (pages) => {
    const all = documents(pages);
    const index = new MiniSearch({
      fields: Object.keys(FIELDS),
      tokenize: termsOf,
      processTerm: (term) => term,
    });
    index.addAll(all.map((document, id) => ({ ...document, id })));
    // What a title is about: "Early stopping" has two words that tell, "The idea" one.
    const titles = all.map(({ title }) => termsOfQuery(title));
    const known = (term) => index.search(term, { tokenize: (t) => [t] }).length > 0;

    const search = (query, { limit = LIMIT } = {}) => {
      const asked = termsOfQuery(query);
      const near = asked.flatMap((term) => neighbours.get(term) ?? []);
      const terms = [...asked, ...near.filter((term) => !asked.includes(term))];
      const misspelt = new Set(asked.filter((term) => !known(term)));
      const unfinished = asked.at(-1);
      const found = index.search(terms.join(" "), {
        tokenize: (text) => text.split(" "),
        boost: FIELDS,
        prefix: (term) => term === unfinished && term.length > 2,
        fuzzy: (term) => (misspelt.has(term) && term.length > 3 ? 0.25 : false),
        boostTerm: (term) => (asked.includes(term) ? 1 : NEIGHBOUR),
      });
      const rank = ({ id, score, queryTerms }) => {
        const has = (term) => queryTerms.includes(term);
        const met = asked.map((term) =>
          has(term) ? 1 : (neighbours.get(term) ?? []).some(has) ? NEIGHBOUR : 0,
        );
        const share = met.reduce((sum, value) => sum + value, 0) / asked.length;
        const title = titles[id].filter((term) => asked.includes(term)).length;
        const whole = share === 1 ? 1.5 : 1;
        return score * share ** 1.5 * whole * (1 + title / (titles[id].length || 1)) * all[id].weight;
      };
      return found
        .map((hit) => ({ ...all[hit.id], terms: hit.terms, rank: rank(hit) }))
        .sort((a, b) => b.rank - a.rank)
        .slice(0, limit);
    };
    return { search, size: all.length };
  };

  /* A text in pieces, [piece, whether it is one of the words that were found]. A phrase is marked
     where it stands as a whole, not each of its words wherever it occurs. */
  const marked = (text, terms) => {
    const wanted = new Set(terms);
    const pieces = text.split(/([\p{L}\p{N}]+)/u).filter(Boolean);
    const places = pieces.map((piece, at) => [words(piece)[0], at]).filter(([word]) => word);
    const list = places.map(([word]) => stem(word));
    const hits = new Set();
    list.forEach((term, at) => {
      const phrase = phraseAt(list, at);
      const length = phrase && wanted.has(phrase.name) ? phrase.parts.length : 0;
      for (let i = 0; i < Math.max(length, wanted.has(term) ? 1 : 0); i++) hits.add(places[at + i][1]);
    });
    return pieces.map((piece, at) => [piece, hits.has(at)]);
  };

  return { build, marked, termsOf, termsOfQuery };
})();
