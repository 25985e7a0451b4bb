"""Proof by running: a repo's own tests, in a sandbox."""
