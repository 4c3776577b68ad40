#!/usr/bin/env bash
# Composes two made-up provinces and a foreign subgraph, and asks across all three: docs/federation.md.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need node npm curl

cp -r "$root/docs/federation" "$work/federation"
npm_install "$work/federation"
demo GD_URL --seed 1
demo FJ_URL --seed 2 --province 350000
export GD_TOKEN FJ_TOKEN
GD_TOKEN="$(issue GD_URL GOVERNMENT 440000 gateway adhoc)"
FJ_TOKEN="$(issue FJ_URL GOVERNMENT 350000 gateway adhoc)"

cd "$work/federation"
PORT=0 start BUDGETS_URL node budgets.mjs
node node_modules/.bin/mesh-compose -o supergraph.graphql
if grep -qF -e "$GD_TOKEN" -e "$FJ_TOKEN" supergraph.graphql; then
    echo "the composed file holds a token" >&2
    exit 1
fi

port="$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')"
node node_modules/.bin/hive-gateway supergraph supergraph.graphql -h 127.0.0.1 -p "$port" >"$work/gateway.out" 2>&1 &
started+=($!)
answers "http://127.0.0.1:$port/graphql"
node "$root/scripts/suites/federation.mjs" "http://127.0.0.1:$port/graphql"
