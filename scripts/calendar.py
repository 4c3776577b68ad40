#!/usr/bin/env -S python3 -B
"""Makes catalogue/calendar/YEAR.toml from the npm package chinese-days.

    scripts/calendar.py [FOLDER-OR-TARBALL]

Without an argument the package is fetched with `npm pack`. A year whose notice the State Council
has not issued yet gets no file.
"""

import json
import sys
from datetime import date
from pathlib import Path

from npm_package import unpacked

PACKAGE = "chinese-days@1.5.7"
FIRST_YEAR = 2019
FOLDER = Path(__file__).resolve().parent.parent / "catalogue" / "calendar"


def main() -> None:
    given = sys.argv[1] if len(sys.argv) > 1 else None
    FOLDER.mkdir(exist_ok=True)
    with unpacked(PACKAGE, given) as package:
        for source in sorted((package / "dist" / "years").glob("*.json")):
            year = int(source.stem)
            days = json.loads(source.read_text(encoding="utf-8"))
            if year >= FIRST_YEAR and days["holidays"]:
                write(year, sorted(days["holidays"]), sorted(days["workdays"]))


def write(year: int, off: list[str], worked: list[str]) -> None:
    for day in off + worked:
        if date.fromisoformat(day).year != year:
            raise SystemExit(f"{day} does not belong to {year}")
    for day in worked:
        if date.fromisoformat(day).weekday() < 5 or day in off:
            raise SystemExit(f"{day} is no weekend day that is worked")
    text = (
        f"# Holidays of {year} as the State Council's notice sets them.\n"
        f"# From the npm package {PACKAGE} (MIT), made by scripts/calendar.py.\n"
        f"year = {year}\n"
        f"days_off = {listed(off)}\n"
        f"workdays = {listed(worked)}\n"
    )
    (FOLDER / f"{year}.toml").write_text(text, encoding="utf-8", newline="\n")
    print(f"{year}: {len(off)} days off, {len(worked)} weekend days worked")


def listed(days: list[str]) -> str:
    """A TOML array, one line a month."""
    months: dict[str, list[str]] = {}
    for day in days:
        months.setdefault(day[:7], []).append(f'"{day}"')
    return "[\n" + "".join(f"  {', '.join(month)},\n" for month in months.values()) + "]"


if __name__ == "__main__":
    main()
