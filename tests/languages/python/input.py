"""The module's own doc is nobody's."""

import functools


# A plain comment is not a doc.
def plain(a, /, b=(1, 2), *args: int, **kwargs) -> "dict[str, int]":
    return dict(a=len(args), b=sum(b))


@functools.lru_cache(
    maxsize=None,
)
@other.decorator
def decorated(n):
    r"""Raw \d strings
        keep their inner indent.

    And their blank lines.
    """

    # This comment stays.
    return decorated(n - 1)


class Stack:
    """A class's doc is not a function's."""

    class Node:
        def __init__(self): "One line."; self.next = None

    def push(self, item): 'Only a doc.'

    async def peek(self):
        """Concatenated """ "strings are one doc."
        def inner():
            b"""Bytes are no doc."""
        return inner()

    if True:
        def conditional(self):
            f"""Nor is an f-string."""

    @property
    def text(self):
        # A comment may come first.
        """Text with a string that is not indented.

        >>> 1
        """
        return """
left
"""


def outer():
    """Hold a class."""
    class Local:
        def method(self) -> None: ...
    return Local


def test_lambda():
    named = lambda x: x
    return named
