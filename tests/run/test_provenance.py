"""Every row leads back to the code that it was made from, and every path is accounted for."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from corpus.ids import content_id
from tests.repos import git

ENCODINGS = {"py/latin.py": "latin-1", "py/wide.py": "utf-16"}


@cache
def _contents(repo: Path) -> dict[str, bytes]:
    """Return what ``git show`` gives for every path of HEAD, asked for in one go."""
    commit = git(repo, "rev-parse", "HEAD").decode().strip()
    paths = git(repo, "ls-tree", "-r", "-z", "--name-only", commit).split(b"\0")[:-1]
    revisions = [f"{commit}:".encode() + path for path in paths]
    answers = io.BytesIO(git(repo, "cat-file", "--batch", stdin=b"\n".join(revisions)))
    found = {}
    for revision in revisions:
        header = answers.readline().split()
        if header[-1].isdigit():
            found[revision.decode("utf-8", "replace")] = answers.read(int(header[-1]))
            answers.read(1)
    some = sorted(found)[:: len(found) // 10]
    for revision in (revision for revision in some if "\ufffd" not in revision):
        assert git(repo, "show", revision) == found[revision]
    return {revision: content for revision, content in found.items() if "\ufffd" not in revision}


@cache
def _text(repo: Path, revision: str) -> str:
    """Return the text that git shows, with universal newlines."""
    path = revision.partition(":")[2]
    content = _contents(repo)[revision]
    text = content.decode(ENCODINGS.get(path) or _declared(content))
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@cache
def _lines(repo: Path, revision: str) -> list[str]:
    return _text(repo, revision).split("\n")


def _declared(content: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(content).readline)[0]
    except SyntaxError:
        return "utf-8"


def _dedent(lines: list[str], code: str) -> tuple[str, str]:
    """Return what stands before ``code`` on its first line, and the dedented lines from there."""
    before = lines[0][: lines[0].index(code.split("\n")[0])]
    rest = [line.removeprefix(before) if not before.strip() else line for line in lines[1:]]
    return before, "\n".join([lines[0][len(before) :], *rest])


_PLACEHOLDER = re.compile(r"<?\b(?:SECRET|EMAIL|IP|PHONE|NAME|HOST|CONTROL_TOKEN)_\d+\b>?")


def _stands(code: str, block: str, redactions: list[str]) -> bool:
    """Tell whether ``block`` begins with ``code``: verbatim, but for placeholders."""
    if not redactions:
        return block.startswith(code)
    pattern = "[^\n]+?".join(re.escape(part) for part in _PLACEHOLDER.split(code))
    return bool(_PLACEHOLDER.search(code) and re.match(pattern, block))


def test_functions_stand_where_they_say(dataset):
    rows = dataset.rows("functions")
    assert len(rows) > (20 if "shop" in str(dataset.folder) else 1000)
    shared = 0
    for row in rows:
        assert (row["commit"], row["repo"]) == (dataset.commit, dataset.repo.name)
        lines = _lines(dataset.repo, f"{row['commit']}:{row['path']}")[
            row["start_line"] - 1 : row["end_line"]
        ]
        before, block = _dedent(lines, row["code"])
        assert _stands(row["code"], block, row["redactions"]), row
        if row["redactions"]:
            continue
        after = block[len(row["code"]) :]
        assert "\n" not in after
        shared += bool(before.strip() or after.strip(" ;"))
        assert row["start_line"] <= row["declaration_line"] <= row["end_line"]
    assert shared <= len(rows) // 100  # a function that shares its line with something else


def test_instructions_stand_where_they_say(dataset):
    functions = {
        (row["path"], row["start_line"], row["end_line"]): row for row in dataset.rows("functions")
    }
    rows = dataset.rows("instructions")
    for row in rows:
        where = row["provenance"]
        assert (where["commit"], where["repo"]) == (dataset.commit, dataset.repo.name)
        lines = _lines(dataset.repo, f"{where['commit']}:{where['path']}")[
            where["start_line"] - 1 : where["end_line"]
        ]
        function = functions[where["path"], where["start_line"], where["end_line"]]
        assert where["redactions"] == function["redactions"]
        block = _dedent(lines, function["code"])[1]
        assert _stands(function["code"], block, where["redactions"])
        assert row["split"] == function["split"]
        if row["task"] == "document":
            assert function["code"] in row["output"]
            assert where["evidence"] == "doc"
    assert Counter(row["task"] for row in rows).keys() == {"explain", "document", "implement"}


def test_knowledge_is_the_whole_file(dataset):
    rows = dataset.rows("knowledge")
    for row in rows:
        where = row["provenance"]
        text = _text(dataset.repo, f"{where['commit']}:{where['path']}")
        head = row["text"].index(where["path"]) + len(where["path"])
        body = row["text"][head:].lstrip("\n")
        assert _stands(body, text.lstrip("\n"), where["redactions"])
        assert where["redactions"] or row["text"].endswith(text)
        last = text.count("\n") + (not text.endswith("\n"))
        assert (where["start_line"], where["end_line"]) == (1, last)
        assert (where["commit"], where["evidence"]) == (dataset.commit, "file")
        blob = git(dataset.repo, "rev-parse", f"{dataset.commit}:{where['path']}")
        assert row["blob_id"] == blob.decode().strip()


def test_every_path_is_accounted_for_once(dataset):
    listed = git(dataset.repo, "ls-tree", "-r", "-z", "--name-only", dataset.commit)
    paths = Counter(p.decode("utf-8", "replace") for p in listed.split(b"\0") if p)
    rejects = dataset.rejects()
    unread = [r["path"] for r in rejects if r["stage"] in ("paths", "files")]
    ids = _file_ids(dataset)
    copies = [r["path"] for r in rejects if r["stage"] == "dedup" and r["id"] in ids]
    kept = [row["provenance"]["path"] for row in dataset.rows("knowledge")]
    assert Counter([*unread, *copies, *kept]) == paths


def _file_ids(dataset) -> set[str]:
    listed = git(dataset.repo, "ls-tree", "-r", "-z", dataset.commit).decode("utf-8", "replace")
    entries = (entry.split("\t", 1) for entry in listed.split("\0") if entry)
    return {content_id(dataset.repo.name, path, meta.split()[2]) for meta, path in entries}


def test_the_funnel_adds_up(dataset):
    summary = dataset.summary
    rejects = dataset.rejects()
    at = Counter(row["stage"] for row in rejects)
    by_reason: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rejects:
        by_reason[row["stage"]][row["reason"]] += 1
    ids = _file_ids(dataset)
    copied = Counter(row["id"] in ids for row in rejects if row["stage"] == "dedup")
    functions = dataset.rows("functions")
    assert summary["rejects"] == by_reason
    assert summary["paths"] == summary["files"] + at["paths"] + at["files"]
    assert summary["files"] == summary["unique_files"] + copied[True]
    assert summary["functions"] == summary["unique_functions"] + copied[False]
    assert summary["unique_functions"] == len(functions)
    assert summary["after_filters"] == summary["unique_functions"] - at["filter"]
    assert by_reason["filter"]["no_doc"] == sum(row["doc"] is None for row in functions)
    for task in ("explain", "document", "implement"):
        assert summary["examples"][task] == summary["after_filters"] - at[task]
    assert summary["examples"]["knowledge"] == summary["unique_files"]
    for configuration in ("knowledge", "instructions", "functions"):
        rows = Counter(row["split"] for row in dataset.rows(configuration))
        assert summary["rows"][configuration] == rows


def test_ids_are_unique(dataset):
    for configuration, name in (
        ("knowledge", "example_id"), ("instructions", "example_id"), ("functions", "function_id"),
    ):  # fmt: skip
        ids = [row[name] for row in dataset.rows(configuration)]
        assert len(set(ids)) == len(ids)


def test_signature_and_body_make_the_code(dataset):
    """For Python, what ``implement`` gives and asks for is the function without its doc."""
    functions = {row["function_id"]: row for row in dataset.rows("functions")}
    by_place = {(r["path"], r["start_line"], r["end_line"]): r for r in functions.values()}
    checked = 0
    for row in dataset.rows("instructions"):
        if row["task"] != "implement":
            continue
        where = row["provenance"]
        function = by_place[where["path"], where["start_line"], where["end_line"]]
        output, _, _ = row["output"].partition("\n\n**Relies on**\n")
        fence, *body, closing = output.split("\n")
        assert fence == f"{closing}{row['language']}"
        assert function["code_without_doc"].startswith(function["signature"])
        assert "".join(function["code_without_doc"].split()) == "".join(
            (function["signature"] + "\n".join(body)).split()
        )
        if row["language"] == "python":
            indented = "\n".join(f"    {line}" for line in body)
            made = _tree(f"{function['signature']}\n{indented}\n")
            assert made == _tree(function["code_without_doc"]), function["qualified_name"]
            checked += 1
    assert checked > (5 if "shop" in str(dataset.folder) else 300)


class _LooseStrings(ast.NodeTransformer):
    """Dedenting reaches into strings of several lines, so white space in them is let pass."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str):
            node.value = "".join(node.value.split())
        return node


def _tree(code: str) -> str:
    return ast.dump(_LooseStrings().visit(ast.parse(code)))


def test_code_without_doc_is_the_code_but_for_its_doc(dataset):
    """For Python: the same tree, less the docstring, and never an empty body."""
    checked = 0
    for row in dataset.rows("functions"):
        if row["language"] != "python":
            continue
        try:
            whole = ast.parse(row["code"]).body[0]
        except SyntaxError:
            continue  # Python 2 in a fixture of the standard library
        assert isinstance(whole, ast.FunctionDef | ast.AsyncFunctionDef)
        doc = ast.get_docstring(whole, clean=False)
        assert (doc is None) == (row["doc"] is None), row["code"]
        if doc is not None:
            whole.body = whole.body[1:] or [ast.Pass()]
            checked += 1
        assert ast.dump(ast.parse(row["code_without_doc"]).body[0]) == ast.dump(whole)
    assert checked > (5 if "shop" in str(dataset.folder) else 300)
