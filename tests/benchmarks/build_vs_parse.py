"""What a whole build costs, as a multiple of only parsing the same files.

    python -m tests.benchmarks.build_vs_parse [FOLDER]

Both run as processes of their own, in turn, three times each; the figures are CPU seconds (user and
system, children included) and the ratio is pair by pair. The default is the standard library.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import polars as pl

from corpus.sources.folder import FolderSource

_PARSE = """
import sys
from pathlib import Path
import tree_sitter
from corpus.languages import language_of
parsers = {}
for name in Path(sys.argv[1]).read_text().split("\\n"):
    language = language_of(name)
    if language.name not in parsers:
        parsers[language.name] = tree_sitter.Parser(language.load_grammar())
    parsers[language.name].parse(Path(name).read_bytes())
"""
_RUNS = 3


def cpu_seconds(command: list[str]) -> float:
    """Return the CPU seconds that a command and its children take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def files_read(tree: str, out: Path) -> list[str]:
    """Return the files that a build of ``tree`` read: all but its rejects."""
    rejects = pl.read_parquet(out / ".tunesmith" / "rejects.parquet")
    left_out = set(rejects.filter(pl.col("stage").is_in(["paths", "files"]))["path"])
    return [
        entry.path for entry in FolderSource(tree, None).entries() if entry.path not in left_out
    ]


def main() -> None:
    """Measure, and print a line per pair."""
    tree = sys.argv[1] if len(sys.argv) > 1 else sysconfig.get_path("stdlib")
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        out, listing = Path(scratch, "out"), Path(scratch, "files")
        # One worker builds inside its process, so that all its CPU time is counted.
        command = str(Path(sys.executable).with_name("tunesmith"))
        build = [command, "build", "--repo", tree, "--out", str(out), "--workers", "1"]
        cache = Path(scratch, "cache")
        build += ["--overwrite", "--quiet", "--cache", str(cache)]
        cpu_seconds(build)  # warms the disk, and says what there is to parse
        files = files_read(tree, out)
        listing.write_text("\n".join(f"{tree}/{name}" for name in files))
        size = sum(Path(tree, name).stat().st_size for name in files)
        print(f"{len(files):,} files, {size / 1e6:.1f} MB")
        for _ in range(_RUNS):
            shutil.rmtree(cache)  # nothing is taken from an earlier build
            parse_cpu = cpu_seconds([sys.executable, "-c", _PARSE, str(listing)])
            build_cpu = cpu_seconds(build)
            ratios.append(build_cpu / parse_cpu)
            print(f"parse {parse_cpu:6.2f} s   build {build_cpu:6.2f} s   ratio {ratios[-1]:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
