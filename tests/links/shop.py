"""A small repo per language with tests in it, and every link that stands in them."""

from __future__ import annotations

FILES = {
    "src/shop/__init__.py": "from shop.orders import Order, total\n",
    "src/shop/orders.py": """\
class Order:
    def __init__(self, lines):
        self.lines = lines

    def add(self, line):
        self.lines.append(line)
        return self

    @property
    def count(self):
        return len(self.lines)

    def close(self):
        return self.count > 0


def total(order, rate=1):
    if rate < 0:
        raise ValueError("rate")
    return sum(order.lines) * rate


def parse(text):
    return Order([int(word) for word in text.split()])


def traced(function):
    return function
""",
    "src/shop/other.pyi": "def total(order, rate=...): ...\n",
    "src/shop/other.py": """\
class Other:
    def add(self, line):
        return line

    def close(self):
        return None


def parse(text):
    return text
""",
    "tests/test_any.py": """\
def test_anything(anything):
    assert anything.count == 2
""",
    "tests/conftest.py": """\
import pytest

from shop.orders import Order


@pytest.fixture
def order():
    return Order([1, 2])
""",
    "tests/test_orders.py": """\
import os

import pytest

import shop
from shop import orders
from shop.orders import Order, total


def make():
    return shop.total(Order([1]))


def test_add(order):
    assert order.add(3).lines == [1, 2, 3]


def test_total_of_nothing():
    assert total(Order([])) == 0


@pytest.mark.parametrize("rate", [-1, -2])
def test_bad_rate(order, rate):
    with pytest.raises(ValueError):
        shop.total(order, rate)


def test_parse():
    assert orders.parse("1 2").lines == [1, 2]


def test_made():
    assert make() == 1


def test_count(order):
    assert order.count == 2
    assert os.path.join("a", "b")


class TestOrder:
    def setup_method(self):
        self.order = Order([1])

    def test_close(self):
        assert self.order.close()

    @pytest.mark.skip
    def test_skipped(self):
        assert self.order.close()

    @pytest.mark.xfail
    def test_failing(self):
        assert not self.order.close()

    def test_without_assertion(self):
        self.order.close()

    def test_empty(self):
        pass
""",
    "tests/test_heads.py": """\
import pytest
import shop.orders


@pytest.mark.parametrize("made", [shop.orders.Order([1])])
def test_made_before(made):
    assert made.lines == [1]


def test_decorated():
    @shop.orders.traced
    def one():
        return shop.orders.parse("1")

    assert one()
""",
    "web/cart.js": "export function price(cart) { return cart.sum + 1; }\n"
    "export class Cart { open(key) { return key; } }\n",
    "web/cart.test.js": """\
import { price, Cart } from "./cart";

describe("cart", () => {
  it("has a price", () => {
    expect(price({ sum: 1 })).toBe(2);
  });
  it.skip("is later", () => { expect(price({})).toBe(2); });
  test("opens", () => {
    const cart = new Cart();
    expect(cart.open(1)).toBe(1);
  });
});
""",
    "go/store/store.go": "package store\n\ntype Store struct{ n int }\n\n"
    "func New(n int) *Store { return &Store{n} }\n\n"
    "func (s *Store) Get(k int) int { return s.n }\n",
    "go/store/store_test.go": """\
package store

import "testing"

func TestGet(t *testing.T) {
	s := New(1)
	t.Run("one", func(t *testing.T) {
		if s.Get(1) != 1 {
			t.Error("no")
		}
	})
}
""",
    "java/src/main/java/a/Till.java": "package a;\npublic class Till {\n"
    "  public int pay(int sum) { return sum; }\n"
    "  public int pay(int sum, int tip) { return sum + tip; }\n}\n",
    "java/src/test/java/a/TillTest.java": """\
package a;

import org.junit.Test;

public class TillTest {
  @Test
  public void paysWithTip() {
    Till till = new Till();
    assertEquals(3, till.pay(1, 2));
  }
}
""",
    "rust/src/lib.rs": """\
pub fn twice(n: u8) -> u8 { n * 2 }

#[cfg(test)]
mod tests {
    use super::*;

    fn helper() -> u8 { 3 }

    #[test]
    fn doubles() {
        assert_eq!(twice(helper()), 6);
    }
}
""",
    "ruby/lib/wallet.rb": "class Wallet\n  def initialize(n)\n    @n = n\n  end\n\n"
    "  def spend(n)\n    @n -= n\n  end\nend\n",
    "ruby/spec/wallet_spec.rb": """\
require_relative "../lib/wallet"

describe Wallet do
  it "spends" do
    wallet = Wallet.new(3)
    expect(wallet.spend(1)).to eq 2
  end
end
""",
}

# (test, function) of every link that is sure enough by default.
LINKS = {
    ("test_add", "Order.add"),
    ("test_total_of_nothing", "total"),
    ("test_total_of_nothing", "Order.__init__"),
    ("test_bad_rate", "total"),
    ("test_parse", "parse"),
    # ``import shop.orders`` binds ``shop``; a decorator is called, the test's own are not by it.
    ("test_decorated", "traced"),
    ("test_decorated", "parse"),
    ("TestOrder.test_close", "Order.close"),
    ("TestOrder.test_skipped", "Order.close"),
    ("TestOrder.test_failing", "Order.close"),
    ("TestOrder.test_without_assertion", "Order.close"),
    ("cart > has a price", "price"),
    ("cart > is later", "price"),
    ("cart > opens", "Cart.open"),
    ("TestGet", "New"),
    ("TestGet", "Store.Get"),
    ("TillTest.paysWithTip", "Till.pay"),
    ("tests.doubles", "twice"),
    ("Wallet > spends", "Wallet.initialize"),
    ("Wallet > spends", "Wallet.spend"),
    ("test_count", "Order.count"),
    # Through a helper, and through setup_method.
    ("test_made", "total"),
    ("test_made", "Order.__init__"),
    *(
        (f"TestOrder.test_{name}", "Order.__init__")
        for name in ("close", "skipped", "failing", "without_assertion", "empty")
    ),
}

REASONS = {
    "test_anything": "unsure_link",
    "test_made_before": "no_link",
    "TestOrder.test_skipped": "skipped",
    "TestOrder.test_failing": "expected_failure",
    "TestOrder.test_without_assertion": "no_assertion",
    "TestOrder.test_empty": "empty_test",
    "cart > is later": "skipped",
}
