"""What a call is made on, what it is given, and what imports bind, read from text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.links.imports import bound_names, go_needed, together
from corpus.links.modules import Modules
from corpus.links.receivers import arguments, held, holdings, receiver, returned


@pytest.mark.parametrize(
    ("before", "path", "made"),
    [
        ("x = ", "", False),
        ("shop.", "shop", False),
        ("self.shop.", "self.shop", False),
        ("Shop(1, (2, 3)).", "Shop", True),
        ("Shop::new(1)\n    .open()\n    .", "Shop.new", True),
        ("a::b::", "a.b", False),
        ("$this->", "this", False),
        ("shop?.", "shop", False),
        ("orders[0].", "orders", False),
        ("M:", "M", False),
        ('"text".', "?", False),
        ("return ", "", False),
        ("{a: ", "", False),
    ],
)
def test_receiver(before, path, made):
    found = receiver(before + "call(1)", len(before))
    assert found == (path, made) or (path == "Shop.new" and found.made)


@pytest.mark.parametrize(
    ("given_", "count"),
    [("()", 0), ("( )", 0), ("(1)", 1), ("(f(1, 2), [3, 4])", 2), ('("a,b", \',\')', 2),
     ("<T>(a, b)", 2), (" = 1", -1), ("(1, 2", -1)],
)  # fmt: skip
def test_arguments(given_, count):
    assert arguments("call" + given_, 4) == count


@given(st.text(max_size=200), st.integers(0, 200))
def test_any_text_has_an_answer(text, at):
    at = min(at, len(text))
    receiver(text, at)
    arguments(text, at)
    held(holdings(text))
    bound_names(text, "python")


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("runner = CliRunner()", {"runner": "CliRunner"}),
        ("q = Query(1)\nq = q.add(2)", {"q": "Query"}),  # what it gives is most often one more
        ("first = parse(x, (1))[0]", {"first": "parse"}),
        ("first = parse(x)[0].tokens[0]\nsize = Shop().size", {}),
        ("shop = Shop.make(1).open()", {"shop": "Shop.make"}),
        ("with Shop(1) as shop:\n", {"shop": "Shop"}),
        ("const shop = new Shop(1);", {"shop": "Shop"}),
        ("Shop shop = make(1);", {"shop": "Shop"}),
        ("s := &Shop{}", {"s": "Shop"}),
        ("let mut s = Shop::new(1);", {"s": "Shop.new"}),
        ("x = A()\nx = B()", {}),
    ],
)
def test_what_variables_hold(text, types):
    found = held(holdings(text))
    assert {name: found[name] for name in types} == types
    assert types or found.keys().isdisjoint(("x", "first", "size"))


def test_what_a_fixture_returns():
    assert returned("def runner():\n    return CliRunner(echo=True)") == "CliRunner"
    assert returned("def shop():\n    s = Shop()\n    yield s") == "Shop"
    assert returned("def nothing():\n    pass") == ""
    assert returned("def s() -> Iterator[web.Server]:\n    yield from run(x)") == "Server"
    assert returned("def s() -> Callable[[], Shop]:\n    return make") == ""


@pytest.mark.parametrize(
    ("statement", "bound"),
    [
        ("import a.b as c, d", [("c", "a/b", ""), ("d", "d", "")]),
        ("from ..x import (y,  # why\n  z as w)", [("y", "./../x", "y"), ("w", "./../x", "z")]),
        ('import d, { a as b } from "../m";', [("d", "../m", ""), ("b", "../m", "a")]),
        ('const { q } = require("./z");', [("q", "./z", "q")]),
        ('import * as ns from "x";', [("ns", "x", "")]),
        ('import (\n\tx "a/b"\n\t"c/d"\n)', [("x", "a/b", ""), ("d", "c/d", "")]),
        ("import a.b.C;", [("C", "a/b/C", "")]),
        ("import static a.b.D.f;", [("f", "a/b/D/f", "")]),
        ("use crate::a::{b, c as d};", [("b", "a", "b"), ("d", "a", "c")]),
        ("use A\\B\\C;", [("C", "A/B/C", "")]),
    ],
)
def test_bound_names(statement, bound):
    assert [tuple(b) for b in bound_names(statement, "")] == bound


def test_python_binds_the_first_name_of_a_path():
    bound = bound_names("import a.b, c.d as e", "python")
    assert [tuple(b) for b in bound] == [("a", "a", ""), ("e", "c/d", "")]


@pytest.mark.parametrize(
    ("module", "place"),
    [("shop.cart", "lib/shop/cart"), ("gopkg.in/yaml.v2", None), ("@scope/shop", ""), ("@x", None)],
)
def test_modules(module, place):
    assert Modules(["lib/shop/cart.lua", "main.lua"]).resolve("spec/cart_spec.lua", module) == place


GO_BLOCK = """import (
	"context" // of calls
	_ "embed"

	j "encoding/json"
	"github.com/caddyserver/caddy/v2"
	"github.com/mattn/go-isatty"
	"gopkg.in/yaml.v3"
)"""


@pytest.mark.parametrize(
    ("statement", "code", "needed"),
    [
        (GO_BLOCK, "context.TODO()", ['import "context" // of calls', 'import _ "embed"']),
        (GO_BLOCK, "j.Marshal(x.context)", ['import _ "embed"', 'import j "encoding/json"']),
        (GO_BLOCK, "caddy.Run()", ['import _ "embed"', 'import "github.com/caddyserver/caddy/v2"']),
        (GO_BLOCK, "isatty.Is(1)", ['import _ "embed"', 'import "github.com/mattn/go-isatty"']),
        (GO_BLOCK, "yaml.Node{}", ['import _ "embed"', 'import "gopkg.in/yaml.v3"']),
        ('import . "github.com/onsi/gomega"', "Expect(1)", ['import . "github.com/onsi/gomega"']),
        ('import "fmt"', "fmt.Println(1)", ['import "fmt"']),
        ('import "fmt"', "print(1)", []),
    ],
)
def test_go_has_the_imports_that_code_needs(statement, code, needed):
    assert go_needed(statement, code) == needed


def test_imports_of_several_tests_stand_together():
    """Go's as gofmt writes them: an import that is there twice is an error."""
    texts = ['import "fmt"', 'import "testing"', 'import "fmt"']
    assert together(texts, "go") == 'import (\n\t"fmt"\n\t"testing"\n)'
    assert together(texts[:1], "go") == 'import "fmt"'
    assert together(["import a", "import b", "import a"], "python") == "import a\nimport b"
