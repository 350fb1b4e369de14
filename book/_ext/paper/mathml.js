// TeX as MathML, by the MathJax that typesets the site:  node mathml.js tex-chtml.js < formulas.json
// Reads a list of [TeX, is it displayed], writes a list of MathML; {"error": ...} where TeX is wrong.
const fs = require("fs"), path = require("path"), vm = require("vm");
const bundle = path.resolve(process.argv[2]);
const packages = ["base", "ams", "newcommand", "configmacros", "boldsymbol"];

// MathJax is written for a browser. Only its reader of TeX runs here, which needs none: what the
// rest of the file looks for while it loads is there and does nothing.
const element = () => ({style: {}, appendChild() {}, setAttribute() {}, addEventListener() {}, querySelectorAll: () => []});
global.window = global;
global.document = {
  head: element(), documentElement: element(), createElement: element, addEventListener() {},
  getElementById: () => null, querySelectorAll: () => [], getElementsByTagName: () => [element()],
};
global.MathJax = {startup: {ready: () => write(JSON.parse(fs.readFileSync(0, "utf8")))}};

function run(file) {
  vm.runInThisContext(fs.readFileSync(file, "utf8"), {filename: path.basename(file)});
}

function write(formulas) {
  run(path.join(path.dirname(bundle), "input/tex/extensions/boldsymbol.js"));
  const {input, core} = MathJax._;
  const tex = new input.tex_ts.TeX({packages, formatError: (jax, error) => { throw error; }});
  tex.setMmlFactory(new core.MmlTree.MmlFactory.MmlFactory());
  const visitor = new core.MmlTree.SerializedMmlVisitor.SerializedMmlVisitor();
  const convert = ([math, display]) => {
    const item = {math, display, inputData: {}, start: {node: null}, end: {}, inputJax: tex};
    try {
      return visitor.visitTree(tex.compile(item, {options: {}, math: []}));
    } catch (error) {
      return {error: error.message};
    }
  };
  process.stdout.write(JSON.stringify(formulas.map(convert)));
}

run(bundle);
