// Prints the functions that the TypeScript compiler's parser sees, as JSON lines: path, dotted
// name, first line, last line, doc comment as it stands. Arguments: the folder of the npm package
// `typescript`, and a file that lists the files to read. A file with syntax errors gives only its
// path.
const fs = require("fs");
const ts = require(process.argv[2]);

const NOISE = /^(module\.exports|exports|this)\b|\.prototype\b/g;

// The name that source gives a function, class or object by binding it; owner included.
function nameOf(node) {
  const parent = node.parent;
  const holds = (child) => child === node;
  if (ts.isVariableDeclaration(parent) && holds(parent.initializer)) {
    if (ts.isIdentifier(parent.name)) return parent.name.text;
  } else if (ts.isPropertyAssignment(parent) && holds(parent.initializer)) {
    return plain(parent.name);
  } else if (ts.isPropertyDeclaration(parent) && holds(parent.initializer)) {
    if (!ts.isObjectLiteralExpression(node)) return plain(parent.name);
  } else if (
    isAssigned(node) &&
    (ts.isIdentifier(parent.left) || ts.isPropertyAccessExpression(parent.left))
  ) {
    const path = parent.left.getText().replace(/\s+/g, "").replace(/\?\./g, ".");
    const bound = path.replace(NOISE, "").replace(/^\.+|\.+$/g, "");
    const [, owner, name] = bound.match(/^(?:(.*)\.)?([^.]*)$/);
    if (name) return owner && /^[\w$#.]+$/.test(owner) ? `${owner}.${name}` : name;
  } else if (ts.isExportAssignment(parent) && !parent.isExportEquals && !node.name) {
    if (!ts.isObjectLiteralExpression(node)) return "default";
  }
  if (node.name) return plain(node.name);
  const exported = (node.modifiers || []).some((m) => m.kind === ts.SyntaxKind.DefaultKeyword);
  return exported ? "default" : "";
}

function isAssigned(node) {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) &&
    parent.right === node &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}

function plain(name) {
  return ts.isStringLiteral(name) ? name.text : name.getText();
}

function isScope(node) {
  return (
    ts.isClassLike(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isObjectLiteralExpression(node) ||
    (ts.isTypeLiteralNode(node) && ts.isTypeAliasDeclaration(node.parent))
  );
}

const FUNCTIONS = [
  "FunctionDeclaration", "FunctionExpression", "ArrowFunction", "MethodDeclaration",
  "MethodSignature", "Constructor", "GetAccessor", "SetAccessor",
].map((kind) => ts.SyntaxKind[kind]);

function walk(path, file, node, scope) {
  let inner = scope;
  if (FUNCTIONS.includes(node.kind)) {
    const name = ts.isConstructorDeclaration(node) ? "constructor" : nameOf(node);
    if (name) {
      inner = [...scope, name];
      print(path, file, node, inner);
    }
  } else if (isScope(node)) {
    const name = ts.isTypeLiteralNode(node) ? node.parent.name.text : nameOf(node);
    if (name) inner = [...scope, name];
  } else if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name)) {
    if (node.name.text !== "global") inner = [...scope, node.name.text];
  }
  ts.forEachChild(node, (child) => walk(path, file, child, inner));
}

function print(path, file, node, names) {
  // The declaration is the statement where it binds this function and nothing else.
  let whole = node;
  const { parent } = node;
  if (ts.isVariableDeclaration(parent)) {
    whole = parent.parent.declarations.length === 1 && ts.isVariableStatement(parent.parent.parent)
      ? parent.parent.parent : parent;
  } else if (isAssigned(node)) {
    whole = ts.isExpressionStatement(parent.parent) ? parent.parent : parent;
  } else if (parent.initializer === node || ts.isExportAssignment(parent)) {
    whole = parent;
  }
  const line = (at) => file.getLineAndCharacterOfPosition(at).line + 1;
  const docs = whole.jsDoc || node.jsDoc || [];
  const doc = docs.length ? docs[docs.length - 1].getText(file) : "";
  const row = [path, names.join("."), line(whole.getStart(file)), line(node.end), doc];
  console.log(JSON.stringify(row));
}

for (const path of fs.readFileSync(process.argv[3], "utf8").split("\n").filter(Boolean)) {
  const source = fs.readFileSync(path, "utf8").replace(/\r\n?/g, "\n");
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  if (file.parseDiagnostics.length) console.log(JSON.stringify([path]));
  else walk(path, file, file, []);
}
