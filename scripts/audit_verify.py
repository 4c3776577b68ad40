#!/usr/bin/env python3
"""Verifies an exported audit bundle. It shares no code with the hub and needs Python 3 alone.

    scripts/audit_verify.py BUNDLE [--key NAME+ID+KEY]... [--checkpoint FILE]

Keys that are given on the command line are believed, those in the bundle only where none is given.
Exit 0: sound; 1: not, with the first bad entry; 2: wrong usage. docs/audit.md specifies the bytes.
"""

import argparse
import base64
import hashlib
import json
import struct
import sys

# Ed25519 (RFC 8032, 5.1), verification only.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    w, x, y, z = f - e, h - g, h + g, f + e
    return (w * x % P, y * z % P, x * y % P, w * z % P)


def times(s, point):
    result = (0, 1, 1, 0)
    while s:
        if s & 1:
            result = add(result, point)
        point, s = add(point, point), s >> 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
    try:
        a, r = decompress(public), decompress(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


class Bad(Exception):
    pass


def read_key(text):
    name, _, key = text.split("+", 2)
    key = base64.b64decode(key)
    if len(key) != 33 or key[0] != 1:
        raise Bad(f"key {name}: no Ed25519 key")
    return name, hashlib.sha256(name.encode() + b"\n" + key).digest()[:4], key[1:]


def read_note(text, keys, needed=None):
    """A checkpoint, if one who is believed signed it: origin, size, root, chain, hash."""
    body, lines = text.rsplit("\n\n", 1)
    body += "\n"
    good = set()
    for line in lines.splitlines():
        dash, name, data = line.split(" ")
        data = base64.b64decode(data)
        for key_name, key_id, public in keys:
            if dash == "\u2014" and name == key_name and data[:4] == key_id and signed(public, body.encode(), data[4:]):
                good.add(name)
    if not good or (needed and needed not in good):
        raise Bad("a checkpoint bears no signature of a key that is believed")
    origin, size, root, chain, kind, _ = body.splitlines()
    return origin, int(size), base64.b64decode(root), base64.b64decode(chain.split(" ")[1]), kind.split(" ")[1]


def check_record(record):
    """Walks a record's parts: version 1, then sixteen, each behind its length."""
    if record[:1] != b"\1":
        raise Bad("another encoding")
    at, parts = 1, 0
    while at < len(record):
        (length,) = struct.unpack_from(">I", record, at)
        at, parts = at + 4 + (0 if length == 0xFFFFFFFF else length), parts + 1
    if at != len(record) or parts != 16:
        raise Bad("its record can't be read")


def verify(lines, keys, outside):
    head = json.loads(next(lines))
    if head["format"] != "zhengxin-audit-1":
        raise Bad("not a bundle of this format")
    keys = [read_key(key) for key in keys or head["keys"]]
    kind = head["hash"]
    new = (lambda data: hashlib.sha256(data)) if kind == "sha256" else (lambda data: hashlib.new("sm3", data))
    hashed = lambda data: new(data).digest()
    peaks, chain, size = [], bytes(32), 0
    roots, notes = {}, []
    wanted = set()

    def root():
        if not peaks:
            return hashed(b"")
        value = peaks[-1][1]
        for _, left in reversed(peaks[:-1]):
            value = hashed(b"\1" + left + value)
        return value

    entries = []
    for line in lines:
        row = json.loads(line)
        if "checkpoint" in row:
            notes.append(read_note(row["checkpoint"], keys, head["origin"]))
            wanted.add(notes[-1][1])
        else:
            entries.append(row)
    notes += [read_note(text, keys) for text in outside]
    wanted |= {note[1] for note in notes}
    if 0 in wanted:
        roots[0] = (root(), chain)
    for row in entries:
        if row["seq"] != size:
            raise Bad(f"entry {size}: it is missing")
        record = base64.b64decode(row["record"])
        leaf = hashed(b"\0" + record)
        chain = hashed(b"\2" + chain + leaf)
        if base64.b64decode(row["chain"]) != chain:
            raise Bad(f"entry {size}: it is not what was chained here")
        try:
            check_record(record)
        except (Bad, struct.error) as error:
            raise Bad(f"entry {size}: {error}") from error
        level, value = 0, leaf
        while peaks and peaks[-1][0] == level:
            value, level = hashed(b"\1" + peaks.pop()[1] + value), level + 1
        peaks.append((level, value))
        size += 1
        if size in wanted:
            roots[size] = (root(), chain)
    before = 0
    for origin, of, stated, stated_chain, stated_kind in sorted(notes, key=lambda note: note[1]):
        if of > size:
            raise Bad(f"entry {size}: it is missing: a checkpoint states {of} entries")
        if origin != head["origin"] or stated_kind != kind or roots[of] != (stated, stated_chain):
            raise Bad(f"entry {before}: from here on the log is another than the checkpoint of {of} entries states")
        before = of
    if size != head["size"]:
        raise Bad(f"entry {size}: it is missing: the bundle says that there are {head['size']}")
    return size, len(notes), before


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", help="believe this key: name+id+key")
    parser.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that was kept elsewhere")
    args = parser.parse_args()
    try:
        outside = [open(path, encoding="utf-8").read() for path in args.checkpoint]
        with open(args.bundle, encoding="utf-8") as lines:
            size, notes, covered = verify(iter(lines), args.key, outside)
    except Bad as bad:
        sys.exit(f"not sound: {bad}")
    print(f"sound: {size} entries, {notes} checkpoints, the last one of {covered} entries")


if __name__ == "__main__":
    main()
