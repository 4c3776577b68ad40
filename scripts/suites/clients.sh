#!/usr/bin/env bash
# Runs the clients of docs/clients/ against a demo, each as its README says, and holds what they print
# against what the hub says.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need node npm python3 cargo

demo URL --seed 1
cp -r "$root/docs/clients" "$work/clients"
cp "$root/schema.graphql" "$work/schema.graphql"

cd "$work/clients/typescript"
npm_install .
ZHENGXIN_SCHEMA="$work/schema.graphql" npm run --silent codegen
npm run --silent check
ZHENGXIN_TOKEN="$(token URL CONGRESS)" npm run --silent dashboard -- "$URL" >"$work/dashboard.json"
ZHENGXIN_TOKEN="$(token URL CONGRESS)" npm run --silent changes -- "$URL" 0 3 >"$work/changes.jsonl"

cd "$work/clients/python"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check -r requirements.txt mypy==1.19.0
"$work/venv/bin/mypy" --strict zhengxin.py debtors.py
ZHENGXIN_TOKEN="$(token URL CONGRESS)" "$work/venv/bin/python" debtors.py "$URL" within 440600 >"$work/within.jsonl"
ZHENGXIN_TOKEN="$(token URL CONGRESS)" "$work/venv/bin/python" debtors.py "$URL" count 440600 >"$work/counts.jsonl"
ZHENGXIN_TOKEN="$(token URL CONGRESS)" "$work/venv/bin/python" debtors.py "$URL" \
    resolve 佛山市财政局 人社局 没有的单位 >"$work/resolved.jsonl"

# Built where it stands: its queries are checked against the schema two folders up.
cd "$root/docs/clients/rust"
export CARGO_TARGET_DIR="$work/target"
code="$(sed -n '1s/.*"uscc": "\([^"]*\)".*/\1/p' "$work/within.jsonl")"
ZHENGXIN_TOKEN="$(token URL CONGRESS)" cargo run --locked --quiet -- "$URL" "$code" 佛山市财政局 人社局 >"$work/standing.jsonl"

TOKEN="$(token URL CONGRESS)" node "$root/scripts/suites/clients.check.mjs" "$work"
