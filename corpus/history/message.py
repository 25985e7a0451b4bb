"""What a commit's message says of the problem, without what belongs to the tracker or to people."""

from __future__ import annotations

import re

# Signals in a message, each a whole word: "swipe" holds no "wip", "debug" no bug, "prefix" no fix.
_TRAILER = re.compile(
    r"^(?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)+|Change-Id|BUG|PiperOrigin-RevId|Bug|Issue|Issues|Fixes|Fixed"
    r"|Closes|Closed|Close|Fix|Resolves|Refs?|References|See|See also|Related|PR|Ticket|CC)"
    r"\s*:?\s*(?:\S+@|[#A-Z]*[-#]?\d|https?:|.*<\S+@|gh-\d).*$"
    r"|^[A-Z][a-z]+-[a-z-]+[bB]y:.*$|^git-svn-id:.*$|^\(?cherry[- ]picked from.*$",
    re.M,
)
_ISSUE = r"(?:\b[Gg][Hh]-\d+|(?:\b[\w.-]+/[\w.-]+)?#\d+|\b[A-Z][A-Z0-9]{1,9}-\d+|\bissue \d+)"
CLOSES = re.compile(
    rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+(?:issues?\s+)?(?:{_ISSUE}|https?://\S+/issues/\d+)",
    re.I,
)
_CLOSING_PHRASE = re.compile(
    r"[\s,;:-]*[(\[]?(?:\b(?:and (?:\w+ly )?)?(?:this |it |which |also )?"
    rf"(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?"
    rf"|refs?|see|for|per|issues?|bugs?|from|in|via|by|related to|addresses|part of"
    rf"|follow-?up to)\b:?\s+)?"
    rf"(?:\b(?:pull request|PR|issues?)\s+)?{_ISSUE}(?:\s*(?:,|and|&)\s*{_ISSUE})*[)\]]?",
    re.I,
)
_URL = re.compile(r"[<(\[]?\b(?:https?|ftp)://[^\s>)\]]+[>)\]]?|\bwww\.\S+")
_HASH = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b|\b[0-9a-f]{40}\b")
_EMAIL = re.compile(r"<?\b[\w.+-]+@[\w-]+\.[\w.]+>?")
# Elsewhere an @ begins a decorator or an annotation.
_MENTION = re.compile(r"\b(?:by|to|cc|from|with|and)\s+@[A-Za-z][\w-]+\b(?![.(])", re.I)
_THANKS = re.compile(
    r"(?:[^.\n]*\b(?:thanks to|thank you|credits? (?:to|goes)|kudos|reported by|patch (?:by|from)"
    r"|pointed out by|suggested by|spotted by|found by|contributed by|courtesy of)\b[^.\n]*\.?)",
    re.I,
)
_PREFIX = re.compile(
    r"^(?:\[[^\]]{1,30}\]\s*)?(?:[a-z]+(?:\([^)]*\))?!?:\s+)?(?:\[[^\]]{1,30}\]\s*)?"
)
_BOT_TEXT = re.compile(
    r"^(?:\* |- )?(?:Signed-off|Co-authored|Bumps |Dependabot|Merge (?:branch|pull|remote)"
    r"|---+$|\.\.\.$|Squashed|\[ci skip\]|\[skip ci\]).*$",
    re.M,
)
_LEAST_WORDS = 3
_MAX_SENTENCES = 6
_WORD = re.compile(r"[A-Za-z]{2,}")
# After these words a message says how it was mended, and no more what was wrong.
_REMEDY = re.compile(
    r"\b(?:instead|by (?:adding|using|removing|checking|calling|passing|making|moving|changing"
    r"|setting)"
    r"|this (?:commit|change|patch|pr|fix|add|make|remove|ensure|update|move|use|is a)\w*"
    r"|tests? (?:(?:was|were|are|is) )?(?:also )?added"
    r"|added? (?:a |some )?(?:unit |regression )?tests?"
    r"|drive-by|now (?:uses?|checks?|calls?|returns?|passes)|so that we"
    r"|the fix is|to fix|we (?:now|should|can|add|use|fix|remove|change))\b",
    re.I,
)
# So do sentences that order something.
_ORDER = re.compile(
    r"(?:Also |Then |Instead,? )?(?:add|use|change|make|move|remove|replace|record|update|check"
    r"|call|pass|set|return|ensure|rename|handle|restore|keep|avoid|do not|don't|introduce"
    r"|switch|convert|allow|extract|simplify|refactor|rework|improve|include|exclude|skip|treat|test"
    r"|clarify|bump)\b",
    re.I,
)
_LIST_ITEM = re.compile(r"(?m)^\s*(?:[*+-]|\d+[.)])\s.*$")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")


def strip(text: str) -> str:
    """Return text without trailers, hashes, issue numbers, addresses, names and bots' words."""
    text = _TRAILER.sub("", text)
    text = _BOT_TEXT.sub("", text)
    text = _URL.sub("", text)
    text = _EMAIL.sub("", text)
    text = _THANKS.sub("", text)
    text = _CLOSING_PHRASE.sub("", text)
    text = _HASH.sub("", text)
    text = _MENTION.sub("", text)
    text = re.sub(r"(?<=\s)(?:\(\s*\)|\[\s*\])", "", text)
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def complaint(subject: str, body: str, before: str, after: str) -> str:
    """Return what a message says of the problem; empty where it says too little.

    Left out are sentences that name what only the corrected code has, or say how it was mended.
    """
    only_after = set(_IDENTIFIER.findall(after)) - set(_IDENTIFIER.findall(before))
    only_after = {name for name in only_after if not name.islower() or "_" in name}
    kept = []
    for number, sentence in enumerate(_sentences(subject, body)):
        tells = only_after & set(_IDENTIFIER.findall(sentence))
        if not tells and not (number and _tells_how(sentence)):
            kept.append(sentence)
        elif not number:
            return ""  # without its subject the rest hangs in the air
    text = " ".join(kept[:_MAX_SENTENCES])
    return text if len(_WORD.findall(text)) >= _LEAST_WORDS else ""


def _tells_how(sentence: str) -> bool:
    return bool(_REMEDY.search(sentence) or _ORDER.match(sentence))


def _sentences(subject: str, body: str) -> list[str]:
    """Return the subject without its prefix, then the sentences of the body's first prose."""
    first = strip(_PREFIX.sub("", subject)).strip(" .,:;-")
    if not first:
        return []
    first = first[0].upper() + first[1:] + "."
    prose = []
    for paragraph in strip(body).split("\n\n"):
        if re.match(r">|#|\|| {4}", paragraph) or "```" in paragraph:
            continue
        paragraph = _LIST_ITEM.sub("", paragraph)  # lists name the steps of the patch
        prose += re.split(r"(?<=[.!?])\s+(?=[A-Z`\"'])", " ".join(paragraph.split()))
    return [first, *(s for s in prose if len(_WORD.findall(s)) >= _LEAST_WORDS)]
