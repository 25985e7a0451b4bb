"""Divides the files into train, validation and test: by content, by place, or by time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import polars as pl

from corpus.dedup.parameters import Splits
from corpus.errors import UsageError
from corpus.ids import fraction
from corpus.schemas import SPLITS

TRAIN, VALIDATION, TEST = range(len(SPLITS))


def split_files(
    files: pl.DataFrame, splits: Splits, touched: Mapping[str, frozenset[str]]
) -> pl.Series:
    """Return the split of every file, as an index into ``schemas.SPLITS``.

    ``files`` has the columns ``repo``, ``path``, ``blob_id`` and ``documented``; ``touched`` are
    the paths by repo that commits since ``splits.test_since`` changed. Raises UsageError where a
    named repo or folder has no file, or where nothing is left to train on.
    """
    if splits.by == "cluster":
        return _by_content(files["blob_id"], files["documented"], splits)
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
    old = splits.model_copy(update={"test": 0.0})
    place = _by_content(files["blob_id"], files["documented"] & ~pl.Series(is_new), old)
    return pl.Series(
        [TEST if new else split for new, split in zip(is_new, place, strict=True)], dtype=pl.Int8
    )


def _names_of(file: tuple[str, str], by: str) -> list[str]:
    """Return what a file (repo, path) can be named by: its repo; or itself and its folders."""
    repo, path = file
    return [repo] if by == "repo" else [path, *map(str, PurePosixPath(path).parents)]


def _by_content(content_ids: pl.Series, documented: pl.Series, splits: Splits) -> pl.Series:
    """Choose by a hash of a file's content alone, so that a rebuild does not reshuffle.

    In a small corpus a share can come out without a single documented file, which would leave a
    split without rows; it then gets the one that was nearest.
    """
    place = pl.Series([fraction(content_id) for content_id in content_ids], dtype=pl.Float64)
    cuts = (1 - splits.test - splits.validation, 1 - splits.test)
    chosen = [VALIDATION if cuts[0] <= p < cuts[1] else TEST if p >= cuts[1] else 0 for p in place]
    by_place = pl.DataFrame({"file": range(len(place)), "place": place, "has": documented})
    nearest = by_place.filter("has").sort("place", descending=True)["file"].to_list()
    wanted = [(TEST, splits.test), (VALIDATION, splits.validation)]
    for split, share in wanted:
        missing = share > 0 and not any(chosen[file] == split for file in nearest)
        candidates = [file for file in nearest if chosen[file] == TRAIN]
        if missing and len(candidates) > 1:
            chosen[candidates[0]] = split
    return pl.Series(chosen, dtype=pl.Int8)
