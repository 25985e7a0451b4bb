"""What one commit did to the documented functions of a file: to their code, and to their docs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from corpus.extract.functions import Function, Located, ParsedFile
from corpus.history.match import Comparison, Matched
from corpus.ids import content_id

_WORD = re.compile(r"[^\W\d_]{2,}|\w*\d\w*[^\W\d]\w*")
# What says nothing on its own: articles and the like, and the words of markup.
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        "an and are as be by for in is it of on or than the that then this to was with will which "
        "br code class em func html inheritdoc li link literal lt gt meth ol para paramref plain "
        "pre ref rst see seealso strong summary ul value",
    )
)
_LINK = re.compile(r"https?://\S+")
# Of which version something holds stands in no code.
_VERSION_NOTE = re.compile(
    r"^[ \t]*(?:\.\. (?:version(?:added|changed|removed)|deprecated)::.*(?:\n(?:[ \t]+\S.*)?$)*"
    r"|@(?:since|version|deprecated)\b.*(?:\n(?![ \t]*(?:@|$)).*)*"
    r"|[^\w\n]*(?:new|added|changed|deprecated|removed)(?: in| since)\b[^.\n]*\d[\w.]*[^\w\n]*$)",
    re.I | re.M,
)
_QUALIFIER = re.compile(r"\b(?:[^\W\d]\w*\.)+(?=[^\W\d])")  # what is linked to stays the same
_SAME_WORD = 0.8  # "suppress" and "supress"


class DocEdit(NamedTuple):
    """A documented function whose code or doc a commit changed; ``old`` is None if it was added.

    ``share`` is how much of the code's tokens changed; None where they were not compared.
    """

    located: Located
    old: Function | None
    new: Function
    share: float | None

    @property
    def is_reworded(self) -> bool:
        """Tell whether the doc alone changed, and says something else: no layout, no spelling."""
        if self.share != 0 or self.old is None or not (self.old.doc and self.new.doc):
            return False
        before, after = _words(self.old.doc), _words(self.new.doc)
        gone, came = before - after, after - before
        alike = {a for a in gone if get_close_matches(a, came, 1, _SAME_WORD)}
        alike |= {b for b in came if get_close_matches(b, gone, 1, _SAME_WORD)}
        return bool((gone | came) - alike)


def doc_edits(
    old: ParsedFile, new: ParsedFile, compared: Comparison, share: Callable[[Matched], float]
) -> Iterator[DocEdit]:
    """Yield the documented functions that a commit added or changed; ``share`` says how much."""
    for located in compared.added:
        if (added := new.function(located)).doc:
            yield DocEdit(located, None, added, 0.0)
    for matched in compared.changed:
        before, after = old.function(matched.old), new.function(matched.new)
        if before.doc or after.doc:
            yield DocEdit(matched.new, before, after, share(matched))
    for a, b in compared.long:
        before, after = old.function(a), new.function(b)
        if before.doc or after.doc:
            yield DocEdit(b, before, after, None)
    above = _above(old), _above(new)
    for a, b in compared.same:
        moved = a.qualified_name != b.qualified_name
        if moved or above[0][id(a)] != above[1][id(b)] or not new.language.doc_openers:
            before, after = old.function(a), new.function(b)
            if doc_key(before.doc) != doc_key(after.doc) or (moved and after.doc):
                yield DocEdit(b, before, after, 0.0)


def doc_key(doc: str | None) -> str | None:
    """Return what stands for a doc, layout aside; None for none."""
    return content_id("doc", " ".join(doc.split())) if doc else None


def _words(doc: str) -> set[str]:
    said = _QUALIFIER.sub("", _VERSION_NOTE.sub("", _LINK.sub("", doc)))
    return set(_WORD.findall(said.lower())) - _EMPTY


def _above(file: ParsedFile) -> dict[int, bytes]:
    """Return what stands between each function and the one before: its doc, if that is there."""
    found = {}
    last_start = last_end = 0
    for located in file.located:
        start = located.definition.start
        # Above a function inside the last one is that one's head.
        found[id(located)] = file.source[last_end if last_end <= start else last_start : start]
        last_start, last_end = start, located.definition.end
    return found
