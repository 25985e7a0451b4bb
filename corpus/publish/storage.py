"""Publishes a dataset folder to any place that fsspec knows: a folder, ``s3://bucket/path``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from corpus.errors import TunesmithError, UsageError
from corpus.publish.changes import Change, LocalFile, Plan
from corpus.publish.manifest import MANIFEST
from corpus.publish.manifest import sha256_of as _sha256_of
from corpus.sources.storage import open_storage

_BEGUN = ".tunesmith-begun"
"""Stands in a place while it is written to, and tells what broke off from what is another's."""


@dataclass(frozen=True)
class Storage:
    """A place for one dataset. Its manifest is written last: a copy without one is not whole."""

    url: str

    def plan(self, files: Mapping[str, LocalFile], *, public: bool) -> Plan:
        """Return what publishing would change. Changes nothing itself.

        Raises UsageError for a place that holds something else, or that can't be read.
        """
        del public  # who may read it is for the place to say
        fs, root = open_storage(self.url)
        try:
            manifest = self._manifest(fs, root)
            if manifest is None:
                if fs.exists(root) and fs.ls(root) and not fs.exists(f"{root}/{_BEGUN}"):
                    raise UsageError(f"{self.url} holds something else, so nothing is put there")
                return Plan([Change(f.name, f.size, "add") for f in files.values()], None)
        except (OSError, ValueError) as error:
            raise self._explain(error) from None
        there = json.loads(manifest)["files"]
        head = sha256(manifest).hexdigest()
        changes = [
            Change(name, file.size, "change" if name in there else "add")
            for name, file in files.items()
            if name != MANIFEST and there.get(name, {}).get("sha256") != file.sha256
        ]
        changes += [
            Change(name, entry["bytes"], "delete")
            for name, entry in there.items()
            if name not in files
        ]
        if files[MANIFEST].sha256 != head:
            changes.append(Change(MANIFEST, files[MANIFEST].size, "change"))
        return Plan(sorted(changes), head, {"": head}, is_empty=False)

    def publish(
        self, files: Mapping[str, LocalFile], plan: Plan, *, public: bool, message: str
    ) -> str:
        """Put the files there, the manifest last, and return its digest. Raises TunesmithError."""
        del public, message
        fs, root = open_storage(self.url)
        last = sorted(plan.changes, key=lambda change: (change.name == MANIFEST, change.what))
        try:
            fs.makedirs(root, exist_ok=True)
            fs.pipe_file(f"{root}/{_BEGUN}", b"")
            for change in last:
                if change.what != "delete":
                    self._put(fs, files[change.name], f"{root}/{change.name}")
            for change in last:
                if change.what == "delete":
                    fs.rm(f"{root}/{change.name}")
            fs.rm(f"{root}/{_BEGUN}")
        except (OSError, ValueError) as error:
            raise self._explain(error) from None
        return files[MANIFEST].sha256

    def _put(self, fs: Any, file: LocalFile, target: str) -> None:
        if _sha256_of(file.path) != file.sha256:
            raise TunesmithError(f"{file.path} was changed since it was checked")
        fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        fs.put_file(str(file.path), target)

    def _manifest(self, fs: Any, root: str) -> bytes | None:
        try:
            content = bytes(fs.cat_file(f"{root}/{MANIFEST}"))
        except FileNotFoundError:
            return None
        if "tunesmith" not in json.loads(content).get("versions", {}):
            raise UsageError(f"{self.url} holds something else, so nothing is put there")
        return content

    def _explain(self, error: Exception) -> TunesmithError:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return TunesmithError(f"cannot publish to {self.url}: {reason}")
