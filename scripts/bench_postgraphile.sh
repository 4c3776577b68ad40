#!/usr/bin/env bash
# Measures the hub beside PostGraphile: installs it into a temporary folder, fills a PostgreSQL of the
# bench's own and asks both the same. Takes no arguments; needs npm and PostgreSQL's server programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

npm="${TMPDIR:-/tmp}/zhengxin-postgraphile"
mkdir -p "$npm"
npm install --prefix "$npm" --no-audit --no-fund --loglevel=error \
    node@22 postgraphile@5.1.5 pg@8 @graphile/simplify-inflection@9 \
    postgraphile-plugin-connection-filter@4 @graphile/pg-aggregates@0.2.0-rc.2
cargo bench --locked --bench postgraphile -- "$npm"
