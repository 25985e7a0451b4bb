"""Publishing, over real HTTP to a hub of our own, with the clients that everybody has."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.schemas import SPLITS
from tests.hub import READER, WRITER, running_hub

NAME = "team/shop"


@pytest.fixture
def hub():
    with running_hub() as running:
        yield running


@pytest.fixture
def folder(shop_dataset, tmp_path) -> Path:
    """A copy of the shop's dataset, to publish and to change."""
    return Path(shutil.copytree(shop_dataset.folder, tmp_path / "data"))


@pytest.fixture
def run(hub, tmp_path):
    """Run a command of this environment against the hub."""
    home = {"HF_HOME": str(tmp_path / "hf"), "HOME": os.environ.get("HOME", str(tmp_path))}

    def run(*arguments, token: str | None = WRITER, **environment) -> subprocess.CompletedProcess:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        done = subprocess.run(
            [str(argument) for argument in arguments],
            env=clean | home | hub.environment(token) | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert not token or token not in done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def publish(run, folder):
    command = Path(sys.executable).with_name("tunesmith")
    return lambda *flags, **options: run(command, "publish", folder, NAME, *flags, **options)


def load(run, *, revision: str = "main", streaming: bool = False) -> dict[str, int]:
    """Load every configuration from the hub in a process of its own; return rows by split."""
    code = f"""
import json, datasets
datasets.disable_progress_bars()
counts = {{}}
for name in ("knowledge", "instructions", "functions"):
    found = datasets.load_dataset({NAME!r}, name, revision={revision!r}, streaming={streaming})
    for split, rows in found.items():
        counts[f"{{name}}/{{split}}"] = sum(1 for row in rows)
print(json.dumps(counts))
"""
    done = run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def change(folder: Path, text: str = "One more line.\n") -> None:
    with (folder / "README.md").open("a") as card:
        card.write(text)


def test_round_trip(hub, run, publish, folder, shop_dataset):
    done = publish()
    assert (done.returncode, done.stderr) == (0, "")
    repo = hub.state.repos[NAME]
    assert repo.private
    assert len(repo.commits) == 2  # the hub's own, and ours
    assert repo.tags == {"v1": repo.head}
    assert {
        p: b.content for p, b in repo.commits[repo.head].items() if p != ".gitattributes"
    } == shop_dataset.published()
    rows = {
        f"{configuration}/{split}": count
        for configuration, splits in shop_dataset.summary["rows"].items()
        for split, count in splits.items()
    }
    assert {split.split("/")[1] for split in rows} == set(SPLITS)
    assert load(run) == rows
    assert load(run, streaming=True) == rows

    again = publish()
    assert (again.returncode, again.stdout) == (0, f"{NAME}: nothing has changed\n")
    assert len(repo.commits) == 2

    shutil.rmtree(folder / "knowledge")
    changed = publish()
    assert changed.returncode == 0, changed.stderr
    assert len(repo.commits) == 3
    assert repo.tags == {"v1": list(repo.commits)[1], "v2": repo.head}
    assert not any(path.startswith("knowledge/") for path in repo.commits[repo.head])
    assert load(run, revision="v1") == rows


def test_dry_run_sends_nothing(hub, publish, folder):
    done = publish("--dry-run")
    assert done.returncode == 0
    assert hub.state.repos == {}
    assert not hub.state.puts
    assert publish().returncode == 0
    change(folder)
    done = publish("--dry-run")
    lines = [line.split() for line in done.stdout.splitlines()[:-1]]
    assert lines == [["change", f"{(folder / 'README.md').stat().st_size:,}", "README.md"]]
    assert len(hub.state.repos[NAME].commits) == 2


def test_an_upload_that_breaks_is_tried_again(hub, publish, folder):
    hub.state.faults.break_puts = 1
    hub.state.faults.fail_commits = 1
    done = publish()
    assert (done.returncode, done.stderr) == (0, "")
    assert len(hub.state.repos[NAME].commits) == 2
    assert (
        len(hub.state.puts)
        == len(set(hub.state.puts))
        == len(list(folder.glob("[a-z]*/*.parquet")))
    )


def test_a_killed_upload_is_resumed(hub, publish, folder, tmp_path):
    """After the first file that the hub has got, the command is killed."""
    command = [Path(sys.executable).with_name("tunesmith"), "publish", folder, NAME]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment = clean | {"HF_HOME": str(tmp_path / "hf")} | hub.environment()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    hub.state.faults.after_put = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=60) == -signal.SIGKILL
    hub.state.faults.after_put = None
    sent = set(hub.state.puts)
    assert sent
    assert len(hub.state.repos[NAME].commits) == 1  # nothing of it is seen yet
    done = publish()
    assert (done.returncode, done.stderr) == (0, "")
    files = list(folder.glob("[a-z]*/*.parquet"))
    assert len(hub.state.puts) == len(set(hub.state.puts)) == len(files) > len(sent)


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("hf" + "_not-the-token-of-anyone", "does not accept the token: run `hf auth login`"),
        (READER, f"the token has no right to write to {NAME}"),
        (None, "no token for the hub: run `hf auth login`, or set HF_TOKEN"),
    ],
)
def test_a_token_that_will_not_do(hub, publish, token, says):
    done = publish(token=token)
    assert done.returncode in (1, 2)
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert NAME not in hub.state.repos


def test_a_network_that_is_not_there(publish):
    done = publish(HF_ENDPOINT="http://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "the hub at http://127.0.0.1:1 can't be reached" in done.stderr


def test_a_network_that_goes_away(hub, publish, folder, tmp_path):
    """While files are sent, and for good. The client's waits, a minute in all, are cut short."""
    (tmp_path / "sitecustomize.py").write_text(
        "import time\nsleep = time.sleep\ntime.sleep = lambda wait: sleep(min(wait, 0.01))\n"
    )
    hub.state.faults.break_puts = 10**6
    done = publish(PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "run it again to go on where this stopped" in done.stderr
    assert len(hub.state.repos[NAME].commits) == 1
    hub.state.faults.break_puts = 0
    assert publish().returncode == 0


def test_what_others_changed_is_not_written_over(hub, publish, folder):
    assert publish().returncode == 0
    repo = hub.state.repos[NAME]
    theirs = repo.commit(dict(repo.commits[repo.head]), "by hand")
    change(folder)
    done = publish()
    assert done.returncode == 1
    assert f"was changed by others since it was last published: look at {theirs}" in done.stderr
    assert repo.head == theirs
    assert publish("--onto", theirs).returncode == 0
    assert list(repo.tags) == ["v1", "v2"]
    # A folder built anew knows nothing of it, but goes on from what was published.
    shutil.rmtree(folder / ".tunesmith")
    change(folder)
    assert publish().returncode == 0
    repo.commit(dict(repo.commits[repo.head]), "by hand again")
    shutil.rmtree(folder / ".tunesmith")
    change(folder)
    assert publish().returncode == 1


def test_public_must_be_said(hub, publish, folder):
    assert publish("--public").returncode == 0
    assert not hub.state.repos[NAME].private
    change(folder)
    done = publish()
    assert (done.returncode, done.stdout) == (2, "")
    assert "say --public" in done.stderr


def test_the_gate_can_not_be_passed_by(hub, publish, folder, run):
    change(folder, "Ask jane.roe@" + "corp-mail.com for the key.\n")
    done = publish()
    assert done.returncode == 1
    assert "holds what its policy forbids (rows: email in 1)" in done.stderr
    assert "jane" not in done.stdout + done.stderr
    assert hub.state.requests == {}
    checked = run(Path(sys.executable).with_name("tunesmith"), "check", folder)
    assert checked.returncode == 1
    assert "email" in checked.stdout
    assert "jane" not in checked.stdout
    # Only a policy that allows it lets it pass.
    policy = folder.parent / "policy.yaml"
    policy.write_text("safety:\n  email: allow\n")
    assert publish("--pipeline", policy).returncode == 0


@pytest.mark.parametrize("target", ["shop", "a/b/c", "team/", "s3//x"])
def test_no_such_place(tunesmith, folder, target):
    done = tunesmith("publish", folder, target)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_no_dataset_folder(tunesmith, tmp_path):
    done = tunesmith("publish", tmp_path, NAME)
    assert done.returncode == 2
    assert "is not a dataset folder" in done.stderr
