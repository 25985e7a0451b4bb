# ruff: noqa: N815 - the names that http.server calls
"""A hub for tests: the Hugging Face hub's protocol for datasets, over real HTTP on loopback.

It serves what `huggingface_hub` and `datasets` ask for when they create, upload to, list, tag and
load a dataset, with git's and LFS's own digests. The clients are not changed: `HF_ENDPOINT` leads
them here. What real hubs do wrong can be had too: see ``Faults``.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

WRITER, READER = "hf" + "_writer-of-the-test-hub", "hf" + "_reader-of-the-test-hub"
_DATE = "2024-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Blob:
    """A file's content, in git itself or in LFS."""

    content: bytes
    in_lfs: bool

    @property
    def pointer(self) -> bytes:
        digest = sha256(self.content).hexdigest()
        lines = ("version https://git-lfs.github.com/spec/v1", f"oid sha256:{digest}",
                 f"size {len(self.content)}", "")  # fmt: skip
        return "\n".join(lines).encode()

    @property
    def oid(self) -> str:
        stored = self.pointer if self.in_lfs else self.content
        return sha1(b"blob %d\0%b" % (len(stored), stored)).hexdigest()

    def entry(self, path: str) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "type": "file",
            "path": path,
            "oid": self.oid,
            "size": len(self.content),
        }
        if self.in_lfs:
            digest = sha256(self.content).hexdigest()
            entry["lfs"] = {
                "oid": digest,
                "size": len(self.content),
                "pointerSize": len(self.pointer),
            }
        return entry


@dataclass
class Repo:
    """A dataset: its commits in order, as trees, and its tags."""

    private: bool
    commits: dict[str, dict[str, Blob]] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return list(self.commits)[-1]

    def commit(self, tree: dict[str, Blob], title: str) -> str:
        listing = "".join(f"{path} {blob.oid}\n" for path, blob in sorted(tree.items()))
        parent = self.head if self.commits else ""
        revision = sha1(f"{parent}\n{title}\n{listing}".encode()).hexdigest()
        self.commits[revision] = tree
        self.titles.append(title)
        return revision

    def find(self, revision: str) -> str | None:
        if revision in ("main", "refs/heads/main"):
            return self.head
        revision = self.tags.get(revision, revision)
        return revision if revision in self.commits else None


@dataclass
class Faults:
    """What goes wrong: ``break_puts`` uploads end in the middle, ``fail_commits`` answer 500."""

    break_puts: int = 0
    fail_commits: int = 0
    after_put: Any = None


@dataclass
class State:
    """All that the hub knows. ``requests`` counts by method and endpoint, ``puts`` are digests."""

    repos: dict[str, Repo] = field(default_factory=dict)
    lfs: dict[str, bytes] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    puts: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    lock: threading.RLock = field(default_factory=threading.RLock)


class _RefusedError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str = "", message: str = "refused") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State
    endpoint: str

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._handle()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def _handle(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        try:
            for method, pattern, action in _ROUTES:
                match = re.fullmatch(pattern, path)
                if match and self.command in method.split():
                    self.state.requests[f"{self.command} {action.__name__.strip('_')}"] += 1
                    action(self, *match.groups())
                    return
            raise _RefusedError(404, "EntryNotFound", f"no {self.command} {path}")
        except _RefusedError as refused:
            body = json.dumps({"error": refused.message}).encode()
            headers = {"X-Error-Message": refused.message}
            if refused.code:
                headers["X-Error-Code"] = refused.code
            self._send(refused.status, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # What every action needs.

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if not headers or "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, data: Any, status: int = 200) -> None:
        self._send(status, json.dumps(data).encode(), {"Content-Type": "application/json"})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _user(self) -> str | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in (WRITER, READER):
            self._body()
            # A hub may repeat what it was sent; nobody must print it.
            raise _RefusedError(
                401, message=f"Invalid credentials in Authorization header: {token}"
            )
        return token or None

    def _must_write(self) -> None:
        if self._user() != WRITER:
            self._body()
            raise _RefusedError(403, message="You don't have the rights to write here")

    def _repo(self, name: str) -> Repo:
        user = self._user()
        repo = self.state.repos.get(name)
        if repo is None or (repo.private and user is None):
            raise _RefusedError(404 if user else 401, "RepoNotFound", "Repository not found")
        return repo

    def _at(self, name: str, revision: str) -> tuple[str, dict[str, Blob]]:
        repo = self._repo(name)
        found = repo.find(revision)
        if found is None:
            raise _RefusedError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return found, repo.commits[found]

    # The actions, in the order of the routes.

    def _whoami(self) -> None:
        user = self._user()
        if user is None:
            raise _RefusedError(401, message="Invalid username or password.")
        self._json({"name": "tester", "type": "user", "orgs": [{"name": "team"}]})

    def _create(self) -> None:
        self._must_write()
        asked = json.loads(self._body())
        name = f"{asked.get('organization') or 'tester'}/{asked['name']}"
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        with self.state.lock:
            if name in self.state.repos:
                self._json({"error": "exists", "url": f"{self.endpoint}/datasets/{name}"}, 409)
                return
            repo = self.state.repos[name] = Repo(private)
            attributes = Blob(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n", in_lfs=False)
            repo.commit({".gitattributes": attributes}, "initial commit")
        self._json({"url": f"{self.endpoint}/datasets/{name}", "name": name})

    def _delete(self) -> None:
        self._must_write()
        asked = json.loads(self._body())
        self.state.repos.pop(f"{asked.get('organization') or 'tester'}/{asked['name']}", None)
        self._json({})

    def _validate(self) -> None:
        content = json.loads(self._body())["content"]
        good = content.startswith("---\n") and "configs:" in content
        self._json({"errors": [] if good else [{"message": "no configs"}], "warnings": []})

    def _settings(self, name: str) -> None:
        self._must_write()
        asked = json.loads(self._body())
        visibility = asked.get("visibility")
        self._repo(name).private = visibility == "private" if visibility else asked["private"]
        self._json({})

    def _preupload(self, name: str, revision: str) -> None:
        self._must_write()
        asked = json.loads(self._body())
        _, tree = self._at(name, revision)
        self._json({"files": [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(".parquet") else "regular",
                "shouldIgnore": False,
                "oid": tree[file["path"]].oid if file["path"] in tree else None,
            }
            for file in asked["files"]
        ]})  # fmt: skip

    def _batch(self, name: str) -> None:
        self._must_write()
        objects = []
        for asked in json.loads(self._body())["objects"]:
            answer = dict(asked)
            if asked["oid"] not in self.state.lfs:
                answer["actions"] = {
                    "upload": {"href": f"{self.endpoint}/lfs/{asked['oid']}"},
                    "verify": {"href": f"{self.endpoint}/verify"},
                }
            objects.append(answer)
        self._json({"transfer": "basic", "objects": objects})

    def _put(self, oid: str) -> None:
        with self.state.lock:
            broken = self.state.faults.break_puts > 0
            self.state.faults.break_puts -= broken
        if broken:
            self.rfile.read(int(self.headers.get("Content-Length", 0)) // 2)
            self.close_connection = True
            self.connection.close()
            return
        content = self._body()
        if sha256(content).hexdigest() != oid:
            raise _RefusedError(400, message="wrong digest")
        self.state.lfs[oid] = content
        self.state.puts.append(oid)
        self._send(200, b"")
        if self.state.faults.after_put:
            self.state.faults.after_put()

    def _verify(self) -> None:
        asked = json.loads(self._body())
        if len(self.state.lfs.get(asked["oid"], b"")) != asked["size"]:
            raise _RefusedError(400, message="not there")
        self._json({})

    def _commit(self, name: str, revision: str) -> None:
        self._must_write()
        lines = [json.loads(line) for line in self._body().splitlines() if line.strip()]
        if self.state.faults.fail_commits > 0:
            self.state.faults.fail_commits -= 1
            raise _RefusedError(500, message="try later")
        with self.state.lock:
            repo = self._repo(name)
            tree = dict(repo.commits[repo.head])
            title = "?"
            for line in lines:
                value = line["value"]
                if line["key"] == "header":
                    title = value["summary"]
                    if value.get("parentCommit", repo.head) != repo.head:
                        raise _RefusedError(412, message="A commit has happened since")
                elif line["key"] == "file":
                    tree[value["path"]] = Blob(base64.b64decode(value["content"]), in_lfs=False)
                elif line["key"] == "lfsFile":
                    if value["oid"] not in self.state.lfs:
                        raise _RefusedError(400, message="LFS object is not there")
                    tree[value["path"]] = Blob(self.state.lfs[value["oid"]], in_lfs=True)
                elif line["key"] == "deletedFile":
                    del tree[value["path"]]
                elif line["key"] == "deletedFolder":
                    gone = value["path"].rstrip("/") + "/"
                    tree = {path: blob for path, blob in tree.items() if not path.startswith(gone)}
            made = repo.commit(tree, title)
        url = f"{self.endpoint}/datasets/{name}/commit/{made}"
        self._json({"success": True, "commitOid": made, "commitUrl": url, "hookOutput": ""})

    def _tag(self, name: str, revision: str) -> None:
        self._must_write()
        tag = json.loads(self._body())["tag"]
        found, _ = self._at(name, revision)
        repo = self._repo(name)
        if tag in repo.tags:
            raise _RefusedError(409, message="tag exists")
        repo.tags[tag] = found
        self._json({})

    def _refs(self, name: str) -> None:
        repo = self._repo(name)
        self._json({
            "branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": repo.head}],
            "converts": [],
            "tags": [
                {"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": commit}
                for tag, commit in repo.tags.items()
            ],
        })  # fmt: skip

    def _tree(self, name: str, revision: str, folder: str | None) -> None:
        _, tree = self._at(name, revision)
        query = parse_qs(urlsplit(self.path).query)
        recursive = query.get("recursive", ["False"])[0].lower() in ("true", "1")
        prefix = f"{folder.strip('/')}/" if folder and folder.strip("/") else ""
        inside = {path: blob for path, blob in sorted(tree.items()) if path.startswith(prefix)}
        if prefix and not inside:
            raise _RefusedError(404, "EntryNotFound", f"{folder} does not exist")
        listing: dict[str, dict[str, Any]] = {}
        for path, blob in inside.items():
            parts = path[len(prefix) :].split("/")
            for depth in range(1, len(parts)) if recursive else range(1, min(2, len(parts))):
                above = prefix + "/".join(parts[:depth])
                oid = sha1(above.encode()).hexdigest()
                listing[above] = {"type": "directory", "path": above, "oid": oid, "size": 0}
            if recursive or len(parts) == 1:
                listing[path] = blob.entry(path)
        self._json(list(listing.values()))

    def _paths(self, name: str, revision: str) -> None:
        _, tree = self._at(name, revision)
        body = self._body()
        try:
            asked = json.loads(body)["paths"]
        except ValueError:
            asked = parse_qs(body.decode())["paths"]
        self._json([tree[path].entry(path) for path in asked if path in tree])

    def _info(self, name: str, revision: str = "main") -> None:
        sha, tree = self._at(name, revision)
        self._json({
            "id": name, "_id": sha[:24], "sha": sha, "private": self._repo(name).private,
            "gated": False, "disabled": False, "lastModified": _DATE, "createdAt": _DATE,
            "downloads": 0, "likes": 0, "tags": [], "cardData": {},
            "siblings": [{"rfilename": path} for path in sorted(tree)],
        })  # fmt: skip

    def _resolve(self, name: str, revision: str, path: str) -> None:
        sha, tree = self._at(name, revision)
        blob = tree.get(path)
        if blob is None:
            raise _RefusedError(404, "EntryNotFound", f"{path} does not exist")
        digest = sha256(blob.content).hexdigest() if blob.in_lfs else blob.oid
        headers = {"X-Repo-Commit": sha, "ETag": f'"{digest}"', "Accept-Ranges": "bytes"}
        if blob.in_lfs:
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(blob.content))}
        body, status = blob.content, 200
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(match[1]), min(int(match[2] or len(body)), len(body) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
            body, status = body[first : last + 1], 206
        self._send(status, body, headers | {"Content-Length": str(len(body))})


_ID = r"([\w.-]+/[\w.-]+)"
_ROUTES: list[tuple[str, str, Any]] = [
    ("GET", r"/api/whoami-v2", _Handler._whoami),
    ("POST", r"/api/repos/create", _Handler._create),
    ("DELETE", r"/api/repos/delete", _Handler._delete),
    ("POST", r"/api/validate-yaml", _Handler._validate),
    ("PUT", rf"/api/datasets/{_ID}/settings", _Handler._settings),
    ("POST", rf"/api/datasets/{_ID}/preupload/([^/]+)", _Handler._preupload),
    ("POST", rf"/datasets/{_ID}\.git/info/lfs/objects/batch", _Handler._batch),
    ("PUT", r"/lfs/(\w+)", _Handler._put),
    ("POST", r"/verify", _Handler._verify),
    ("POST", rf"/api/datasets/{_ID}/commit/([^/]+)", _Handler._commit),
    ("POST", rf"/api/datasets/{_ID}/tag/([^/]+)", _Handler._tag),
    ("GET", rf"/api/datasets/{_ID}/refs", _Handler._refs),
    ("GET", rf"/api/datasets/{_ID}/tree/([^/]+)(/.*)?", _Handler._tree),
    ("POST", rf"/api/datasets/{_ID}/paths-info/([^/]+)", _Handler._paths),
    ("GET", rf"/api/datasets/{_ID}/revision/([^/]+)", _Handler._info),
    ("GET HEAD", rf"/api/datasets/{_ID}", _Handler._info),
    ("GET HEAD", rf"/datasets/{_ID}/resolve/([^/]+)/(.+)", _Handler._resolve),
]


@dataclass(frozen=True)
class Hub:
    """A running hub, and the environment that leads a client to it."""

    state: State
    endpoint: str

    def environment(self, token: str | None = WRITER) -> dict[str, str]:
        found = {"HF_ENDPOINT": self.endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0",
                 "HF_DATASETS_OFFLINE": "0", "HF_HUB_DISABLE_TELEMETRY": "1"}  # fmt: skip
        return found | ({"HF_TOKEN": token} if token else {})


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Run a hub on a port of loopback that is free."""
    state = State()
    handler = type("Handler", (_Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.endpoint = f"http://127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Hub(state, handler.endpoint)  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()
