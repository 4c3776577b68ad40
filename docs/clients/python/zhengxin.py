"""A client of a Zhengxin hub: typed answers, pages, patience, and errors that say what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import httpx

PATIENCE_S = 15.0
TRIES = 4
PAUSE_S = 0.5
PAGE = 100
BUSY = {429, 503}


class Refused(Exception):
    """The hub answers with errors. `code` is one of the contract's."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        extensions = errors[0].get("extensions", {})
        self.code: str = extensions.get("code", "INTERNAL")
        self.trace: str = extensions.get("traceId", "")
        super().__init__(f"{self.code}: {errors[0]['message']} (trace {self.trace})")


@dataclass(frozen=True)
class Agency:
    """A body of the register."""

    uscc: str | None
    name: str
    division: str

    @classmethod
    def of(cls, node: dict[str, Any]) -> Self:
        return cls(node["uscc"], node["name"], node["division"]["fullName"])


@dataclass(frozen=True)
class Record:
    """A record that holds against a body. Kinds may grow, so they stay text."""

    id: str
    kind: str
    amount: Decimal | None
    identified_on: str
    identified_by: str

    @classmethod
    def of(cls, node: dict[str, Any]) -> Self:
        amount = None if node["amount"] is None else Decimal(node["amount"])
        return cls(node["id"], node["kind"], amount, node["identifiedOn"], node["identifiedBy"])


@dataclass(frozen=True)
class Resolution:
    """Who a text means. Where `agency` is none, a person decides among the candidates."""

    outcome: str
    score: float
    agency: Agency | None
    candidates: list[Agency]


@dataclass(frozen=True)
class Group:
    """Records that have these keys in common, one for each dimension."""

    keys: list[str | None]
    count: int
    agencies: int
    amount: Decimal | None

    @classmethod
    def of(cls, node: dict[str, Any]) -> Self:
        amount = None if node["amount"] is None else Decimal(node["amount"])
        return cls(node["keys"], node["count"], node["agencies"], amount)


AGENCY = "fragment agency on Agency { uscc name division { fullName } }"

RESOLVE = f"""
query Resolve($input: ResolveInput!) {{
  resolve(input: $input) {{
    outcome
    score
    agency {{ ...agency }}
    candidates {{ agency {{ ...agency }} }}
  }}
}}
{AGENCY}
"""

AGENCIES = f"""
query Agencies($filter: AgencyFilter, $first: Int!, $after: String) {{
  agencies(filter: $filter, first: $first, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    edges {{ node {{ ...agency }} }}
  }}
}}
{AGENCY}
"""

RECORDS = """
query Records($uscc: Uscc!, $first: Int!, $after: String) {
  agency(uscc: $uscc) {
    creditRecords(filter: { status: [ACTIVE] }, first: $first, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges { node { id kind amount identifiedOn identifiedBy } }
    }
  }
}
"""

COUNTS = """
query Counts($filter: CreditRecordFilter, $by: [CreditRecordDimension!]!, $level: DivisionLevel) {
  creditRecordStats(filter: $filter, groupBy: $by, divisionLevel: $level) { keys count agencies amount }
}
"""


class Hub:
    """A hub. Without a token it is asked as the public asks."""

    def __init__(self, address: str, token: str | None = None) -> None:
        headers = {"accept": "application/graphql-response+json, application/json;q=0.9"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self._address = address
        self._http = httpx.Client(headers=headers, timeout=PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The data of an answer; a hub that is busy is asked again a little later."""
        for attempt in range(1, TRIES + 1):
            response = self._http.post(self._address, json={"query": query, "variables": variables})
            if response.status_code in BUSY and attempt < TRIES:
                time.sleep(float(response.headers.get("retry-after", PAUSE_S * attempt)))
                continue
            answer = response.json()
            if answer.get("errors"):
                raise Refused(answer["errors"])
            return dict(answer["data"])
        raise AssertionError("the last try returns or raises")

    def resolve(self, name: str, division: str | None = None) -> Resolution:
        """Who a name means, as somebody in that division would write it."""
        found = self.ask(RESOLVE, {"input": {"name": name, "division": division}})["resolve"]
        return Resolution(
            outcome=found["outcome"],
            score=found["score"],
            agency=Agency.of(found["agency"]) if found["agency"] else None,
            candidates=[Agency.of(candidate["agency"]) for candidate in found["candidates"]],
        )

    def agencies(self, filter: dict[str, Any] | None = None) -> Iterator[Agency]:
        """All bodies that pass the filter, page by page as they are wanted."""
        for node in self._nodes(AGENCIES, {"filter": filter}, "agencies"):
            yield Agency.of(node)

    def records(self, uscc: str) -> Iterator[Record]:
        """What holds against a body; nothing where there is no such body for us."""
        for node in self._nodes(RECORDS, {"uscc": uscc}, "agency", "creditRecords"):
            yield Record.of(node)

    def counts(self, filter: dict[str, Any], by: list[str], level: str | None = None) -> list[Group]:
        """Records counted by what they have in common, the biggest groups first."""
        variables = {"filter": filter, "by": by, "level": level}
        return [Group.of(node) for node in self.ask(COUNTS, variables)["creditRecordStats"]]

    def _nodes(self, query: str, variables: dict[str, Any], *path: str) -> Iterator[dict[str, Any]]:
        after: str | None = None
        while True:
            connection: Any = self.ask(query, {**variables, "first": PAGE, "after": after})
            for name in path:
                connection = connection and connection[name]
            if connection is None:
                return
            for edge in connection["edges"]:
                yield edge["node"]
            if not connection["pageInfo"]["hasNextPage"]:
                return
            after = connection["pageInfo"]["endCursor"]
