"""The wheel holds what it needs and works away from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

import pytest

from tests.repos import git

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Return what git would check out, and an ignored file; not the checkout itself."""
    folder = tmp_path_factory.mktemp("source")
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in (os.fsdecode(name) for name in listed.split(b"\0") if name):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    (folder / "templates" / "explain" / "__pycache__").mkdir()
    (folder / "templates" / "explain" / "__pycache__" / "stale.pyc").touch()
    return folder


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    """Build with the backend that pyproject.toml names, in isolation only if it is not here."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    try:
        import hatchling  # noqa: F401
    except ImportError:
        pass
    else:
        pip.append("--no-build-isolation")
    done = subprocess.run([*pip, "."], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def _tracked(folder: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()
    }


def test_contents(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    packed = {name for name in names if ".dist-info/" not in name}
    expected = {
        f"corpus/{name}" for folder in ("templates", "pipelines") for name in _tracked(folder)
    }
    assert {
        name for name in packed if name.startswith(("corpus/templates/", "corpus/pipelines/"))
    } == (expected)
    assert len(expected) > 10
    queries = {name for name in _tracked("corpus") if name.endswith(".scm")}
    assert queries <= packed
    page = _tracked("corpus/report/page")
    assert len(page) == 4
    assert page <= packed
    assert {name.split("/")[0] for name in packed} == {"corpus", "train"}
    assert not [name for name in names if "test" in Path(name).name and "corpus/" not in name]
    assert not [name for name in names if name.startswith("tests") or name.endswith(".pyc")]


def test_metadata(wheel):
    with zipfile.ZipFile(wheel) as opened:
        (metadata,) = (n for n in opened.namelist() if n.endswith(".dist-info/METADATA"))
        (scripts,) = (n for n in opened.namelist() if n.endswith(".dist-info/entry_points.txt"))
        text = opened.read(metadata).decode()
        assert "tunesmith = corpus.cli:main" in opened.read(scripts).decode()
    assert "\nRequires-Python: >=3.11\n" in text
    required = [
        line.split(": ", 1)[1] for line in text.splitlines() if line.startswith("Requires-Dist")
    ]
    core = [line for line in required if "extra ==" not in line]
    heavy = ("torch", "transformers", "trl", "ray", "pytest", "ruff", "mypy")
    assert not [line for line in core if line.lower().startswith(heavy)]


def test_typed_packages_say_so(wheel):
    """pyproject.toml claims "Typing :: Typed"; PEP 561 wants a marker for that."""
    assert {"corpus/py.typed", "train/py.typed"} <= set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory):
    """Install the wheel, and nothing else, in a fresh environment.

    What it depends on is seen through a path file that leads to the packages of the environment
    that runs the tests: a copy of all those would take minutes and the net. The package itself can
    only come from the wheel, whose folder is first on the path; the tests make sure of that.
    """
    folder = tmp_path_factory.mktemp("fresh") / "env"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    inside = _site_packages(python)
    names = [re.split(r"[^\w.-]", line)[0] for line in requires("tunesmith") or []]
    ours = {str(distribution(name).locate_file("")) for name in names if _is_here(name)}
    # Plain lines, not `site.addsitedir`: the path files of ours (an editable install) stay unread.
    (inside / "dependencies.pth").write_text("\n".join(sorted(ours)))
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--python", str(python), "install", "--no-deps",
         "--no-index", "--force-reinstall", "--ignore-installed", str(wheel)],
        check=True,
    )  # fmt: skip
    return folder / "bin" / "tunesmith"


def _is_here(name: str) -> bool:
    try:
        return distribution(name) is not None
    except PackageNotFoundError:
        return False


def _site_packages(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.check_output([python, "-c", code], text=True).strip())


def _run(command: Path, *arguments: str | Path, cwd: Path) -> str:
    # Ray's workers, in other tests, are led to this checkout.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [command, *arguments],
        cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_the_installed_command_builds_the_same_dataset(command, shop, shop_dataset, tmp_path):
    python = command.with_name("python")
    where = _run(python, "-c", "import corpus.cli; print(corpus.cli.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(command.parent.parent)
    _run(command, "build", "--repo", shop, "--out", "data", "--workers", "2", cwd=tmp_path)
    made = type(shop_dataset)(tmp_path / "data", shop, {})
    assert made.published() == shop_dataset.published()


def test_the_installed_command_has_its_pipelines(command, tmp_path):
    names = _run(command, "pipelines", "list", cwd=tmp_path).split()
    assert names == sorted(path.stem for path in (ROOT / "pipelines").glob("*.yaml"))
    _run(command, "pipelines", "copy", names[0], cwd=tmp_path)
    copied = (tmp_path / f"{names[0]}.yaml").read_bytes()
    assert copied == (ROOT / "pipelines" / f"{names[0]}.yaml").read_bytes()
