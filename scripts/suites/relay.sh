#!/usr/bin/env bash
# Holds the printed schema against the rules of Relay. docs/conformance.md has the results.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need node npm

cp "$root/scripts/suites/relay"/* "$work"
npm_install "$work"
"$zhengxin" schema print >"$work/schema.graphql"
cd "$work"
node node_modules/.bin/eslint schema.graphql
echo "no errors by the rules of Relay"
