"""Makes repos with a history: commits with files, authors, dates, branches and merges."""

from __future__ import annotations

from pathlib import Path

from tests.repos import git


class Story:
    """A repo that commits are added to; equal stories have equal commit ids."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo
        self._files: dict[str, dict[bytes, bytes]] = {}
        self._time = 1_700_000_000
        repo.mkdir(parents=True)
        git(repo, "init", "--quiet", "--initial-branch=main")

    def commit(
        self,
        message: str,
        files: dict[str | bytes, str | None],
        *,
        author: str = "Ann Abbott <ann@example.org>",
        branch: str = "main",
        start: str | None = None,
        merge: str | None = None,
    ) -> str:
        """Change files (None deletes one) in one commit, and return its id.

        ``start`` is the branch that a new branch begins at.
        """
        self._time += 3600
        known = self._files.setdefault(branch, dict(self._files.get(start or "", {})))
        for path, text in files.items():
            key = path if isinstance(path, bytes) else path.encode()
            if text is None:
                del known[key]
            else:
                known[key] = text.encode()
        body = message.encode()
        head = f"commit refs/heads/{branch}\nauthor {author} {self._time} +0000\n"
        head += f"committer {author} {self._time} +0000\ndata {len(body)}\n"
        parts = [head.encode(), body, b"\n"]
        parent = branch if git(self.repo, "for-each-ref", f"refs/heads/{branch}") else start
        if parent:
            parts.append(f"from refs/heads/{parent}^0\n".encode())
        if merge:
            parts.append(f"merge refs/heads/{merge}^0\n".encode())
        parts.append(b"deleteall\n")
        for key, content in known.items():
            quoted = b"".join(b"\\%03o" % byte for byte in key)
            parts.append(b'M 100644 inline "%b"\ndata %d\n%b\n' % (quoted, len(content), content))
        git(self.repo, "fast-import", "--quiet", "--force", stdin=b"".join(parts))
        return git(self.repo, "rev-parse", branch).decode().strip()


CART = '''\
def total(lines, rate):
    """Add up the lines of an order."""
    result = 0
    for number, price in lines:
        if number < 0:
            continue
        result += number * price
    return round(result * (1 + rate), 2)


def label(order):
    return order.name.title() + " of " + order.customer.name
'''
TOTAL_FIXED = CART.replace("if number < 0:", "if number <= 0:")
LABEL_FIXED = TOTAL_FIXED.replace(
    "    return order.name.title()",
    "    if order.customer is None:\n        return order.name.title()\n"
    "    return order.name.title()",
)
RENAMED = LABEL_FIXED.replace("result", "amount")
TEST = """\
from shop.cart import total


def test_lines_without_items_are_passed_over():
    assert total([(0, 5.0)], 0.0) == 0
"""


def make_story(repo: Path) -> dict[str, str]:
    """Make a repo with a fix, a fix with a test, a refactoring, and much that is neither.

    Returns the commits by a short name.
    """
    story = Story(repo)
    filler = {
        f"shop/part{n}.py": f"def part{n}(items):\n    return [i for i in items if i > {n}]\n"
        for n in range(30)
    }
    made = {"first": story.commit("Add a shop", {"shop/cart.py": CART, **filler})}
    made["fix"] = story.commit(
        "Fix wrong total of an order with empty lines (#12)\n\n"
        "An order with a line of no items was charged.\n\nCloses #12\n"
        "Signed-off-by: Ann Abbott <ann@example.org>\n",
        {"shop/cart.py": TOTAL_FIXED, "tests/test_cart.py": TEST},
    )
    made["rename_file"] = story.commit(
        "Move the cart", {"shop/cart.py": None, "shop/basket.py": TOTAL_FIXED}
    )
    made["crash"] = story.commit(
        "fix: crash on orders without customer", {"shop/basket.py": LABEL_FIXED}
    )
    made["refactor"] = story.commit("Rename result to amount", {"shop/basket.py": RENAMED})
    made["comment"] = story.commit(
        "Fix a wrong comment", {"shop/basket.py": RENAMED.replace("Add up", "Sum up")}
    )
    broken = RENAMED.replace("round(amount", "round(-amount")
    made["bad"] = story.commit("Fix a bug in rounding", {"shop/basket.py": broken})
    made["revert"] = story.commit(
        f'Revert "Fix a bug in rounding"\n\nThis reverts commit {made["bad"]}.',
        {"shop/basket.py": RENAMED},
    )
    made["large"] = story.commit(
        "Fix wrong comparisons everywhere",
        {path: text.replace(">", ">=") for path, text in filler.items()},
    )
    made["bot"] = story.commit(
        "Fix a bug in parts", {"shop/part0.py": "def part0(items):\n    return items[1:]\n"},
        author="dependabot[bot] <bot@example.org>",
    )  # fmt: skip
    return made
