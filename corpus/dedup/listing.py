"""Lists clusters of duplicates for people to read: largest first, with a diff of two members."""

from __future__ import annotations
