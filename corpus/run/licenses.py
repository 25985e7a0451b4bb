"""Which licence each folder of the sources is under, going by its licence files.

To know a licence by its text takes as long as to list a repo of 10,000 files, and the texts hardly
ever change: so it is a step of its own, which the cache knows by the ids of these files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa

from corpus.safety.licenses import LARGEST_LICENSE_FILE, folders_of, identify
from corpus.schemas import Columns, record, required
from corpus.sources import Entry, Source
from corpus.sources.base import Reader, blob_row
from corpus.store import Store

LICENSED = ("license_files",)
"""The table that licences are told from."""

_LICENSE_FILE = record(
    "license_file", 1, [required("repo"), required("folder"), required("path"), required("blob_id")]
)
_LICENSE = record(
    "license", 1, [required("repo"), required("folder"), pa.field("license", pa.string())]
)


def list_license_files(listed: Mapping[Source, Sequence[Entry]], store: Store) -> None:
    """Write the table ``license_files``: every licence file of the sources, by its folder."""
    rows = Columns(_LICENSE_FILE)
    for source, entries in listed.items():
        files = {
            entry.path: entry
            for entry in entries
            if entry.kind == "file" and entry.size <= LARGEST_LICENSE_FILE
        }
        for folder, paths in folders_of(files).items():
            for path in paths:
                blob_id = blob_row(source, files[path], "")["blob_id"]
                rows.add(repo=source.name, folder=folder, path=path, blob_id=blob_id)
    store.write("license_files", 0, rows.table())


def identify_licenses(store: Store, readers: Mapping[str, Reader]) -> None:
    """Write the table ``licenses``: of every folder with a licence file an SPDX expression, if any.

    Several files in a folder are a choice, as in Rust's crates: LICENSE-MIT and LICENSE-APACHE.
    """
    folders: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in store.read("license_files", 0).to_pylist():
        folders[row["repo"], row["folder"]].append((row["path"], row["blob_id"]))
    rows = Columns(_LICENSE)
    for (repo, folder), files in folders.items():
        names = {identify(content) for content in readers[repo].read(files) if content}
        known = sorted(name for name in names if name)
        rows.add(repo=repo, folder=folder, license=" OR ".join(known) or None)
    store.write("licenses", 0, rows.table())


def licenses_of(store: Store, repo: str) -> dict[str, str | None]:
    """Return the licence of every folder of a repo that has a licence file."""
    rows = store.read("licenses", 0).to_pylist()
    return {row["folder"]: row["license"] for row in rows if row["repo"] == repo}
