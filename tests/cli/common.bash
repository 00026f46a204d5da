# common.bash - what the tests of the command share. SPDX-License-Identifier: Apache-2.0
#
# Set by CMake: HEED (the command), HEED_FAKE (the command with a recogniser
# that needs no model), MAKE_AUDIO, SOURCE (the root of the source tree).
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
here="$SOURCE/tests/cli"
: "${HEED:?}" "${HEED_FAKE:?}" "${MAKE_AUDIO:?}"
# The fake recogniser accepts any file as its model.
export HEED_MODEL="$here/common.bash"

# Counted in a file, because one side of a pipe is a shell of its own.
fail() {
    printf 'FAILED: %s\n' "$1" >&2
    sed 's/^/    stdout: /' out >&2 2>/dev/null
    sed 's/^/    stderr: /' err >&2 2>/dev/null
    echo "$1" >>"$work/.failures"
}

# run EXIT COMMAND... - the command must end with that exit code; its output
# is left in the files out and err.
run() {
    local wanted=$1 code=0
    shift
    "$@" >out 2>err || code=$?
    [ "$code" -eq "$wanted" ] || fail "exit $code instead of $wanted: $*"
}

# has FILE TEXT / lacks FILE TEXT - fixed strings.
has() { grep -qF -- "$2" "$1" || fail "'$2' is not in $1"; }
lacks() { ! grep -qF -- "$2" "$1" || fail "'$2' is in $1"; }
is_empty() { [ ! -s "$1" ] || fail "$1 is not empty"; }
lines() { [ "$(wc -l <"$1")" -eq "$2" ] || fail "$1 has not $2 lines"; }
same() { cmp "$1" "$2" >&2 || { fail "$1 is not $2"; diff "$1" "$2" >&2; }; }

# skip REASON - this machine lacks what the test needs; ctest shows it.
skip() {
    echo "SKIPPED: $1"
    exit 77
}

finish() {
    if [ -e "$work/.failures" ]; then
        echo "$(wc -l <"$work/.failures") failed" >&2
        exit 1
    fi
    echo "all passed"
    exit 0
}
