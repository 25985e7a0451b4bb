"""What a model can be taught from a function: one module per task, found by being here."""
