"""From a pair to a row: Jinja templates, sandboxed and strict."""
