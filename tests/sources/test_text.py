from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources.text import UnreadableTextError, decode

LATIN = "café".encode("latin-1")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain\n", "plain\n"),
        (b"", ""),
        ("snow ☃".encode(), "snow ☃"),
        (codecs.BOM_UTF8 + b"marked", "marked"),
        (codecs.BOM_UTF16_LE + "wide ☃\r\n".encode("utf-16-le"), "wide ☃\n"),
        (codecs.BOM_UTF16_BE + "wide ☃".encode("utf-16-be"), "wide ☃"),
        (b"a\r\nb\rc\nd\r\n", "a\nb\nc\nd\n"),
        (b"# -*- coding: latin-1 -*-\n" + LATIN, "# -*- coding: latin-1 -*-\ncafé"),
        (b"#!/bin/x\n# vim: set fileencoding=latin-1 :\n" + LATIN,
         "#!/bin/x\n# vim: set fileencoding=latin-1 :\ncafé"),
        (b"// -*- coding: iso-8859-15 -*-\n\xa4", "// -*- coding: iso-8859-15 -*-\n€"),
        (b"/* -*- coding: cp1251 -*- */\n\xcf", "/* -*- coding: cp1251 -*- */\nП"),
        ("# coding: utf8\nñ".encode(), "# coding: utf8\nñ"),
        ("x = 'coding: latin-1'\nñ".encode(), "x = 'coding: latin-1'\nñ"),
        ("\n\n# coding: latin-1\nñ".encode(), "\n\n# coding: latin-1\nñ"),
        # Said of something else, in a file that is good UTF-8 all the same.
        ("// encoding: gob streams\nñ".encode(), "// encoding: gob streams\nñ"),
    ],
)  # fmt: skip
def test_decoded(content, text):
    assert decode(content).decode() == text


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        (b"\0", "binary", None),
        (b"PK\3\4" + b"\0" * 10, "binary", None),
        (LATIN + b"\n", "encoding", "not utf-8"),
        (b"# coding: ascii\n\xe9", "encoding", "not ascii"),
        (b"# coding: nope\nx\xff", "encoding", "declares 'nope', unknown here"),
        (b"# coding: hex\nx\xff", "encoding", "declares 'hex', unknown here"),
        (codecs.BOM_UTF16_LE + b"a", "encoding", "not utf-16-le"),
        (codecs.BOM_UTF8 + LATIN, "encoding", "not utf-8"),
        # No text that is passed on holds a NUL, whatever the encoding: templates count on it.
        (codecs.BOM_UTF8 + b"a\0b", "binary", None),
        (codecs.BOM_UTF16_LE + "a\0\x1e\0b".encode("utf-16-le"), "binary", None),
        (codecs.BOM_UTF32_LE + "x = 1\n".encode("utf-32-le"), "binary", None),
        (b"# coding: utf-7\n+AAA-\n", "binary", None),
    ],
)
def test_refused(content, reason, detail):
    with pytest.raises(UnreadableTextError) as refused:
        decode(content)
    assert refused.value.reason == reason
    if detail:
        assert refused.value.detail == detail


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"))


@settings(deadline=None, max_examples=200)
@given(text=_TEXTS, mark=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_text_comes_back_with_universal_newlines(text, mark):
    content = f"#\n#\n{text}".encode(mark)
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert decode(content).decode() == f"#\n#\n{expected}"


@settings(deadline=None, max_examples=300)
@given(content=st.binary())
def test_any_bytes_are_decoded_or_refused(content):
    try:
        decoded = decode(content)
    except UnreadableTextError:
        return
    decoded.decode()
    assert b"\r" not in decoded
    assert b"\0" not in decoded
