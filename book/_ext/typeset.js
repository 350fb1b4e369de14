/* Typeset formulas with the vendored MathJax, outside of a browser.

   Reads JSON from standard input, {folder, config, formulas: [[tex, display], ...]}, and writes
   {css, html: [...]} to standard output. `folder` is MathJax's own, `config` what a page would give
   it. The style sheet holds the rules of all glyphs; who calls keeps those that are used. */
"use strict";
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const { folder, config, formulas } = JSON.parse(readFileSync(0, "utf8"));

/* The file for browsers asks for these modules where it sees Node. They belong to its spoken
   formulas, which are not used here. */
const modules = {
  "xmldom-sre": {
    DOMImplementation: class {
      createDocument() {
        return {};
      }
    },
  },
  "wicked-good-xpath": { install() {} },
};

const quiet = { ...console, log: console.error, info: console.error };
const world = vm.createContext({
  console: quiet,
  setTimeout,
  clearTimeout,
  process: { env: {} },
  require: (name) => modules[name] ?? {},
});
const load = (path) => vm.runInContext(readFileSync(path, "utf8"), world, { filename: path });

const { enableMenu, ...options } = config.options ?? {}; // there is no menu outside of a browser
world.MathJax = {
  ...config,
  options,
  chtml: { ...config.chtml, adaptiveCSS: false, fontURL: "formulas" },
  loader: { ...config.loader, paths: { mathjax: folder }, require: load, load: ["adaptors/liteDOM"] },
  startup: { typeset: false },
};

const main = async () => {
  load(`${folder}/tex-chtml.js`);
  const { MathJax } = world;
  await MathJax.startup.promise;
  const { adaptor } = MathJax.startup;
  const html = [];
  for (const [tex, display] of formulas) {
    MathJax.texReset();
    html.push(adaptor.outerHTML(await MathJax.tex2chtmlPromise(tex, { display })));
  }
  const css = adaptor.textContent(MathJax.chtmlStylesheet());
  process.stdout.write(JSON.stringify({ css, html }));
};

main().catch((fault) => {
  console.error(String(fault?.message ?? fault));
  process.exitCode = 1;
});
