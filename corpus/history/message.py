"""What a commit's message says of the problem, without what belongs to the tracker or to people."""

from __future__ import annotations

import re

# Signals in a message, each a whole word: "swipe" holds no "wip", "debug" no bug, "prefix" no fix.
_TRAILER = re.compile(
    # What goes on with a sentence is prose: "Fixes #1. When it is empty, …".
    r"^(?!.*\d[.:] +[A-Z][a-z]*\b.* )(?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)+|Change-Id|BUG"
    r"|PiperOrigin-RevId|Bug|Issue|Issues|Fixes|Fixed"
    r"|Closes|Closed|Close|Fix|Resolves|Refs?|References|See|See also|Related|PR|Ticket|CC)"
    # So is, to be left out with it, a line that a long one of these goes on in.
    r"\s*:?\s*(?:\S+@|[#A-Z]*[-#]?\d|https?:|.*<\S+@|gh-\d).*(?:(?<=.{50})\n[a-z].*)*$"
    r"|^[A-Z][a-z]+-[a-z-]+[bB]y:.*$|^git-svn-id:.*$|^\(?cherry[- ]picked from.*$",
    re.M,
)
# A tracker's key looks like the name of a standard.
_STANDARD = r"(?:AES|CP|CVE|ECMA|EUC|HTTP|IEEE|ISO|KOI|MD|PEP|RFC|SHA|UCS|UTF)-"
_ISSUE = (
    r"(?:\b[Gg][Hh]-\d+|(?:\b[\w.-]+/[\w.-]+)?#\d+"
    rf"|\b(?!{_STANDARD})[A-Z][A-Z0-9]{{1,9}}-\d+|\bissue \d+)"
)
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
# What leads to a thing goes with it: "as mentioned in https://…", "a regression from 4811e52a".
_TO = r"(?:[ ,]{1,2}(?:as \w+ )?(?:in|from|at|by|since|see|per|via|commit)\b:?)*\s{0,2}"
_URL = re.compile(rf"{_TO}(?:[<(\[]?\b(?:https?|ftp)://[^\s>)\]]+[>)\]]?|\bwww\.\S+)")
_HASH = re.compile(
    rf"{_TO}\b(?:(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{{7,40}}|[0-9a-f]{{40}})\b"
)
_EMAIL = re.compile(r"<?\b[\w.+-]+@[\w-]+\.[\w.]+>?")
# Elsewhere an @ begins a decorator or an annotation.
_MENTION = re.compile(r"\b(?:by|to|cc|from|with|and)\s+@[A-Za-z][\w-]+\b(?![.(])", re.I)
_THANKS = re.compile(
    r"(?:[^.\n]*\b(?:thanks to|thank you|credits? (?:to|goes)|kudos|reported by|patch (?:by|from)"
    r"|pointed out by|suggested by|spotted by|found by|contributed by|courtesy of)\b[^.\n]*\.?)",
    re.I,
)
# Pictures that some teams put before a subject: https://gitmoji.dev.
_PICTURE = re.compile(
    "^(?:(?:[\u2190-\u2bff\U0001f000-\U0001faff]|:[a-z][a-z_]+:)[\ufe0f\u200d]?\\s*)+"
)
_PREFIX = re.compile(
    r"^(?:\[[^\]]{1,30}\]\s*)?(?:[a-z]+(?:\([^)]*\))?!?:\s+)?(?:\[[^\]]{1,30}\]\s*)?"
)
_BOT_TEXT = re.compile(
    r"^(?:\* |- )?(?:Signed-off|Co-authored|Bumps |Dependabot|Merge (?:branch|pull|remote)"
    r"|---+$|--HG--|branch : \S+$|\.\.\.$|Squashed|\[ci skip\]|\[skip ci\]).*$",
    re.M,
)
_LEAST_WORDS = 3
_MAX_SENTENCES = 6
_WRAPPED = 60  # characters of a subject that may go on in the next line
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
# Lists name the steps of the patch; what is indented or fenced is code or output.
_NO_PROSE = re.compile(
    r"(?s:```.*?(?:```|\Z))|^[ \t]*(?:[*+-]|\d+[.)])[ \t].*(?:\n[ \t]+\S.*)*$|^[ \t]{2,}\S.*$", re.M
)
_BLOCK = "\0"  # stands where such a thing was
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")
# Words of which none says what is wrong: "fix some more issues", "a small bugfix".
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        "a address again an and another as at behavior behaviour bug bugfix bugs by case class "
        "code comments commit correctly error errors few fix fixed fixes fixing for from function "
        "handling hotfix in incorrect is issue issues it its last little logic method minor misc "
        "more of on or other previous problem problems properly review several small some stuff "
        "that the things this tiny to up various we with work working wrong",
    )
)


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


def complaint(subject: str, body: str, before: str, after: str, name: str = "") -> str:
    """Return what a message says of the problem; empty where it says too little.

    Left out are sentences that name what only the corrected code has, or say how it was mended.
    That the function ``name`` is at fault says too little.
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
    words = _WORD.findall(text)
    if name and {word.lower() for word in words} <= _EMPTY | _words_of(name):
        return ""
    return text if len(words) >= _LEAST_WORDS else ""


def _words_of(name: str) -> set[str]:
    """Return the words that a name is made of, whole and one by one."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    return {word.lower() for word in (*parts, *_WORD.findall(name))}


def _tells_how(sentence: str) -> bool:
    return bool(_REMEDY.search(sentence) or _ORDER.match(sentence))


def _sentences(subject: str, body: str) -> list[str]:
    """Return the subject without its prefix, then the sentences of the body's first prose."""
    first = strip(_PREFIX.sub("", _PICTURE.sub("", subject))).strip(" .,:;-")
    if not first:
        return []
    first = first[0].upper() + first[1:] + "."
    prose = _prose(body)
    if len(subject) >= _WRAPPED and re.match(r"[a-z`]", body) and prose and prose[0]:
        first = f"{first[:-1]} {prose.pop(0).rstrip('.')}."
    # What ends in a colon led to a list or to code, which is left out.
    told = (s for s in prose if len(_WORD.findall(s)) >= _LEAST_WORDS and not s.endswith(":"))
    return [first, *told]


def _prose(body: str) -> list[str]:
    """Return the sentences of a body; of one that a list, code or a quote stands in, nothing."""
    prose: list[str] = []
    is_after_block = False
    for paragraph in re.split(r"\n\s*\n", _NO_PROSE.sub(f"\n\n{_BLOCK}\n\n", body)):
        if re.match(rf"\s*[>#|{_BLOCK}]", paragraph):
            is_after_block = True
            continue
        text = " ".join(strip(paragraph).split()).lstrip(" .,:;-")
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z`\"'])", text)
        if is_after_block and text[:1].islower():
            del sentences[0]
            if prose and not prose[-1].endswith((".", "!", "?")):
                del prose[-1]
        prose += sentences
        is_after_block = is_after_block and not text
    return prose
