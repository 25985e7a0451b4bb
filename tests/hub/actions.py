"""What the test hub does, one method an endpoint."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha1, sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.hub.answers import Answers, RefusedError
from tests.hub.store import Blob, Repo

_DATE = "2024-01-01T00:00:00.000Z"


class Actions(Answers):
    """The endpoints, in the order of the routes."""

    def _whoami(self) -> None:
        user = self.user()
        if user is None:
            raise RefusedError(401, message="Invalid username or password.")
        self.json({"name": "tester", "type": "user", "orgs": [{"name": "team"}]})

    def _create(self) -> None:
        self.must_write()
        asked = json.loads(self.body())
        name = f"{asked.get('organization') or 'tester'}/{asked['name']}"
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        with self.state.lock:
            if name in self.state.repos:
                self.json({"error": "exists", "url": f"{self.endpoint}/datasets/{name}"}, 409)
                return
            repo = self.state.repos[name] = Repo(private)
            attributes = Blob(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n", in_lfs=False)
            repo.commit({".gitattributes": attributes}, "initial commit")
        self.json({"url": f"{self.endpoint}/datasets/{name}", "name": name})

    def _delete(self) -> None:
        self.must_write()
        asked = json.loads(self.body())
        self.state.repos.pop(f"{asked.get('organization') or 'tester'}/{asked['name']}", None)
        self.json({})

    def _validate(self) -> None:
        content = json.loads(self.body())["content"]
        good = content.startswith("---\n") and "configs:" in content
        self.json({"errors": [] if good else [{"message": "no configs"}], "warnings": []})

    def _settings(self, name: str) -> None:
        self.must_write()
        asked = json.loads(self.body())
        visibility = asked.get("visibility")
        self.repo(name).private = visibility == "private" if visibility else asked["private"]
        self.json({})

    def _preupload(self, name: str, revision: str) -> None:
        self.must_write()
        asked = json.loads(self.body())
        _, tree = self.at(name, revision)
        self.json({"files": [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(".parquet") else "regular",
                "shouldIgnore": False,
                "oid": tree[file["path"]].oid if file["path"] in tree else None,
            }
            for file in asked["files"]
        ]})  # fmt: skip

    def _batch(self, name: str) -> None:
        self.must_write()
        objects = []
        for asked in json.loads(self.body())["objects"]:
            answer = dict(asked)
            if asked["oid"] not in self.state.lfs:
                answer["actions"] = {
                    "upload": {"href": f"{self.endpoint}/lfs/{asked['oid']}"},
                    "verify": {"href": f"{self.endpoint}/verify"},
                }
            objects.append(answer)
        self.json({"transfer": "basic", "objects": objects})

    def _put(self, oid: str) -> None:
        with self.state.lock:
            broken = self.state.faults.break_puts > 0
            self.state.faults.break_puts -= broken
        if broken:
            self.rfile.read(int(self.headers.get("Content-Length", 0)) // 2)
            self.close_connection = True
            self.connection.close()
            return
        content = self.body()
        if sha256(content).hexdigest() != oid:
            raise RefusedError(400, message="wrong digest")
        self.state.lfs[oid] = content
        self.state.puts.append(oid)
        self.send(200, b"")
        if self.state.faults.after_put:
            self.state.faults.after_put()

    def _verify(self) -> None:
        asked = json.loads(self.body())
        if len(self.state.lfs.get(asked["oid"], b"")) != asked["size"]:
            raise RefusedError(400, message="not there")
        self.json({})

    def _commit(self, name: str, revision: str) -> None:
        self.must_write()
        lines = [json.loads(line) for line in self.body().splitlines() if line.strip()]
        if self.state.faults.fail_commits > 0:
            self.state.faults.fail_commits -= 1
            raise RefusedError(500, message="try later")
        with self.state.lock:
            repo = self.repo(name)
            tree = dict(repo.commits[repo.head])
            title = "?"
            for line in lines:
                value = line["value"]
                if line["key"] == "header":
                    title = value["summary"]
                    if value.get("parentCommit", repo.head) != repo.head:
                        raise RefusedError(412, message="A commit has happened since")
                elif line["key"] == "file":
                    tree[value["path"]] = Blob(base64.b64decode(value["content"]), in_lfs=False)
                elif line["key"] == "lfsFile":
                    if value["oid"] not in self.state.lfs:
                        raise RefusedError(400, message="LFS object is not there")
                    tree[value["path"]] = Blob(self.state.lfs[value["oid"]], in_lfs=True)
                elif line["key"] == "deletedFile":
                    del tree[value["path"]]
                elif line["key"] == "deletedFolder":
                    gone = value["path"].rstrip("/") + "/"
                    tree = {path: blob for path, blob in tree.items() if not path.startswith(gone)}
            made = repo.commit(tree, title)
        url = f"{self.endpoint}/datasets/{name}/commit/{made}"
        self.json({"success": True, "commitOid": made, "commitUrl": url, "hookOutput": ""})

    def _tag(self, name: str, revision: str) -> None:
        self.must_write()
        tag = json.loads(self.body())["tag"]
        found, _ = self.at(name, revision)
        repo = self.repo(name)
        if tag in repo.tags:
            raise RefusedError(409, message="tag exists")
        repo.tags[tag] = found
        self.json({})

    def _refs(self, name: str) -> None:
        repo = self.repo(name)
        self.json({
            "branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": repo.head}],
            "converts": [],
            "tags": [
                {"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": commit}
                for tag, commit in repo.tags.items()
            ],
        })  # fmt: skip

    def _tree(self, name: str, revision: str, folder: str | None) -> None:
        _, tree = self.at(name, revision)
        query = parse_qs(urlsplit(self.path).query)
        recursive = query.get("recursive", ["False"])[0].lower() in ("true", "1")
        prefix = f"{folder.strip('/')}/" if folder and folder.strip("/") else ""
        inside = {path: blob for path, blob in sorted(tree.items()) if path.startswith(prefix)}
        if prefix and not inside:
            raise RefusedError(404, "EntryNotFound", f"{folder} does not exist")
        listing: dict[str, dict[str, Any]] = {}
        for path, blob in inside.items():
            parts = path[len(prefix) :].split("/")
            for depth in range(1, len(parts)) if recursive else range(1, min(2, len(parts))):
                above = prefix + "/".join(parts[:depth])
                oid = sha1(above.encode()).hexdigest()
                listing[above] = {"type": "directory", "path": above, "oid": oid, "size": 0}
            if recursive or len(parts) == 1:
                listing[path] = blob.entry(path)
        self.json(list(listing.values()))

    def _paths(self, name: str, revision: str) -> None:
        _, tree = self.at(name, revision)
        body = self.body()
        try:
            asked = json.loads(body)["paths"]
        except ValueError:
            asked = parse_qs(body.decode())["paths"]
        self.json([tree[path].entry(path) for path in asked if path in tree])

    def _info(self, name: str, revision: str = "main") -> None:
        sha, tree = self.at(name, revision)
        self.json({
            "id": name, "_id": sha[:24], "sha": sha, "private": self.repo(name).private,
            "gated": False, "disabled": False, "lastModified": _DATE, "createdAt": _DATE,
            "downloads": 0, "likes": 0, "tags": [], "cardData": {},
            "siblings": [{"rfilename": path} for path in sorted(tree)],
        })  # fmt: skip

    def _resolve(self, name: str, revision: str, path: str) -> None:
        sha, tree = self.at(name, revision)
        blob = tree.get(path)
        if blob is None:
            raise RefusedError(404, "EntryNotFound", f"{path} does not exist")
        digest = sha256(blob.content).hexdigest() if blob.in_lfs else blob.oid
        headers = {"X-Repo-Commit": sha, "ETag": f'"{digest}"', "Accept-Ranges": "bytes"}
        if blob.in_lfs:
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(blob.content))}
        body, status = blob.content, 200
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(match[1]), min(int(match[2] or len(body)), len(body) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
            body, status = body[first : last + 1], 206
        self.send(status, body, headers | {"Content-Length": str(len(body))})


_ID = r"([\w.-]+/[\w.-]+)"
_ROUTES: list[tuple[str, str, Any]] = [
    ("GET", r"/api/whoami-v2", Actions._whoami),
    ("POST", r"/api/repos/create", Actions._create),
    ("DELETE", r"/api/repos/delete", Actions._delete),
    ("POST", r"/api/validate-yaml", Actions._validate),
    ("PUT", rf"/api/datasets/{_ID}/settings", Actions._settings),
    ("POST", rf"/api/datasets/{_ID}/preupload/([^/]+)", Actions._preupload),
    ("POST", rf"/datasets/{_ID}\.git/info/lfs/objects/batch", Actions._batch),
    ("PUT", r"/lfs/(\w+)", Actions._put),
    ("POST", r"/verify", Actions._verify),
    ("POST", rf"/api/datasets/{_ID}/commit/([^/]+)", Actions._commit),
    ("POST", rf"/api/datasets/{_ID}/tag/([^/]+)", Actions._tag),
    ("GET", rf"/api/datasets/{_ID}/refs", Actions._refs),
    ("GET", rf"/api/datasets/{_ID}/tree/([^/]+)(/.*)?", Actions._tree),
    ("POST", rf"/api/datasets/{_ID}/paths-info/([^/]+)", Actions._paths),
    ("GET", rf"/api/datasets/{_ID}/revision/([^/]+)", Actions._info),
    ("GET HEAD", rf"/api/datasets/{_ID}", Actions._info),
    ("GET HEAD", rf"/datasets/{_ID}/resolve/([^/]+)/(.+)", Actions._resolve),
]
Actions.routes = _ROUTES
