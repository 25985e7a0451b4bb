"use strict";
// The browser of sampled rows. Their bodies come as HTML in which row text is escaped.

const rows = JSON.parse(document.getElementById("data").textContent);
const list = document.getElementById("list");
const found = document.getElementById("found");
const inputs = Object.fromEntries(
  ["search", "task", "language", "path"].map((id) => [id, document.getElementById(id)]),
);

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function fill(details, row) {
  for (const part of row.parts) {
    const body = element("div", "part", "");
    body.innerHTML = part.html;
    details.append(element("h3", "", part.title), body);
  }
  details.append(element("p", "place", `${row.template} · ${row.id}`));
}

function show(row) {
  const details = element("details", "row", "");
  const summary = document.createElement("summary");
  const path = document.createElement("bdi");
  path.textContent = `${row.path}:${row.lines}`;
  path.title = row.repo;
  summary.append(element("span", "tag", row.task), " ", path);
  summary.append(" ", element("span", "dim", `${row.language}, ${row.split}`));
  details.append(summary);
  // A body is made when it is first looked at.
  details.addEventListener("toggle", () => details.children.length > 1 || fill(details, row));
  return details;
}

// What a row says, in lower case; worked out at the first search.
function words(row) {
  const inert = new DOMParser();
  row.words ??= row.parts
    .map((part) => inert.parseFromString(part.html, "text/html").body.textContent)
    .concat(row.path, row.repo, row.template, row.id, row.task, row.language)
    .join("\n")
    .toLowerCase();
  return row.words;
}

function glob(text) {
  const parts = text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join(".*"), "i");
}

function filter() {
  const wanted = inputs.search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const path = glob(inputs.path.value.trim());
  let count = 0;
  for (const row of rows) {
    const shown =
      (!inputs.task.value || row.task === inputs.task.value) &&
      (!inputs.language.value || row.language === inputs.language.value) &&
      path.test(row.path) &&
      wanted.every((word) => words(row).includes(word));
    row.element.hidden = !shown;
    count += shown;
  }
  found.textContent = `${count} of ${rows.length}`;
}

for (const name of ["task", "language"]) {
  for (const value of [...new Set(rows.map((row) => row[name]))].sort()) {
    inputs[name].append(new Option(value, value));
  }
}
for (const row of rows) {
  row.element = show(row);
  list.append(row.element);
}
if (rows.length) rows[0].element.open = true;
document.getElementById("filters").addEventListener("input", filter);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
filter();
