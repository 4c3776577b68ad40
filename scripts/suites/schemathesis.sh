#!/usr/bin/env bash
# Asks a demo whatever its schema allows, as several roles, each within what it may read; any error in an
# answer is a failure. docs/conformance.md has the results.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need python3

examples="${ZHENGXIN_EXAMPLES:-50}"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check schemathesis==4.32.5
export PYTHONPATH="$root/scripts/suites/schemathesis" PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=hooks
"$zhengxin" schema print >"$work/schema.graphql"
demo URL --seed 1
cd "$work"
for role in AUTHORITY OPERATOR CONGRESS; do
    printf -- '-- as %s\n' "$role"
    "$work/venv/bin/python" "$PYTHONPATH/role_schema.py" schema.graphql \
        "$root/catalogue/access.toml" "$role" >"$role.graphql"
    "$work/venv/bin/st" --no-color run "$role.graphql" --url "$URL" --mode positive -n "$examples" \
        --seed 1 --max-response-time 2 \
        -H "Authorization: Bearer $(token URL "$role")"
done
