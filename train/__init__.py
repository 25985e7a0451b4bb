"""Tunes a model on a dataset folder. Knows nothing of how the folder was made."""
