"""Puts the hub's resolver beside matchers that others use, on the same names.

    python3 -P scripts/compare_resolvers.py SET HUB [--bench FOLDER]

SET is the folder of the labelled set (tests/resolution), HUB the program (target/release/zhengxin).
FOLDER holds what benches/resolver.rs prints (bench.txt), and what it writes with --files: a big
register (register.csv: id, name) and questions about it (questions.csv: class, question, truth).

Needs Python 3.11, and nomenklatura and rapidfuzz from PyPI. `-P` keeps the folder's calendar.py from
standing in for Python's own.

Only questions that are a name and nothing else are asked: codes, days and places mean nothing to the
others. They are helped as far as one can: they know former and second names, and each successor all
names of its predecessors; nomenklatura is handed the candidates that share most pairs of characters,
which costs it nothing; of several equally good bodies none is chosen, and that counts as ambiguous.
"""

import argparse
import csv
import functools
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from followthemoney import EntityProxy
from nomenklatura.matching import get_algorithm
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

THRESHOLD = 0.7  # the one that nomenklatura's own measurements use
CANDIDATES = 50
BENCH_QUESTIONS = 20  # of each class: brute force takes its time
CONFIDENT = {"EXACT_CODE", "EXACT_NAME", "ALIAS", "SUCCESSOR"}


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_of(folder):
    """Each body's names, as the others get them: those that ended stand with their successors."""
    names, gone = defaultdict(set), {}
    for row in rows(folder / "register.csv"):
        others = row["曾用名"].split(";") + row["别名"].split(";")
        names[row["统一社会信用代码"]] |= {row["机构名称"], *filter(None, others)}
        if row["撤销日期"]:
            gone[row["统一社会信用代码"]] = row["机构名称"]
    events = rows(folder / "successions.csv")
    for _ in range(3):  # chains of renames
        for event in events:
            if event["后继统一社会信用代码"] and (
                not event["前身统一社会信用代码"] or event["前身统一社会信用代码"] in gone
            ):
                former = names.get(event["前身统一社会信用代码"], {event["前身名称"]})
                names[event["后继统一社会信用代码"]] |= former
    followed = {event["前身统一社会信用代码"] for event in events if event["后继统一社会信用代码"]}
    for code in gone.keys() & followed:
        del names[code]
    return [(code, name) for code, known in sorted(names.items()) for name in sorted(known)]


class Pairs:
    """Names by the pairs of neighbouring characters in them."""

    def __init__(self, directory):
        self.directory = directory
        self.index = defaultdict(list)
        for at, (_, name) in enumerate(directory):
            for pair in self.pairs(name):
                self.index[pair].append(at)

    @staticmethod
    def pairs(name):
        return {name[at : at + 2] for at in range(len(name) - 1)} or {name}

    def nearest(self, name):
        shared = Counter(at for pair in self.pairs(name) for at in self.index.get(pair, ()))
        best = sorted(shared.items(), key=lambda item: (-item[1] / len(self.directory[item[0]][1]), item[0]))
        return [self.directory[at] for at, _ in best[:CANDIDATES]]


# The comparers remember by id, all of them together: no id may come twice.
NUMBERS = itertools.count()


def entity(name):
    data = {"id": f"body-{next(NUMBERS)}", "schema": "PublicBody", "properties": {"name": [name]}}
    return EntityProxy.from_dict(data)


def nomenklatura(algorithm, directory):
    """Scores of the candidates, by one of nomenklatura's algorithms, and the seconds of the processor it took."""
    comparer = get_algorithm(algorithm)
    config = comparer.default_config()
    index = Pairs(directory)

    # Made once for each name: half a million of them at once would fill the memory.
    @functools.cache
    def known_as(name):
        return entity(name)

    def ask(name):
        query = entity(name)
        nearest = [(code, known_as(known)) for code, known in index.nearest(name)]
        started = time.process_time()
        scored = [(code, comparer.compare(query, known, config).score) for code, known in nearest]
        return scored, time.process_time() - started

    return ask


def brute_force(scorer, directory):
    """The best of all names, by one of rapidfuzz's scorers, and the seconds of the processor it took."""
    names = [name for _, name in directory]
    whole = 100 if scorer is fuzz.ratio else 1

    def ask(name):
        started = time.process_time()
        best = process.extract(name, names, scorer=scorer, limit=CANDIDATES)
        spent = time.process_time() - started
        return [(directory[at][0], score / whole) for _, score, at in best], spent

    return ask


PEERS = {
    "nomenklatura logic-v2": lambda directory: nomenklatura("logic-v2", directory),
    "nomenklatura name-based": lambda directory: nomenklatura("name-based", directory),
    "rapidfuzz ratio": lambda directory: brute_force(fuzz.ratio, directory),
    "rapidfuzz Jaro-Winkler": lambda directory: brute_force(JaroWinkler.similarity, directory),
}


def decide(scored):
    """Outcome, body, offers: the best body above the threshold, where it is the only best."""
    best = {}
    for code, score in scored:
        best[code] = max(score, best.get(code, 0.0))
    offers = sorted((code for code in best if best[code] > 0), key=lambda code: (-best[code], code))
    if not offers or best[offers[0]] < THRESHOLD:
        return "NONE", None, offers
    equal = [code for code in offers if best[code] == best[offers[0]]]
    if len(equal) > 1:
        return "AMBIGUOUS", None, offers
    return "ALIAS", offers[0], offers


def ours(hub, folder, questions):
    """The hub's own answers, by its command line over a database of its own."""
    with tempfile.TemporaryDirectory() as place:
        data = ["--data", place, "-q"]
        files = [f"--file={folder / name}" for name in ("register.csv", "successions.csv")]
        subprocess.run([hub, "ingest", "agency_register", *files, *data], check=True, stdout=subprocess.DEVNULL)
        asked = Path(place) / "questions.csv"
        with open(asked, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "uscc", "org_code", "division"])
            writer.writerows([question["name"], "", "", ""] for question in questions)
        told = subprocess.run(
            [hub, "resolve", "--file", asked, *data], check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
    for line in told.stdout.splitlines():
        answer = json.loads(line)
        body = answer["agency"] and answer["agency"]["uscc"]
        offers = [body] * bool(body) + [each["agency"]["uscc"] for each in answer["candidates"]]
        yield answer["outcome"], body, offers


def figures(questions, answers):
    """Shares over the questions: first answer right, among five, wrong body, ambiguity told."""
    one = first = five = wrong = several = told = nobody = silent = 0
    for question, (outcome, body, offers) in zip(questions, answers, strict=True):
        meant = set(filter(None, question["expected"].split("|")))
        allowed = set(question["expected_outcome"].split("|"))
        wrong += outcome in CONFIDENT and meant != {body}
        if len(meant) == 1 and allowed & (CONFIDENT | {"FUZZY"}):
            one += 1
            first += offers[:1] == [*meant]
            five += meant <= set(offers[:5])
        if allowed == {"AMBIGUOUS"}:
            several += 1
            told += outcome == "AMBIGUOUS" and meant <= set(offers)
        if allowed == {"NONE"}:
            nobody += 1
            silent += body is None
    share = lambda part, whole: f"{100 * part / whole:.1f} %" if whole else "–"
    return [share(first, one), share(five, one), share(wrong, len(questions)), share(told, several), share(silent, nobody)]


def table(title, heading, lines):
    print(f"\n{title}\n\n| | {' | '.join(heading)} |")
    print("|---" * (len(heading) + 1) + "|")
    for line in lines:
        print("| " + " | ".join(line) + " |", flush=True)


def quality(folder, hub):
    questions = [
        row for row in rows(folder / "pairs.csv")
        if row["name"] and not (row["uscc"] or row["org_code"] or row["division"] or row["as_of"])
    ]
    directory = names_of(folder)
    heading = ["recall@1", "recall@5", "confidently wrong", "ambiguity told", "nobody named where nobody is", "per question"]
    for tier in ("STRONG", "MEDIUM", "WEAK"):
        asked = [question for question in questions if question["tier"] == tier]
        lines = [["zhengxin", *figures(asked, ours(hub, folder, asked)), "see the bench"]]
        for name, make in PEERS.items():
            ask, answers, spent = make(directory), [], 0.0
            for question in asked:
                scored, seconds = ask(question["name"])
                answers.append(decide(scored))
                spent += seconds
            lines.append([name, *figures(asked, answers), f"{1e3 * spent / len(asked):.2f} ms"])
        table(f"{tier}: {len(asked)} names against {len(directory)}", heading, lines)


def own_speed(folder):
    """Class, p50, p99 and the share told rightly, of the first register that the bench reports."""
    for line in (folder / "bench.txt").read_text(encoding="utf-8").split("\n\n")[0].splitlines():
        label, numbers = line[:28].strip(), line[28:].split()
        if len(numbers) == 8 and numbers[0][0].isdigit():
            p50, p99, _, _, right, *others = numbers
            asked = int(right) + sum(map(int, others))
            yield label, p50, p99, f"{100 * int(right) / asked:.0f} % of {asked}"


def speed(folder):
    directory = [(row["id"], row["name"]) for row in rows(folder / "register.csv")]
    asked = defaultdict(list)
    for row in rows(folder / "questions.csv"):
        asked[row["class"]].append(row)
    lines = [
        [label, "zhengxin", f"{p50} µs", f"{p99} µs", right]
        for label, p50, p99, right in own_speed(folder)
        if label in asked
    ]
    for name, make in PEERS.items():
        ask = make(directory)
        for label, questions in asked.items():
            right, spent = 0, []
            step = max(1, len(questions) // BENCH_QUESTIONS)
            for question in questions[::step][:BENCH_QUESTIONS]:
                scored, seconds = ask(question["question"])
                right += (decide(scored)[1] or "") == question["truth"]
                spent.append(seconds)
            spent.sort()
            times = (f"{1e6 * spent[len(spent) * percent // 100]:,.0f} µs" for percent in (50, 99))
            lines.append([label, name, *times, f"{100 * right / len(spent):.0f} % of {len(spent)}"])
    lines.sort(key=lambda line: line[0])
    table(f"Against {len(directory)} names", ["by", "p50", "p99", "named rightly"], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path)
    parser.add_argument("hub", type=Path)
    parser.add_argument("--bench", type=Path)
    arguments = parser.parse_args()
    quality(arguments.set.resolve(), arguments.hub.resolve())
    if arguments.bench:
        speed(arguments.bench)


if __name__ == "__main__":
    sys.exit(main())
