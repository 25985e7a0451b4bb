"""policy: a request that the team declines in, a refusal with an alternative out; and its twin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from corpus.ids import content_id
from corpus.tasks.base import Documented, Pair, Task
from corpus.tasks.explain import EXPLANATION_SLOTS, explanation
from corpus.tasks.policies import Policy, load_policies
from corpus.tasks.samples import documented_samples


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks about a function: to be declined, or its benign twin, to be answered."""

    function: Documented
    policy: Policy
    is_refused: bool
    source: ClassVar[str] = "policy"

    @property
    def id(self) -> str:
        """The function, the policy, and which of the two it is."""
        return content_id(self.function.id, self.policy.name, str(self.is_refused))

    @property
    def row(self) -> Mapping[str, Any]:
        """The function's record."""
        return self.function.row


def requests(functions: Iterable[Documented], policies: Sequence[Policy]) -> Iterator[Request]:
    """Yield both requests of each policy, for every so many of the functions that it is about.

    A function takes part in one policy at most, the first that chooses it; tests take part in none.
    """
    for function in functions:
        if function.row["is_test"]:
            continue
        for policy in policies:
            place = int(content_id(function.id, policy.name)[:8], 16)
            code = function.row["code_without_doc"]
            if place % policy.one_in == 0 and _compiled(policy.about).search(code):
                yield Request(function, policy, is_refused=True)
                yield Request(function, policy, is_refused=False)
                break


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _make(request: Request) -> Pair:
    function, policy = request.function, request.policy
    words = {"name": function.row["qualified_name"], "path": function.row["path"]}
    declined = policy.refusal.format(**words)
    answers = (
        (declined,) if request.is_refused else (function.row["doc"], function.sections.summary)
    )
    return Pair(
        slots={
            **explanation(function),
            "is_refused": request.is_refused,
            "request": (policy.request if request.is_refused else policy.benign).format(**words),
            "refusal": declined,
            "alternative": policy.alternative.format(**words),
        },
        answers=answers,
        evidence=f"policy {policy.name}" if request.is_refused else "doc",
    )


def _samples() -> list[Request]:
    policy = load_policies(None)[0]
    return [
        Request(function, policy, is_refused=is_refused)
        for function in documented_samples()
        for is_refused in (True, False)
    ]


TASK = Task(
    name="policy",
    subject=Request,
    slots={
        **EXPLANATION_SLOTS,
        "request": "what is asked, from policies.yaml: `request`, or `benign` for the twin",
        "is_refused": "true where it is declined, false for the benign twin",
        "refusal": "how it is declined, from policies.yaml",
        "alternative": "what is offered instead, from policies.yaml",
    },
    make=_make,
    samples=_samples,
)
