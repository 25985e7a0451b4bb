"""Small faults put into functions on purpose."""
