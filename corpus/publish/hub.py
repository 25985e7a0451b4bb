"""Publishes a dataset folder to the Hugging Face hub: one commit and one tag for each version."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.tqdm import disable_progress_bars

from corpus.errors import TunesmithError, UsageError
from corpus.ids import git_blob_id
from corpus.publish.changes import Change, LocalFile, Plan

# What the client raises when no answer comes: the HTTP library's own base class, whichever it is.
_TRANSPORT: tuple[type[Exception], ...] = (*HfHubHTTPError.__bases__, ConnectionError, TimeoutError)
_UPLOAD: tuple[type[Exception], ...] = (*_TRANSPORT, RuntimeError)
# Seconds before each try. The client itself tries every request five times.
_WAITS = (0.0, 2.0)
_TAG = re.compile(r"v(\d+)")
_HUBS_OWN = (".gitattributes",)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Hub:
    """A dataset repo on the hub that ``HF_ENDPOINT`` names, with the token of the login."""

    repo_id: str

    def __post_init__(self) -> None:
        disable_progress_bars()
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)

    def plan(self, files: Mapping[str, LocalFile], *, public: bool) -> Plan:
        """Return what publishing would change. Changes nothing itself.

        Raises UsageError for a request that the hub would refuse, TunesmithError for a hub that
        can't be asked.
        """
        if get_token() is None:
            raise UsageError("no token for the hub: run `hf auth login`, or set HF_TOKEN")
        return self._ask(lambda api: self._plan(api, files, public=public))

    def _plan(self, api: HfApi, files: Mapping[str, LocalFile], *, public: bool) -> Plan:
        api.whoami()  # a wrong token is told from a repo that is not there
        if not api.repo_exists(self.repo_id, repo_type="dataset"):
            return Plan([Change(file.name, file.size, "add") for file in files.values()], None)
        info = api.dataset_info(self.repo_id)
        if not info.private and not public:
            raise UsageError(f"{self.repo_id} is public: say --public to publish to it")
        remote = {
            entry.path: entry
            for entry in api.list_repo_tree(
                self.repo_id, recursive=True, revision=info.sha, repo_type="dataset"
            )
            if isinstance(entry, RepoFile) and entry.path not in _HUBS_OWN
        }
        tags = {
            tag.name: tag.target_commit
            for tag in api.list_repo_refs(self.repo_id, repo_type="dataset").tags
        }
        return Plan(_changes(files, remote), info.sha, tags, is_empty=not remote)

    def publish(
        self, files: Mapping[str, LocalFile], plan: Plan, *, public: bool, message: str
    ) -> str:
        """Upload what ``plan`` changes in one commit, tag it, and return the revision.

        What goes wrong on the way is tried again; what was uploaded is not uploaded again, also by
        a later run. Raises TunesmithError.
        """
        for number, wait in enumerate(_WAITS, 1):
            time.sleep(wait)
            try:
                return self._publish(files, plan, public=public, message=message)
            except _UPLOAD as error:
                # The client wraps what went wrong with one of several files.
                cause = error.__cause__ if isinstance(error, RuntimeError) else error
                if not isinstance(cause, _TRANSPORT):
                    raise
                if number == len(_WAITS) or not _may_pass(cause):
                    raise self._explain(cause) from None
        raise AssertionError  # the last try returns or raises

    def _publish(
        self, files: Mapping[str, LocalFile], first: Plan, *, public: bool, message: str
    ) -> str:
        api = HfApi()
        api.create_repo(self.repo_id, repo_type="dataset", private=not public, exist_ok=True)
        plan = self._plan(api, files, public=True)
        if first.head is not None and plan.changes and plan.head != first.head:
            raise TunesmithError(f"{self.repo_id} was changed while this was being published")
        if public and api.dataset_info(self.repo_id).private:
            api.update_repo_settings(self.repo_id, repo_type="dataset", private=False)
        revision = plan.head
        if plan.changes:
            operations = [
                CommitOperationDelete(change.name)
                if change.what == "delete"
                else _addition(files[change.name])
                for change in plan.changes
            ]
            revision = api.create_commit(
                self.repo_id, operations, commit_message=message, parent_commit=plan.head,
                repo_type="dataset",
            ).oid  # fmt: skip
        assert revision is not None
        if revision not in plan.tags.values():
            api.create_tag(self.repo_id, tag=_next_tag(plan), revision=revision,
                           repo_type="dataset", exist_ok=True)  # fmt: skip
        return revision

    def _ask(self, question: Callable[[HfApi], _T]) -> _T:
        try:
            return question(HfApi())
        except HFValidationError:
            raise UsageError(f"{self.repo_id!r} is not the name of a dataset: ORG/NAME") from None
        except _TRANSPORT as error:
            raise self._explain(error) from None

    def _explain(self, error: Exception) -> TunesmithError:
        """Say what went wrong in words of ours: what a server says may repeat what it was sent."""
        status = _status(error)
        if isinstance(error, OfflineModeIsEnabled):
            return UsageError("HF_HUB_OFFLINE is set: unset it to publish")
        if status == 401:
            return TunesmithError(
                f"the hub at {constants.ENDPOINT} does not accept the token: run `hf auth login`"
            )
        if status == 403:
            return TunesmithError(f"the token has no right to write to {self.repo_id}")
        if status == 404:
            return TunesmithError(f"the hub does not know {self.repo_id}, or hides it")
        if status == 412:
            return TunesmithError(f"{self.repo_id} was changed while this was being published")
        what = f"answered {status}" if status else "can't be reached"
        return TunesmithError(
            f"the hub at {constants.ENDPOINT} {what}; run it again to go on where this stopped"
        )


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _may_pass(error: Exception) -> bool:
    """Tell whether trying again may help: no answer came, or the hub itself was in trouble."""
    status = _status(error)
    return not isinstance(error, OfflineModeIsEnabled) and (status is None or status >= 500)


def _changes(files: Mapping[str, LocalFile], remote: Mapping[str, RepoFile]) -> list[Change]:
    changes = []
    for name, file in files.items():
        there = remote.get(name)
        if there is None:
            changes.append(Change(name, file.size, "add"))
        elif not _is_same(file, there):
            changes.append(Change(name, file.size, "change"))
    changes += [
        Change(name, there.size, "delete") for name, there in remote.items() if name not in files
    ]
    return sorted(changes)


def _is_same(file: LocalFile, there: RepoFile) -> bool:
    if there.lfs is not None:
        return there.lfs.sha256 == file.sha256
    return there.size == file.size and there.blob_id == git_blob_id(file.path.read_bytes())


def _addition(file: LocalFile) -> CommitOperationAdd:
    """Add a file as it was when it was checked. Raises TunesmithError if it is another now."""
    addition = CommitOperationAdd(file.name, Path(file.path))
    if addition.upload_info.sha256.hex() != file.sha256:
        raise TunesmithError(f"{file.path} was changed since it was checked")
    return addition


def _next_tag(plan: Plan) -> str:
    numbers = [int(match[1]) for tag in plan.tags if (match := _TAG.fullmatch(tag))]
    return f"v{max(numbers, default=0) + 1}"
