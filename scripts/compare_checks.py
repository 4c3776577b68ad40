"""Asks the questions of benches/checks.rs of the matching that yente is made of, nomenklatura.

    python3 -P scripts/compare_checks.py FOLDER

FOLDER holds register.csv and questions.jsonl, as benches/checks.rs leaves them. yente looks candidates up
in a search engine and scores them; the search engine is no package, so candidates are handed over here by an
index of pairs of characters and of codes, and neither finding them nor HTTP, rights, records and an audit log
count. What is measured is scoring alone, on one core: more than yente can do.

Needs Python 3.11, and nomenklatura and rapidfuzz from PyPI.
"""

import csv
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from compare_resolvers import NUMBERS, THRESHOLD, Pairs  # noqa: E402
from followthemoney import EntityProxy  # noqa: E402
from nomenklatura.matching import get_algorithm  # noqa: E402

ALGORITHMS = ["logic-v1", "logic-v2", "name-based"]
QUESTIONS = 500


def entity(name, code):
    properties = {"name": [name] if name else [], "registrationNumber": [code] if code else []}
    data = {"id": f"body-{next(NUMBERS)}", "schema": "PublicBody", "properties": properties}
    return EntityProxy.from_dict(data)


def main(folder):
    with open(folder / "register.csv", encoding="utf-8-sig", newline="") as file:
        bodies = {row["统一社会信用代码"]: row["机构名称"] for row in csv.DictReader(file)}
    index = Pairs([(code, name) for code, name in bodies.items()])
    with open(folder / "questions.jsonl", encoding="utf-8") as file:
        questions = [json.loads(line) for line in file][:QUESTIONS]
    asked = []
    for question in questions:
        code, name = question.get("uscc"), question.get("name")
        near = index.nearest(name) if name else []
        if code in bodies:
            near.append((code, bodies[code]))
        candidates = [(known, entity(known_as, known)) for known, known_as in dict(near).items()]
        asked.append((entity(name, code), candidates))
    for name in ALGORITHMS:
        algorithm = get_algorithm(name)
        if algorithm is None:
            print(f"nomenklatura {name}: not there in this version")
            continue
        config = algorithm.default_config()
        times, told = [], 0
        for query, candidates in asked:
            started = time.perf_counter()
            scores = [algorithm.compare(query, known, config).score for _, known in candidates]
            times.append((time.perf_counter() - started) * 1e3)
            told += bool(scores) and max(scores) >= THRESHOLD
        times.sort()
        median, late = times[len(times) // 2], times[int((len(times) - 1) * 0.99)]
        print(
            f"nomenklatura {name:<10} {len(times) / sum(times) * 1e3:>8.0f} a second, median {median:>6.2f} ms, "
            f"99 % {late:>6.2f} ms; {told} of {len(times)} matched"
        )


main(Path(sys.argv[1]))
