"""Runs a pipeline: plan, engine, store, progress, and the build that strings them together."""
