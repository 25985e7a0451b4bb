# ruff: noqa: E501 - a row of a table reads better on one line
"""A small monorepo with everything in it that a source can hold, and what becomes of each path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.repos import FILE, SUBMODULE, make_repo

Reason = tuple[str, str, str | None]
"""Stage, reason and detail of a reject."""

LINK = "120000"
SUBMODULE_COMMIT = b"1234567890123456789012345678901234567890"
FENCE = "```"


@dataclass(frozen=True)
class Entry:
    """One path of the repo. ``reason`` is None for a file that is read."""

    path: bytes
    content: bytes
    reason: Reason | None = None
    mode: str = FILE

    @property
    def shown(self) -> str:
        return self.path.decode("utf-8", "replace")


ORDERS = '''\
"""Orders."""

import functools
from typing import overload


def traced(function):
    """Wrap a function so that its calls are counted.

    Args:
        function (callable): what to wrap; it keeps its name.

    Returns:
        callable: the wrapper around the function.

    Raises:
        TypeError: if the function can't be called.
    """
    calls = 0

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        """Count the call and pass it on unchanged."""
        nonlocal calls
        calls += 1
        return function(*args, **kwargs)

    if not callable(function):
        raise TypeError(function)
    return wrapper


class Order:
    """An order."""

    def __init__(self, lines):
        """Take the lines of the order as pairs of name and price."""
        self.lines = list(lines)

    @property
    @traced
    def total(self):
        """Add up the prices of all lines."""
        return sum(price for _, price in self.lines)

    def page(self):
        r"""Render the order with a template such as {{ 7*7 }} or {% raw %}.

        An example with a fence:

        ```python
        order.page()
        ```
        """
        text = "{{ 7*7 }} {% raw %} {# gone? #}"
        return f"""````
{text}
````"""

    @overload
    def find(self, name: str) -> int:
        """Find the price of the line with this name."""

    def undocumented(self):
        return [name for name, _ in self.lines if name]

    def later(self):
        """Ship the order to its customer."""
        raise NotImplementedError

    def todo(self):
        """TODO: write this down properly one day"""
        return self.lines[0]

    def brief(self):
        """Brief."""
        return self.lines[-1]

    def told(self):
        """Return the cheapest of all the lines."""
        # Return the cheapest of all the lines.
        return min(self.lines, key=lambda line: line[1])
'''

CART_JS = """\
/**
 * Adds an item to the cart and returns the new count.
 *
 * @param {Cart} cart - the cart to add to
 * @param {Item} item - what to add to it
 * @returns {number} how many items there are now
 */
export function add(cart, item) {
  const items = cart.items;
  items.push(item);
  return items.length;
}

/** Computes the price of the whole cart in cents. */
export const price = (cart) => {
  return cart.items.reduce((sum, item) => sum + item.price, 0);
};

export class Cart {
  /** Creates an empty cart for a customer. */
  constructor(customer) {
    this.customer = customer;
    this.items = [];
  }
}
"""

UI_TS = """\
/** Formats cents as a price with its currency. */
export function format(cents: number, currency: string): string {
  return `${(cents / 100).toFixed(2)} ${currency}`;
}
"""

VIEW_TSX = """\
/** Shows one line of the cart with its price. */
export const Line = ({ name, cents }: { name: string; cents: number }) => {
  const price = cents / 100;
  return <li title={name}>{price}</li>;
};
"""

STORE_GO = """\
package store

// Get returns the value stored under a key, and whether there is one.
// It never blocks.
func (s *Store) Get(key string) (string, bool) {
	value, ok := s.values[key]
	return value, ok
}

// New makes an empty store with room for some values.
func New(size int) *Store {
	return &Store{values: make(map[string]string, size)}
}
"""

SHOP_JAVA = """\
package shop;

public class Shop {
    private int sold;

    /**
     * Sells a number of things to a customer.
     *
     * @param count how many to sell
     * @return how many are sold by now
     * @throws IllegalArgumentException if the count is negative
     */
    @Deprecated
    public int sell(int count) {
        if (count < 0) {
            throw new IllegalArgumentException();
        }
        sold += count;
        return sold;
    }
}
"""

LIB_RS = """\
pub struct Counter {
    count: u32,
}

impl Counter {
    /// Counts one more and returns the new count.
    ///
    /// It saturates at the maximum.
    #[inline]
    pub fn tick(&mut self) -> u32 {
        self.count = self.count.saturating_add(1);
        self.count
    }
}
"""


def _python(name: str, doc: str, value: str = "None") -> bytes:
    """Return a function that is like no other of the shop."""
    lines = [
        f"def {name}({name}_items, {name}_limit):",
        f'    """{doc}"""',
        f"    {name}_found = [{name}_item for {name}_item in {name}_items if {name}_item.{name}]",
        f"    return {name}_found[:{name}_limit], {value}",
    ]
    return "\n".join([*lines, ""]).encode()


ATTRIBUTES = b"""\
# what linguist is told
third_party/ours/** -linguist-vendored
tools/copied/* linguist-vendored
schema/*.py linguist-generated
schema/hand.py -linguist-generated
proto/hand_pb2.py linguist-generated=false
"""
LFS_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:"
    + b"4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
CRLF = _python("crlf", "Keep the line ends of the other system.").replace(b"\n", b"\r\n")
LATIN = (
    b"# -*- coding: latin-1 -*-\n"
    b'def latin(value):\n    """Serve a caf\xe9 cr\xe8me to everyone."""\n    return value, 1\n'
)
HUGE = b"VALUE = 1  # padding\n" * 100_000


def _skipped(reason: str, detail: str | None = None, stage: str = "paths") -> Reason:
    return stage, reason, detail


def _unread(reason: str, detail: str | None = None) -> Reason:
    return "files", reason, detail


PATHS = [
    Entry(b".gitattributes", ATTRIBUTES, _skipped("not_source")),
    Entry(b"README", b"The shop.\n", _skipped("not_source")),
    Entry(b"docs/guide.md", b"# Guide\n", _skipped("not_source", ".md")),
    Entry(b"package-lock.json", b"{}\n", _skipped("not_source", ".json")),
    Entry(b"assets/logo.png", b"\x89PNG\0", _skipped("not_source", ".png")),
    Entry(b"link.py", b"py/orders.py", _skipped("symlink"), LINK),
    Entry(b"broken.py", b"nowhere/at/all.py", _skipped("symlink"), LINK),
    Entry(b"ext/sub", SUBMODULE_COMMIT, _skipped("submodule"), SUBMODULE),
    Entry(b"big/huge.py", HUGE, _skipped("too_large", f"{len(HUGE)} bytes")),
    Entry(b"vendor/lib/lib.go", STORE_GO.encode(), _skipped("vendored")),
    Entry(b"web/node_modules/x/index.js", CART_JS.encode(), _skipped("vendored")),
    Entry(b"tools/copied/theirs.py", _python("theirs", "Do it their way."), _skipped("vendored")),
    Entry(b"web/app.min.js", b"f()\n", _skipped("generated", "by its name")),
    Entry(b"go/api/api.pb.go", b"package api\n", _skipped("generated", "by its name")),
    Entry(b"schema/made.py", _python("made", "x"), _skipped("generated", "by .gitattributes")),
    Entry(
        b"py/header.py",
        b"# Code generated by protoc-gen-shop. DO NOT EDIT.\nX = 1\n",
        _unread("generated", "code generated by"),
    ),
    Entry(b"web/long.js", b"f(" + b"1," * 3000 + b"2);\n", _unread("long_lines", "a line of 6005 bytes")),
    Entry(b"web/squeezed.js", (b"g(" + b"1," * 100 + b"2);\n") * 3, _unread("minified")),
    Entry(b"assets/blob.py", b"X = '\0\0'\n", _unread("binary")),
    Entry(b"data/model.py", LFS_POINTER, _unread("lfs_pointer")),
    Entry(b"py/empty.py", b"", _unread("empty")),
    Entry(b"py/spaces.py", b" \n\t\n", _unread("empty")),
    Entry(
        b"py/undeclared.py",
        b'"""caf\xe9"""\n',
        _unread("encoding", "not utf-8"),
    ),
    Entry(
        b"py/unknown.py",
        b"# coding: klingon\nX = 'caf\xe9'\n",
        _unread("encoding", "declares 'klingon', unknown here"),
    ),
    # No `git show commit:path` leads back to a path that a row can't spell.
    Entry(b"py/bad\xff.py", _python("bad_path", "Live at a path that is not text."), _skipped("path_encoding")),
    Entry(b"py/orders.py", ORDERS.encode()),
    Entry(b"py/copy_of_orders.py", ORDERS.encode()),
    Entry(b"py/crlf.py", CRLF),
    Entry(b"py/latin.py", LATIN),
    Entry(b"py/bom.py", b"\xef\xbb\xbf" + _python("marked", "Begin with a byte order mark.", "2")),
    Entry(b"py/wide.py", b"\xff\xfe" + _python("wide", "Use two bytes each.", "3").decode().encode("utf-16-le")),
    Entry("py/gr\u00f6\u00dfe und farbe/caf\u00e9 \u2603.py".encode(), _python("unicode_path", "Live at a path with spaces.", "4")),
    Entry(b'py/quo"te\\d.py', _python("quoted_path", "Live at a path with quotes.", "5")),
    Entry(b"py/no_functions.py", b"X = 1"),
    Entry(b"py/one_line.py", b'def one_line(): "Return one on one line."; return 1\n'),
    Entry(b"third_party/ours/keep.py", _python("ours", "Keep what is ours here.", "6")),
    Entry(b"schema/hand.py", _python("by_hand", "Write the schema by hand.", "7")),
    Entry(b"proto/hand_pb2.py", _python("by_hand_too", "Write the protocol by hand.", "8")),
    Entry(b"web/cart.js", CART_JS.encode()),
    Entry(b"web/ui.ts", UI_TS.encode()),
    Entry(b"web/view.tsx", VIEW_TSX.encode()),
    Entry(b"go/store/store.go", STORE_GO.encode()),
    Entry(b"java/shop/Shop.java", SHOP_JAVA.encode()),
    Entry(b"rust/src/lib.rs", LIB_RS.encode()),
]  # fmt: skip


def make_shop(repo: Path) -> None:
    """Make the repo with one commit, and check it out."""
    make_repo(repo, {path.path: (path.mode, path.content) for path in PATHS})
