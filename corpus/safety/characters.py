"""Text that is more than it shows: control tokens of chat templates, characters that hide code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding

# The control tokens of the chat templates in use (ChatML, Llama 2 and 3, Mistral, Gemma, Phi,
# DeepSeek, Granite, Cohere): a trainer that encodes a text naively takes them for the real ones.
# `<s>` is also how HTML strikes out, so it is none.
_CONTROL = re.compile(
    rb"<\|[A-Za-z][A-Za-z0-9_ -]{0,40}\|>|<\xef\xbd\x9c[^\s<>]{1,60}\xef\xbd\x9c>"
    rb"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>"
    rb"|<(?:start|end)_of_turn>"
)
_CONTROL_SIGNS = (
    b"<|", b"<\xef\xbd\x9c", b"inst]", b"sys>>", b"_of_turn>", b"prompt]", b"[available_", b"tool_",
)  # fmt: skip
# Bidirectional controls, by which code reads otherwise than it runs (CVE-2021-42574); tag
# characters and runs of zero-width ones, in which whole sentences can be hidden. A single
# zero-width character is typography.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0001\U000e0020-\U000e007f]"
                     "|[\u200b\u200c\u200d\u2060-\u2064\ufeff]{3,}")  # fmt: skip
# Flags such as Scotland's are spelt in tag characters behind a black flag.
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007f]+")
_HIDDEN_BEGINNINGS = (b"\xe2\x80", b"\xe2\x81", b"\xef\xbb\xbf", b"\xf3\xa0")

ANCHORS = (*_CONTROL_SIGNS, *_HIDDEN_BEGINNINGS)


def find_control_tokens(anchored: Anchored) -> Iterator[Finding]:
    """Yield the control tokens of chat templates."""
    if anchored.has(_CONTROL_SIGNS):
        for match in _CONTROL.finditer(anchored.text):
            yield Finding(match.start(), match.end(), "control_token", "control_token")


def find_hidden_characters(anchored: Anchored) -> Iterator[Finding]:
    """Yield characters that change what a text looks like, or that nobody sees."""
    if not anchored.has(_HIDDEN_BEGINNINGS):
        return
    text = anchored.text.decode("utf-8", "replace")
    decoded = _FLAG.sub(lambda flag: flag[0][0] * len(flag[0]), text)
    for match in _HIDDEN.finditer(decoded):
        start = len(decoded[: match.start()].encode())
        end = start + len(match[0].encode())
        yield Finding(start, end, "hidden_character", "hidden_character")
