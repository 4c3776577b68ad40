#!/usr/bin/env bash
# Holds a demo against what others wrote: the audit of GraphQL over HTTP, a suite for sockets by the
# protocol's rules, and the clients that are in use. docs/conformance.md has the results.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need node npm

# What was fetched once is good for as long as the pins are the same.
suites="$root/scripts/suites"
pins="$(sha256sum "$suites/package-lock.json" | cut -c1-16)"
room="${XDG_CACHE_HOME:-$HOME/.cache}/zhengxin/suites/$pins"
if [[ ! -e "$room/complete" ]]; then
    mkdir -p "$room"
    cp "$suites/package.json" "$suites/package-lock.json" "$room"
    (cd "$room" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    touch "$room/complete"
fi
cp "$suites"/*.mjs "$work"
ln -s "$room/node_modules" "$work/node_modules"

export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
demo URL
TOKEN="$(token URL GOVERNMENT)"
cd "$work"
node audit.mjs "$URL" "$TOKEN" off
node websocket.mjs "${URL/http/ws}" "$TOKEN"
node clients.mjs "$URL" "$TOKEN"
# The same facts and tokens, with queries by GET.
ZHENGXIN__SERVER__GET=true \
    start GET_URL "$zhengxin" serve --listen 127.0.0.1:0 --config "$work/URL/zhengxin.toml"
node audit.mjs "$GET_URL" "$TOKEN" on
