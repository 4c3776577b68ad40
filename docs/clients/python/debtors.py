"""Lists a division's bodies with what holds against them, counts it, and tells whom names mean.

    python debtors.py ADDRESS within CODE
    python debtors.py ADDRESS count CODE
    python debtors.py ADDRESS resolve NAME…

The token is taken from ZHENGXIN_TOKEN. One JSON object a line.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from decimal import Decimal

from zhengxin import Hub, Refused


def main(arguments: list[str]) -> int:
    match arguments:
        case [address, "within", code]:
            with Hub(address, os.environ.get("ZHENGXIN_TOKEN")) as hub:
                within(hub, code)
        case [address, "count", code]:
            with Hub(address, os.environ.get("ZHENGXIN_TOKEN")) as hub:
                count(hub, code)
        case [address, "resolve", *names] if names:
            with Hub(address, os.environ.get("ZHENGXIN_TOKEN")) as hub:
                for name in names:
                    show({"asked": name, **asdict(hub.resolve(name))})
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def within(hub: Hub, code: str) -> None:
    wanted = {"division": {"within": code}, "hasActiveRecord": True}
    for agency in hub.agencies(wanted):
        records = list(hub.records(agency.uscc)) if agency.uscc else []
        owed = sum((record.amount for record in records if record.amount), Decimal(0))
        show({"uscc": agency.uscc, "name": agency.name, "records": len(records), "amount": str(owed)})


def count(hub: Hub, code: str) -> None:
    holding = {"status": ["ACTIVE"], "agency": {"division": {"within": code}}}
    for group in hub.counts(holding, ["DIVISION", "KIND"], "COUNTY"):
        division, kind = group.keys
        amount = None if group.amount is None else str(group.amount)
        show({"division": division, "kind": kind, "records": group.count, "agencies": group.agencies, "amount": amount})


def show(line: dict[str, object]) -> None:
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refused:
        sys.exit(f"the hub refuses: {refused}")
