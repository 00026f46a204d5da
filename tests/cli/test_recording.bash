# test_recording.bash - the default model hears. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"
unset HEED_MODEL
recording="$SOURCE/tools/examples/hello.wav"

# hears ERRORS ARGUMENT... - at most so many words of hello.txt are wrong.
hears() {
    local errors limit=$1
    shift
    run 0 "$HEED" transcribe "$@"
    errors=$(python3 "$here/count_errors.py" \
        "$SOURCE/tools/examples/hello.txt" out)
    [ "$errors" -le "$limit" ] || fail "$errors words are wrong: $*"
}
hears 2 "$recording"
cp out wanted
hears 2 --latency live "$recording"
hears 2 --beam 1 "$recording"

# With a language model of these words, and with what is none.
run 0 "$HEED" lm build -q -n 2 -o words.arpa "$SOURCE/tools/examples/hello.txt"
run 0 "$HEED" lm compile words.arpa words.heedlm
hears 2 --lm words.heedlm --lm-weight 0.2 "$recording"
# A large weight leaves no words out.
{ cat "$SOURCE/tools/examples/hello.txt"; printf '%s\n' {A..Z}; } >letters.txt
run 0 "$HEED" lm build -q -n 1 -o letters.arpa letters.txt
run 0 "$HEED" lm compile letters.arpa letters.heedlm
hears 2 --lm letters.heedlm --lm-weight 1.0 "$recording"
run 3 "$HEED" transcribe --lm words.arpa "$recording"
grep -q 'words.arpa: not a compiled language model' err ||
    fail "no word about words.arpa"
run 3 "$HEED" transcribe --lm nowhere "$recording"
lines err 1
run 3 "$HEED" bench --lm nowhere "$recording"
lines err 1

# A session knows its language model, and with which options it was heard.
run 0 "$HEED" live -q --input "$recording" --lm words.heedlm --lm-weight 0.5 \
    --beam 2 --min-confidence 0.01 --json --record tape
cp out events
grep -qx "n_texts 2" tape/session.txt || fail "the beam is not on the tape"
grep -qx "lm_sha256 $(sha256sum words.heedlm | cut -d ' ' -f 1)" \
    tape/session.txt || fail "the language model is not on the tape"
run 0 "$HEED" live -q --replay tape --json
same out events
is_empty err
mv words.heedlm moved.heedlm
run 3 "$HEED" live --replay tape
lines err 1
has err "$PWD/words.heedlm: "
run 0 "$HEED" live -q --replay tape --lm moved.heedlm --json
same out events
sed -i '/^lm /d' tape/session.txt
run 3 "$HEED" live --replay tape
has err "heed: tape: its language model is needed: --lm"
run 0 "$HEED" lm compile -q 4 words.arpa other.heedlm
run 0 "$HEED" live --replay tape --lm other.heedlm
has err "heed: warning: tape: was heard with another language model than other"

# The same sound is the same text, whatever it comes in and by.
run 0 "$HEED" transcribe "$recording"
same out wanted
cat "$recording" | run 0 "$HEED" transcribe -
same out wanted
"$MAKE_AUDIO" convert "$recording" a.flac 16000 1 || exit 1
run 0 "$HEED" transcribe a.flac
same out wanted
"$MAKE_AUDIO" convert "$recording" a.raw 16000 2 || exit 1
run 0 "$HEED" transcribe --raw s16le --rate 16000 --channels 2 a.raw
same out wanted

# Telephone and CD.
"$MAKE_AUDIO" convert "$recording" phone.wav 8000 1 || exit 1
hears 6 phone.wav
"$MAKE_AUDIO" convert "$recording" cd.wav 44100 2 || exit 1
hears 2 cd.wav
"$MAKE_AUDIO" convert "$recording" a.ogg 48000 1 || exit 1
hears 3 a.ogg

run 0 "$HEED" transcribe -o json "$recording"
python3 - out <<'END' || fail "odd JSON"
import json, sys
heard = json.load(open(sys.argv[1]))
words = heard["words"]
assert heard["error"] is None and not heard["truncated"]
assert " ".join(w["text"] for w in words).split() == heard["text"].split()
last = 0.0
for w in words:
    assert last <= w["start_s"] <= w["end_s"] <= heard["duration_s"], w
    assert 0.0 <= w["confidence"] <= 1.0, w
    last = w["start_s"]
END
run 0 "$HEED" transcribe -o srt "$recording"
python3 "$here/check_srt.py" out || fail "odd subtitles"

# Where nobody speaks there is no text.
"$MAKE_AUDIO" silence silence.wav 10 || exit 1
run 0 "$HEED" transcribe silence.wav
is_empty out
"$MAKE_AUDIO" noise noise.wav 10 0.05 || exit 1
run 0 "$HEED" transcribe noise.wav
is_empty out

run 0 "$HEED" info
has out "licence"
run 0 "$HEED" info --notices
has out "Useful Sensors"
run 0 "$HEED" info --json
python3 -m json.tool out >/dev/null || fail "info is not JSON"
finish
