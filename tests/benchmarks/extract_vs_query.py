"""What extraction costs, as a multiple of parsing the same files and running one query on them.

    python -m tests.benchmarks.extract_vs_query [FOLDER…]

The query is the language's own, its matches counted and dropped. All run in this process, file by
file in turn, so that the machine's noise falls on all alike; the figures are CPU seconds, and the
ratios, to parse and query and to parsing alone, are medians of three rounds. Without folders it
reads the fixtures of the languages, each as often as makes 400 kB.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import tree_sitter

from corpus.extract.functions import extract
from corpus.languages import LANGUAGES, Language, language_of
from corpus.sources.text import UnreadableTextError, decode

_ROUNDS = 3
_FIXTURES = Path(__file__).parent.parent / "languages"
_FIXTURE_BYTES = 400_000
_TREE_BYTES = 2_000_000


def parse_and_query(language: Language) -> Callable[[bytes], object]:
    """Return the yardstick: parse, and one query."""
    grammar = language.load_grammar()
    parser = tree_sitter.Parser(grammar)
    query = tree_sitter.Query(grammar, language.query_text())

    def run(source: bytes) -> object:
        return tree_sitter.QueryCursor(query).matches(parser.parse(source).root_node)

    return run


def cpu_seconds(work: Callable[[bytes], object], source: bytes) -> float:
    start = time.process_time()
    work(source)
    return time.process_time() - start


def seconds(language: Language, sources: list[bytes]) -> list[tuple[float, float, float]]:
    """Return what parsing, the yardstick and extraction take, round by round."""
    parser = tree_sitter.Parser(language.load_grammar())
    yardstick = parse_and_query(language)
    rounds = []
    for _ in range(_ROUNDS):
        parse = query = whole = 0.0
        for source in sources:
            parse += cpu_seconds(parser.parse, source)
            query += cpu_seconds(yardstick, source)
            whole += cpu_seconds(lambda text: extract(language, text), source)
        rounds.append((parse, query, whole))
    return rounds


def fixtures() -> dict[str, list[bytes]]:
    sources = {}
    for name in LANGUAGES:
        (path,) = (_FIXTURES / name).glob("input.*")
        source = decode(path.read_bytes())
        sources[name] = [source] * (_FIXTURE_BYTES // len(source))
    return sources


def trees(folders: Iterable[str]) -> dict[str, list[bytes]]:
    """Read up to 2 MB per language, from all over the folders."""
    sources = defaultdict(list)
    for folder in folders:
        for path in sorted(Path(folder).rglob("*"), key=lambda path: path.name):
            language = language_of(path.name)
            if language and path.is_file():
                try:
                    sources[language.name].append(decode(path.read_bytes()))
                except UnreadableTextError:
                    continue
    for name, texts in sources.items():
        every = max(1, sum(map(len, texts)) // _TREE_BYTES)
        sources[name] = texts[::every]
    return sources


def main() -> None:
    """Measure, and print a line per language."""
    for name, sources in (trees(sys.argv[1:]) if sys.argv[1:] else fixtures()).items():
        rounds = seconds(LANGUAGES[name], sources)
        parse, query, whole = (statistics.median(column) for column in zip(*rounds, strict=True))
        to_query = statistics.median(whole / query for _, query, whole in rounds)
        to_parse = statistics.median(whole / parse for parse, _, whole in rounds)
        size = sum(map(len, sources)) / 1e6
        print(
            f"{name:<12}{len(sources):>6} files{size:>6.1f} MB   parse {parse:6.2f} s   and query"
            f" {query:6.2f} s   extract {whole:6.2f} s   ratios {to_query:.2f} {to_parse:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
