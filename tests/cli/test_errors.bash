# test_errors.bash - files that are no good. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

"$MAKE_AUDIO" silence good.wav 4 || exit 1
run 0 "$HEED_FAKE" transcribe good.wav
cp out wanted

# refused FILE - no text, one line with its name, exit 1.
refused() {
    run 1 "$HEED_FAKE" transcribe "$1"
    is_empty out
    lines err 1
    has err "heed: $1: "
}
refused missing.wav
mkdir folder && refused folder
: >empty.wav && refused empty.wav
echo "This is not a sound." >text.wav && refused text.wav
head -c 30 good.wav >header.wav && refused header.wav
head -c 4000 /dev/urandom >random.wav && refused random.wav
mkfifo pipe
: >pipe &
run 1 "$HEED_FAKE" transcribe pipe
lines err 1
run 1 "$HEED_FAKE" transcribe - </dev/null
has err "heed: standard input: "
run 1 "$HEED_FAKE" transcribe - <&-
has err "heed: standard input: "
if [ "$(id -u)" -ne 0 ]; then
    cp good.wav secret.wav && chmod 0 secret.wav && refused secret.wav
fi
run 1 "$HEED_FAKE" transcribe "$(printf 'a\033[31mb.wav')"
lacks err "$(printf '\033')"

# No samples at all is a recording nonetheless.
"$MAKE_AUDIO" silence none.wav 0 || exit 1
run 0 "$HEED_FAKE" transcribe none.wav
is_empty out
is_empty err

# What is there of a file that ends early is text.
head -c 100000 good.wav >cut.wav
run 1 "$HEED_FAKE" transcribe cut.wav
[ -s out ] || fail "no text of a truncated file"
lines err 1
has err "heed: warning: cut.wav: "
run 1 "$HEED_FAKE" transcribe -q cut.wav
lines err 1
has err "heed: cut.wav: "
run 1 "$HEED_FAKE" transcribe -o json cut.wav
has out '"truncated":true'
lacks out '"error":null'

# A bad file among good ones.
run 1 "$HEED_FAKE" transcribe good.wav missing.wav good.wav
lines err 1
{
    echo "==> good.wav <=="
    cat wanted
    echo
    echo "==> good.wav <=="
    cat wanted
} >both
same out both
run 1 "$HEED_FAKE" transcribe -o json good.wav missing.wav good.wav
lines out 3
sed -n 2p out >second
has second '"file":"missing.wav"'
has second '"words":[]'
has second '"error":"missing.wav: '

# The model.
run 3 "$HEED" transcribe -m missing.gguf good.wav
is_empty out
lines err 1
has err "heed: missing.gguf: "
HEED_MODEL=other.gguf run 3 "$HEED" transcribe good.wav
has err "heed: other.gguf: "
run 3 "$HEED" transcribe -m good.wav good.wav
has err "good.wav"
run 3 "$HEED" info good.wav
lines err 1
finish
