"""A hub for tests: the Hugging Face hub's protocol for datasets, over real HTTP on loopback.

It serves what `huggingface_hub` and `datasets` ask for when they create, upload to, list, tag and
load a dataset, with git's and LFS's own digests. The clients are not changed: `HF_ENDPOINT` leads
them here. What real hubs do wrong can be had too: see ``store.Faults``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

from tests.hub.actions import Actions
from tests.hub.answers import READER, WRITER
from tests.hub.store import State

__all__ = ["READER", "WRITER", "Hub", "running_hub"]


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
    handler = type("Handler", (Actions,), {"state": state})
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
