"""What stands on a page that is open in a tab."""

from __future__ import annotations

import json


def cells(tab, selector):
    """Return a table's body as lists of texts."""
    return tab.run(
        f"[...document.querySelectorAll('{selector} tr')].map("
        "row => [...row.cells].map(cell => cell.textContent.trim()))"
    )


def shown(tab):
    """Return task, language and path of the rows that the filters leave."""
    texts = tab.run(
        "[...document.querySelectorAll('#list > details:not([hidden]) > summary')]"
        ".map(summary => [...summary.children].map(part => part.textContent))"
    )
    return [(task, about.split(",")[0], place.rsplit(":", 1)[0]) for task, place, about in texts]


def fill(tab, field, value):
    """Give a field a value, as a person does."""
    tab.run(
        f"{{ const field = document.getElementById('{field}'); field.value = {json.dumps(value)};"
        " field.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
