"""Finds the templates and pipelines that ship with tunesmith."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def shipped(folder: Literal["templates", "pipelines"]) -> Path:
    """Return the folder of that name: beside this module in a wheel, one level up in a checkout."""
    package = Path(__file__).parent
    inside = package / folder
    return inside if inside.is_dir() else package.parent / folder
