# What the suites of foreign tools have in common; sourced by each of them. A suite takes the
# `zhengxin` binary as its argument, works in a folder of its own and ends what it started.

zhengxin="$(realpath "${1:?usage: $0 ZHENGXIN_BINARY}")"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
work="$(mktemp -d "${TMPDIR:-/tmp}/zhengxin-suite-XXXXXX")"
started=()

end() {
    local status=$?
    local pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
    exit "$status"
}
trap end EXIT

# Says that a suite proves nothing for want of its programs, or fails where they must be there.
need() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null && continue
        if [[ -n "${ZHENGXIN_REQUIRE_SERVERS:-}" ]]; then
            echo "$0 needs $name" >&2
            exit 1
        fi
        echo "SKIPPED: $0 proves nothing: there is no $name" >&2
        exit 0
    done
}

# Starts a program that says `ready ADDRESS` and keeps the address: `start NAME COMMAND…` → $NAME.
start() {
    local name="$1" said="$work/$1.out" tries
    shift
    "$@" >"$said" 2>"$work/$name.err" &
    started+=($!)
    for ((tries = 0; tries < 1200; tries++)); do
        if grep -q '^ready ' "$said"; then
            printf -v "$name" '%s' "$(sed -n 's/^ready //p' "$said")"
            export "${name?}"
            return
        fi
        kill -0 "${started[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "$name does not start:" >&2
    tail -20 "$work/$name.err" >&2
    return 1
}

# Starts a demo: `demo NAME [FLAGS…]`; its folder is $work/NAME.
demo() {
    local name="$1"
    shift
    start "$name" "$zhengxin" demo --listen 127.0.0.1:0 --data "$work/$name" "$@"
}

# The token that a demo printed for a role: `token NAME ROLE`.
token() {
    awk -v role="$2" '$1 == "token" && $2 == role { print $4 }' "$work/$1.out"
}

# A token with further rights: `issue NAME ROLE DIVISION SCOPE…`.
issue() {
    local config="$work/$1/zhengxin.toml" role="$2" division="$3" scopes=() scope
    shift 3
    for scope in "$@"; do
        scopes+=(--scope "$scope")
    done
    "$zhengxin" token issue --config "$config" --role "$role" --division "$division" "${scopes[@]}"
}

# Installs what a folder's package.json names, at its versions, without running anything of it.
npm_install() {
    (cd "$1" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error)
}

# Waits until a GraphQL endpoint answers.
answers() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        curl -sf -o /dev/null -H 'content-type: application/json' -d '{"query":"{ __typename }"}' "$1" && return
        sleep 0.1
    done
    echo "$1 does not answer" >&2
    return 1
}
