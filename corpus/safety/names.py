"""The words of a name or a sentence by which what stands beside it is no secret."""

from __future__ import annotations

import re


def _parts(words: str) -> re.Pattern[bytes]:
    """Match words that are a part of a name: `key_hash`, `keyHash`, `keyHASH`; no `hashicorp`."""
    lower = "|".join(words.split())
    capital = "|".join(word.capitalize() for word in words.split())
    upper = lower.upper()
    return re.compile(
        (
            rf"(?:(?<![A-Za-z])(?:{lower}|{capital})|(?<=[a-z0-9])(?:{capital}))"
            rf"(?:e?s|ed)?(?![a-z])|(?<![A-Z])(?:{upper})(?:E?S|ED)?(?![A-Za-z])"
        ).encode()
    )


_PUBLIC = (
    "hash digest checksum thumbprint fingerprint signature public publishable pub pubkey publickey"
    " cache sha sha1 sha256 sha384 sha512 md5 crc crc32"
)
NOT_SECRET = _parts(_PUBLIC)
"""Names of what is made from a secret, or meant to be seen."""

NOT_KEY = _parts(
    _PUBLIC + " sig integrity iv nonce etag revision commit cert certificate uuid guid id image url"
    " uri path file csrf xsrf tokenizer tokenize tokeniser tokenise ssh ecdsa cursor page vector"
    " site sitekey formkey keyserver audit authenticity continuation gpg pgp recv opaque cnonce"
    " socket sort primary foreign keyword version websocket count length len size type name field"
    " index limit"
)
"""These, and names of other things that are drawn, or that a key or a token has."""
