"""What can go wrong in training, said to the user in one line."""


class TrainingError(Exception):
    """The request can't be met: a model, dataset folder or setting that does not fit."""
