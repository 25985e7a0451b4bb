"""Test rows name the helpers of test code that the answer uses, and where they are."""

from __future__ import annotations

import re

import pytest

from tests.conftest import run_build
from tests.repos import FILE, make_repo

FILES = {
    "shop/__init__.py": "",
    "shop/orders.py": "def total(order):\n    return sum(order)\n\n\n"
    "def count(order):\n    return len(order)\n\n\ndef first(order):\n    return order[0]\n",
    "tests/support.py": "def basket(*lines):\n    return list(lines)\n\n\n"
    "def unused():\n    return None\n",
    "tests/test_orders.py": """\
from shop.orders import count, first, total
from tests import support
from tests.support import basket


class Till:
    def __init__(self, lines):
        self.lines = lines

    def ring_up(self, line):
        self.lines.append(line)


def traced(test):
    return test


def make(n):
    return [n]


def run(n):
    return [n]


@traced
def test_total(monkeypatch):
    till = Till([])
    till.ring_up(1)
    assert total(till.lines) == 1


def test_count():
    run = map(str, basket(1))
    assert count(list(map(make, run))) == 1


class TestFirst:
    def make(self, n):
        return [n]

    def test_first(self):
        assert first(self.make(1)) == first(support.basket(1))
""",
    "go/till/till.go": "package till\n\nfunc Pay(n int) int {\n\treturn n + 1\n}\n\n"
    "func Owe(n int) int {\n\treturn n - 1\n}\n",
    "go/till/till_test.go": """\
package till

import "testing"

func TestPay(t *testing.T) {
	assertSame(t, Pay(1), 2)
}

func TestOwe(t *testing.T) {
	each(t, twice)
	if Owe(1) != 0 {
		t.Error("no")
	}
}
""",
    "go/till/other_test.go": "package till\n\nfunc assertSame(t *testing.T, got, want int) {\n"
    '\tif got != want {\n\t\tt.Error("no")\n\t}\n}\n\nfunc twice(n int) int {\n\treturn n * 2\n}\n',
    "go/other/each_test.go": "package other\n\nfunc each(t *testing.T, f func(int) int) {\n}\n",
    "web/cart.js": "export function price(cart) { return cart.sum + 1; }\n",
    "web/test/carts.js": "export function cartOf(...sums) { return { sum: sums[0] }; }\n",
    "web/test/cart.test.js": """\
import { price } from "../cart";
import { cartOf } from "./carts";

function expectSame(a, b) { expect(a).toBe(b); }

it("has a price", () => {
  expectSame(price(cartOf(1)), 2);
});
""",
    "src/lib.rs": """\
pub fn twice(n: u8) -> u8 { n * 2 }

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> u8 { 3 }

    #[test]
    fn doubles() {
        assert_eq!(twice(three()), 6);
    }
}
""",
    "src/main/kotlin/b/Purse.kt": "package b\nclass Purse {\n"
    "  fun spend(sum: Int): Int { return sum }\n}\n",
    "src/test/kotlin/b/PurseTest.kt": """\
package b

@Tag("slow")
class PurseTest {
  @Test
  fun spends() {
    val purse = Purse()
    purse.fill(1)
    assertEquals(1, purse.spend(1))
  }

  private fun Purse.fill(sum: Int) {
    add(sum)
  }
}
""",
    "src/test/java/a/Coins.java": "package a;\nclass Coins {\n"
    "  static int of(int n) { return n; }\n}\n",
    "src/main/java/a/Till.java": "package a;\npublic class Till {\n"
    "  public int pay(int sum) { return sum; }\n}\n",
    "src/test/java/a/TillTest.java": """\
package a;

public class TillTest {
  @Test
  public void pays() {
    assertSame(new Till().pay(Coins.of(1)));
  }

  private void assertSame(int n) {
    assertEquals(n, 1);
  }
}
""",
}
# What the prompt says is there, by a part of the answer.
AVAILABLE = {
    "def test_total": [
        "Available: `monkeypatch`, `class Till: def __init__(self, lines):`, "
        "`def ring_up(self, line):`, `def traced(test):`."
    ],
    # ``run`` is a variable of the test's own, ``map`` no helper.
    "def test_count": [
        "Available: `def make(n):`.",
        "Available in `tests/support.py`: `def basket(*lines):`.",
    ],
    # The method of the class, and not the function of that name.
    "def test_first": [
        "Available: `def make(self, n):`.",
        "Available in `tests/support.py`: `def basket(*lines):`.",
    ],
    "func TestPay": [
        "Available in `go/till/other_test.go`: `func assertSame(t *testing.T, got, want int)`."
    ],
    # It is handed on; what another package has is none of this one's.
    "func TestOwe": ["Available in `go/till/other_test.go`: `func twice(n int) int`."],
    "has a price": [
        "Available: `function expectSame(a, b)`.",
        "Available in `web/test/carts.js`: `export function cartOf(...sums)`.",
    ],
    "fun spends": ["Available: `private fun Purse.fill(sum: Int)`."],
    "fn doubles": ["Available: `fn three() -> u8`."],
    "void pays": [
        "Available: `private void assertSame(int n)`.",
        "Available in `src/test/java/a/Coins.java`: `static int of(int n)`.",
    ],
}


@pytest.fixture(scope="module")
def prompts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("support")
    make_repo(folder / "repo", {n.encode(): (FILE, text.encode()) for n, text in FILES.items()})
    splits = ["dedup.threshold=1.0", "splits.validation=0.0", "splits.test=0.0"]
    built = run_build(folder / "repo", folder / "out", *splits)
    rows = [row for row in built.rows("instructions") if row["task"] == "test"]
    return {row["output"]: row["input"] for row in rows}


@pytest.mark.parametrize(("test", "available"), AVAILABLE.items())
def test_what_the_answer_uses_is_named(prompts, test, available):
    (prompt,) = [prompt for answer, prompt in prompts.items() if test in answer]
    assert re.findall(r"(?m)^Available.*", prompt) == available
    # A class is named whatever stands above it, and whatever its grammar calls its parts.
    assert ("fun spends" in test) == ('In `@Tag("slow") class PurseTest`.' in prompt)
