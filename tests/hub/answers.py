# ruff: noqa: N815 - the names that http.server calls
"""How the test hub answers: requests, rights and refusals."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.hub.store import Blob, Repo, State

WRITER, READER = "hf" + "_writer-of-the-test-hub", "hf" + "_reader-of-the-test-hub"


class RefusedError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str = "", message: str = "refused") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Answers(BaseHTTPRequestHandler):
    """Answers over HTTP; ``routes`` are methods, the pattern of a path, and what is done."""

    protocol_version = "HTTP/1.1"
    state: State
    endpoint: str
    routes: list[tuple[str, str, Any]]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._handle()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def _handle(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        try:
            for method, pattern, action in self.routes:
                match = re.fullmatch(pattern, path)
                if match and self.command in method.split():
                    self.state.requests[f"{self.command} {action.__name__.strip('_')}"] += 1
                    action(self, *match.groups())
                    return
            raise RefusedError(404, "EntryNotFound", f"no {self.command} {path}")
        except RefusedError as refused:
            body = json.dumps({"error": refused.message}).encode()
            headers = {"X-Error-Message": refused.message}
            if refused.code:
                headers["X-Error-Code"] = refused.code
            self.send(refused.status, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if not headers or "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, data: Any, status: int = 200) -> None:
        self.send(status, json.dumps(data).encode(), {"Content-Type": "application/json"})

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def user(self) -> str | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in (WRITER, READER):
            self.body()
            # A hub may repeat what it was sent; nobody must print it.
            raise RefusedError(401, message=f"Invalid credentials in Authorization header: {token}")
        return token or None

    def must_write(self) -> None:
        if self.user() != WRITER:
            self.body()
            raise RefusedError(403, message="You don't have the rights to write here")

    def repo(self, name: str) -> Repo:
        user = self.user()
        repo = self.state.repos.get(name)
        if repo is None or (repo.private and user is None):
            raise RefusedError(404 if user else 401, "RepoNotFound", "Repository not found")
        return repo

    def at(self, name: str, revision: str) -> tuple[str, dict[str, Blob]]:
        repo = self.repo(name)
        found = repo.find(revision)
        if found is None:
            raise RefusedError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return found, repo.commits[found]
