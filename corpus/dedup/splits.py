"""Divides the files into train, validation and test: by hash, by place, or by time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import numpy as np
import polars as pl

from corpus.dedup.parameters import Splits
from corpus.errors import UsageError
from corpus.ids import content_id, fraction
from corpus.schemas import SPLITS

TRAIN, VALIDATION, TEST = range(len(SPLITS))


def split_files(
    files: pl.DataFrame, splits: Splits, touched: Mapping[str, frozenset[str]]
) -> pl.Series:
    """Return the split of every file, as an index into ``schemas.SPLITS``.

    ``files`` has the columns ``repo``, ``path``, ``blob_id``, ``functions`` and ``outside_tests``
    (how many it holds, and how many of them are no tests), and ``documented`` (whether one is);
    ``touched`` are the paths by repo that commits since ``splits.test_since`` changed. Raises
    UsageError where a named repo or folder has no file, or where nothing is left to train on.
    """
    if splits.by == "cluster":
        return _by_hash(files, splits)
    if splits.by == "time":
        return _by_time(files, splits, touched)
    named = _named(splits)
    places = [_names_of(row, splits.by) for row in files.select("repo", "path").iter_rows()]
    met = {name for names in places for name in names}
    if absent := [name for name in named if name not in met]:
        raise UsageError(f"splits: no file that was read is in {splits.by} {absent[0]!r}")
    chosen = [_nearest(names, named) for names in places]
    if TRAIN not in chosen:
        raise UsageError("splits: validation_in and test_in leave no file to train on")
    return pl.Series(chosen, dtype=pl.Int8)


def split_of_place(repo: str, path: str, splits: Splits) -> str:
    """Return the split that a repo's or folder's name gives to what is or was there."""
    return SPLITS[_nearest(_names_of((repo, path), splits.by), _named(splits))]


def _named(splits: Splits) -> dict[str, int]:
    return dict.fromkeys(splits.validation_in, VALIDATION) | dict.fromkeys(splits.test_in, TEST)


def _nearest(names: list[str], named: Mapping[str, int]) -> int:
    """Let the folder that is nearest to the file decide."""
    return next((named[name] for name in names if name in named), TRAIN)


def _by_time(
    files: pl.DataFrame, splits: Splits, touched: Mapping[str, frozenset[str]]
) -> pl.Series:
    is_new = [path in touched[repo] for repo, path in files.select("repo", "path").iter_rows()]
    if all(is_new):
        raise UsageError(
            f"splits: every file was changed since {splits.test_since}: nothing is left to train on"
        )
    old = ~pl.Series(is_new)
    split_of_old = iter(_by_hash(files.filter(old), splits.model_copy(update={"test": 0.0})))
    return pl.Series([TEST if new else next(split_of_old) for new in is_new], dtype=pl.Int8)


def _names_of(file: tuple[str, str], by: str) -> list[str]:
    """Return what a file (repo, path) can be named by: its repo; or itself and its folders."""
    repo, path = file
    return [repo] if by == "repo" else [path, *map(str, PurePosixPath(path).parents)]


def _by_hash(files: pl.DataFrame, splits: Splits) -> pl.Series:
    """Choose by a hash of each file's path, so that a commit leaves nearly all where they are.

    In a small repo one file can hold half of the functions: ``_Deal`` keeps it out of the splits.
    """
    deal = _Deal(files)
    cut, end = 1 - splits.test - splits.validation, 1 - splits.test
    deal.give(TEST, splits.test, end, 1.0)
    deal.give(VALIDATION, splits.validation, cut, end)
    deal.fill(TEST, splits.test)
    deal.fill(VALIDATION, splits.validation)
    return pl.Series(deal.split)


class _Deal:
    """Gives files to validation and test, within limits of their shares; the rest is for training.

    No split gets more than twice its share of the functions, or of those outside tests, of which
    most rows are made. One with less than half its share of the latter gets more, if any fits.
    """

    def __init__(self, files: pl.DataFrame) -> None:
        self._sizes = files.select("functions", "outside_tests").to_numpy().astype(np.int64)
        self._documented = files["documented"].to_numpy()
        self._place = np.array([fraction(content_id(path)) for path in files["path"]])
        self._by_hash = np.lexsort((files["blob_id"].to_numpy(), -self._place))
        self._held = np.zeros((len(SPLITS), 2), dtype=np.int64)
        self.split = np.full(len(files), TRAIN, dtype=np.int8)

    def give(self, split: int, share: float, low: float, high: float) -> None:
        """Give a split the files whose hashes are from ``low`` to below ``high``, if they fit."""
        place = self._place[self._by_hash]
        for file in self._by_hash[(low <= place) & (place < high)]:
            self._take(split, share, file, (2, 2))

    def fill(self, split: int, share: float) -> None:
        """Give a split with too little code some that is for training, the next by hash.

        It needs a documented file as well, else many tasks have no row there: if none fits, it gets
        the smallest.
        """
        spare = self._spare()
        enough = share * self._sizes[:, 1].sum() / 2
        for file in spare:
            if self._sizes[file, 1] and self._held[split, 1] < enough:
                self._take(split, share, file, (2, 1))
        documented = [file for file in spare if self._documented[file]]
        if share > 0 and documented and not self._documented[self.split == split].any():
            self.split[min(documented, key=lambda file: self._sizes[file, 0])] = split

    def _take(self, split: int, share: float, file: int, most: tuple[int, int]) -> None:
        together = self._held[split] + self._sizes[file]
        if (together <= share * self._sizes.sum(0) * most).all():
            self.split[file] = split
            self._held[split] = together

    def _spare(self) -> list[int]:
        """Return the files that training can spare, the documented first: all but its largest."""
        rest = [file for file in self._by_hash if self.split[file] == TRAIN]
        rest.sort(key=lambda file: not self._documented[file])
        if rest:
            rest.remove(max(rest, key=lambda file: (self._documented[file], self._sizes[file, 0])))
        return rest
