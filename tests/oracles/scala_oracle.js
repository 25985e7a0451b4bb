// Prints the functions that Scalameta's parser sees, as JSON lines: path, dotted name, first line,
// last line, and an empty doc. Takes the package's folder and a file that lists the files to read. A
// file that Scala 2.13 has no syntax for gives only its path.
const fs = require("fs");
const [packageFolder, list] = process.argv.slice(2);
const { parseSource } = require(packageFolder);

const FUNCTIONS = ["Defn.Def", "Decl.Def", "Ctor.Secondary"];
const SCOPES = ["Defn.Class", "Defn.Object", "Defn.Trait", "Defn.Enum", "Pkg.Object", ...FUNCTIONS];

function walk(path, source, node, scope, rows) {
  if (!node || typeof node !== "object") return;
  if (SCOPES.includes(node.type)) {
    scope = [...scope, node.type === "Ctor.Secondary" ? "this" : node.name.value];
    if (FUNCTIONS.includes(node.type)) {
      const line = (at) => source.slice(0, at).split("\n").length;
      const { start, end } = node.pos;
      rows.push([path, scope.join("."), line(start), line(end), ""]);
    }
  }
  for (const child of Object.values(node)) {
    for (const one of Array.isArray(child) ? child.flat(2) : [child]) {
      walk(path, source, one, scope, rows);
    }
  }
}

for (const path of fs.readFileSync(list, "utf8").split("\n").filter(Boolean)) {
  const rows = [];
  const source = fs.readFileSync(path, "utf8");
  const tree = parseSource(source);
  if (tree.error) rows.push([path]);
  else walk(path, source, tree, [], rows);
  rows.forEach((row) => console.log(JSON.stringify(row)));
}
