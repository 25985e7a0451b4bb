"""The functions that clang sees, through ``pip install libclang`` and Debian's clang."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import clang.cindex as clang  # type: ignore[import-untyped,import-not-found,unused-ignore]

_KEEP_GOING = 0x200  # CXTranslationUnit_KeepGoing: a missing header is no reason to stop
_SCOPES = {
    clang.CursorKind.NAMESPACE,
    clang.CursorKind.CLASS_DECL,
    clang.CursorKind.STRUCT_DECL,
    clang.CursorKind.UNION_DECL,
    clang.CursorKind.CLASS_TEMPLATE,
    clang.CursorKind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION,
    clang.CursorKind.LINKAGE_SPEC,
    clang.CursorKind.UNEXPOSED_DECL,
    clang.CursorKind.COMPOUND_STMT,  # a function's body, which may hold a class
    clang.CursorKind.DECL_STMT,
}
_FUNCTIONS = {
    clang.CursorKind.FUNCTION_DECL,
    clang.CursorKind.FUNCTION_TEMPLATE,
    clang.CursorKind.CXX_METHOD,
    clang.CursorKind.CONSTRUCTOR,
    clang.CursorKind.DESTRUCTOR,
    clang.CursorKind.CONVERSION_FUNCTION,
}


Found = tuple[str, int, int, str]


def functions(paths: Sequence[Path], arguments: Sequence[str]) -> dict[Path, set[Found]]:
    """Return the (name, first line, last line, doc) of the files that clang finds no fault in."""
    shared = [*arguments, *_include_flags(paths)]
    found = {}
    for path in paths:
        unit = clang.Index.create().parse(str(path), shared, options=_KEEP_GOING)
        if not any(fault.severity >= clang.Diagnostic.Error for fault in unit.diagnostics):
            source = path.read_bytes()
            found[path] = {
                (_name(cursor), cursor.extent.start.line, cursor.extent.end.line, doc)
                for cursor in _definitions(unit.cursor, str(path))
                for doc in [_doc(cursor, source)]
            }
    return found


def _include_flags(paths: Sequence[Path]) -> list[str]:
    """Look for headers in every folder below the files' common one, the system's own first."""
    resources = subprocess.run(
        ["clang", "-print-resource-dir"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    top = os.path.commonpath([path.parent for path in paths])
    folders = {Path(top), *(header.parent for header in Path(top).rglob("*.h"))}
    folders |= {folder for header in folders for folder in header.parents if top in str(folder)}
    return [f"-resource-dir={resources}", *(f"-idirafter{folder}" for folder in sorted(folders))]


def _definitions(cursor: clang.Cursor, path: str) -> Iterator[clang.Cursor]:
    for child in cursor.get_children():
        if child.location.file is None or child.location.file.name != path:
            continue
        if child.kind in _FUNCTIONS and child.is_definition():
            yield child
        if child.kind in _SCOPES | _FUNCTIONS:
            yield from _definitions(child, path)


def _name(cursor: clang.Cursor) -> str:
    names = []
    while cursor is not None and cursor.kind != clang.CursorKind.TRANSLATION_UNIT:
        if cursor.kind not in (clang.CursorKind.LINKAGE_SPEC, clang.CursorKind.UNEXPOSED_DECL):
            names.append(re.sub(r"(?<!operator)<.*>", "", cursor.spelling))
        cursor = cursor.semantic_parent
    return ".".join(name for name in reversed(names) if name)


def _doc(cursor: clang.Cursor, source: bytes) -> str:
    """Return the doc that stands here; clang also has those of the function's declarations.

    For clang a line of stars is a doc, for Doxygen it is not.
    """
    doc = cursor.raw_comment or ""
    start = cursor.extent.start.offset
    at = source.rfind(doc.encode(), 0, start)
    if doc.startswith("/***"):
        return ""
    is_here = at >= 0 and not re.search(rb"[;{}#@]", source[at + len(doc.encode()) : start])
    return doc if is_here else ""
