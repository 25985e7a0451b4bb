"""Tells whether a prompt gives its answer away."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.render.templates import Rendered


def gives_away(rendered: Rendered, answers: Iterable[str]) -> bool:
    """Tell whether the prompt holds an answer, or the whole output, white space aside."""
    prompt = " ".join(f"{rendered.instruction} {rendered.input}".split())
    for answer in (*answers, rendered.output):
        # The beginning is looked up first: it is nearly always enough to say no.
        beginning = " ".join(answer.split(None, 5)[:5])
        if beginning and beginning in prompt and " ".join(answer.split()) in prompt:
            return True
    return False
