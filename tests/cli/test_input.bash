# test_input.bash - ways to give a sound. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

"$MAKE_AUDIO" silence a.wav 9 || exit 1
run 0 "$HEED_FAKE" transcribe a.wav
cp out wanted
[ -s wanted ] || fail "no text at all"
lacks wanted WRONG

# The order of options and operands, short and long, with and without `=`.
run 0 "$HEED_FAKE" transcribe -q a.wav -o text
same out wanted
run 0 "$HEED_FAKE" transcribe --output-format=text -- a.wav
same out wanted
run 0 "$HEED_FAKE" transcribe -qm"$HEED_MODEL" a.wav
same out wanted
cp a.wav ./-odd.wav
run 0 "$HEED_FAKE" transcribe -- -odd.wav
same out wanted

# Pipes and redirections.
run 0 "$HEED_FAKE" transcribe - <a.wav
same out wanted
cat a.wav | run 0 "$HEED_FAKE" transcribe -
same out wanted

# Other containers, rates and channels last as long.
for to in "a.flac 16000 1" "b.wav 8000 1" "c.wav 44100 2" "d.flac 192000 3"; do
    set -- $to
    "$MAKE_AUDIO" convert a.wav "$1" "$2" "$3" || fail "cannot make $1"
    run 0 "$HEED_FAKE" transcribe "$1"
    same out wanted
done
run 0 "$HEED_FAKE" transcribe --channel 2 c.wav
same out wanted
run 1 "$HEED_FAKE" transcribe --channel 3 c.wav
is_empty out
lines err 1
has err "heed: c.wav: "

# Samples without a header, also while they are still being written.
"$MAKE_AUDIO" convert a.wav a.raw 16000 1 || exit 1
run 0 "$HEED_FAKE" transcribe --raw s16le a.raw
same out wanted
"$MAKE_AUDIO" convert a.wav b.raw 8000 2 || exit 1
run 0 "$HEED_FAKE" transcribe --raw s16le --rate 8000 --channels 2 b.raw
same out wanted
(cat a.raw; touch written; sleep 1; [ -s early ] || touch late) |
    "$HEED_FAKE" transcribe --raw s16le - 2>err | cat >early
same early wanted
[ ! -e late ] || fail "words were not printed as they came"

# Long recordings: more words than a stream can hold at once.
"$MAKE_AUDIO" silence long.wav 600 || exit 1
run 0 "$HEED_FAKE" transcribe long.wav
[ "$(wc -w <out)" -gt 1000 ] || fail "words of a long recording are missing"

run 0 "$HEED_FAKE" transcribe -v a.wav
same out wanted
has err "9.00 s of audio"
has err "real-time factor"
finish
