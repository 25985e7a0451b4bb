// Prints the functions that luaparse sees, as JSON lines: path, dotted name, first line, last line,
// and an empty doc. Takes the package's folder and a file that lists the files to read. A file with
// syntax errors gives only its path.
const fs = require("fs");
const [packageFolder, list] = process.argv.slice(2);
const luaparse = require(packageFolder);

const OPTIONS = { locations: true, luaVersion: "LuaJIT", encodingMode: "x-user-defined" };

function dotted(node) {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return null;
  const base = dotted(node.base);
  return base ? `${base}.${node.identifier.name}` : node.identifier.name;
}

function key(field) {
  if (field.type === "TableKeyString") return field.key.name;
  const isString = field.type === "TableKey" && field.key.type === "StringLiteral";
  return isString ? field.key.raw.slice(1, -1) : null;
}

// A function or table that is bound to a name takes it, on the lines of what binds it.
function bound(node) {
  if (["LocalStatement", "AssignmentStatement"].includes(node.type)) {
    if (node.variables.length !== 1 || node.init.length !== 1) return [];
    return [[dotted(node.variables[0]), node.init[0]]];
  }
  if (["TableKeyString", "TableKey"].includes(node.type)) return [[key(node), node.value]];
  return node.type === "FunctionDeclaration" && node.identifier
    ? [[dotted(node.identifier), node]]
    : [];
}

function walk(path, node, scope, rows) {
  if (!node || typeof node !== "object") return;
  for (const [name, value] of bound(node)) {
    if (!name) continue;
    if (value.type === "FunctionDeclaration") {
      const { start, end } = node.loc;
      rows.push([path, [...scope, name].join("."), start.line, end.line, ""]);
    }
    if (["FunctionDeclaration", "TableConstructorExpression"].includes(value.type)) {
      scope = [...scope, name];
    }
  }
  for (const child of Object.values(node)) {
    for (const one of Array.isArray(child) ? child : [child]) walk(path, one, scope, rows);
  }
}

for (const path of fs.readFileSync(list, "utf8").split("\n").filter(Boolean)) {
  const rows = [];
  try {
    walk(path, luaparse.parse(fs.readFileSync(path, "latin1"), OPTIONS), [], rows);
    rows.forEach((row) => console.log(JSON.stringify(row)));
  } catch {
    console.log(JSON.stringify([path]));
  }
}
