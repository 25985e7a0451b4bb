"""Which docs and bodies are worth teaching from. Every refusal has a reason."""

from __future__ import annotations

import re
from itertools import islice

from corpus.config import Docs
from corpus.extract.sections import Sections

_WORD = re.compile(r"[^\W\d_]{2,}|\b[aAI]\b")
_URL = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+")
_TODO = re.compile(r"\W*(?:TODO|FIXME|XXX|HACK|TBD)\b")
_LICENSE = re.compile(
    r"\bcopyright\b|\(c\) \d{4}|licen[sc]ed under|spdx-license|all rights reserved"
)
_GENERATED = re.compile(
    r"auto-?generated|automatically generated|generated (?:by|from)\b|@generated|\(non-javadoc\)"
    r"|^(?:created|written) by \S+ on \d"
)
_ENGLISH = re.compile(
    r"\b(?:the|an?|of|to|is|are|and|or|in|for|if|this|that|with|by|from|on|be|it|as|not"
    r"|returns?|gets?|sets?|creates?)\b",
    re.IGNORECASE,
)
_TRIVIAL = re.compile(
    r"(?:\{\s*)?(?:pass|\.\.\.|return|return None|return null;|return;"
    r"|(?:raise|throw new|throw|panic!?|todo!|unimplemented!)\b"
    r"[^\n]*(?:not\s?_?-?(?:yet )?(?:implemented|supported)|unsupported|todo!|unimplemented!)[^\n]*"
    r"|(?:todo|unimplemented)!\([^\n]*)?;?(?:\s*\})?\s*",
    re.IGNORECASE,
)
_STUB = re.compile(r"@(?:\w+\.)*(?:overload|abstractmethod|abstractproperty)\b")


def doc_verdict(doc: str, sections: Sections, rules: Docs) -> str | None:
    """Return why a doc is not worth teaching from, or None if it is."""
    prose = f"{sections.summary}\n{sections.description}"
    if _TODO.match(prose) and "\n\n" not in doc.strip():
        return "todo_doc"
    summary = sections.summary.lower()
    if _GENERATED.search(summary):
        return "generated_doc"
    if _LICENSE.search(summary):
        return "license_doc"
    items = (*sections.parameters, *sections.returns, *sections.raises)
    said = "\n".join([prose, *(item.description for item in items)])
    if not _has_words(said, rules.min_words):
        if _URL.search(prose):
            return "url_doc"
        return "short_doc" if _WORD.search(doc) else "separator_doc"
    if rules.english and not _is_english(prose):
        return "not_english"
    return None


def _has_words(prose: str, wanted: int) -> bool:
    if "://" in prose or "www." in prose:
        prose = _URL.sub("", prose)
    return sum(1 for _ in islice(_WORD.finditer(prose), wanted)) == wanted


def is_trivial(signature: str, body: str) -> bool:
    """Tell whether there is nothing in a body to teach: none, a stub, or "not implemented"."""
    return _TRIVIAL.fullmatch(body) is not None or _STUB.search(signature) is not None


def _is_english(prose: str) -> bool:
    """Guess: nine letters of ten are ASCII, and longer prose has a common English word."""
    letters = [character for character in prose if character.isalpha()]
    mostly_ascii = sum(map(str.isascii, letters)) >= 0.9 * len(letters)
    return mostly_ascii and (len(prose.split()) < 6 or _ENGLISH.search(prose) is not None)
