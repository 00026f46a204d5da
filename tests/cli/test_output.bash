# test_output.bash - formats and where they go. SPDX-License-Identifier: Apache-2.0
#
# HEED_UPDATE_EXPECTED=1 writes tests/cli/expected/ anew; read the difference.
. "$SOURCE/tests/cli/common.bash"

"$MAKE_AUDIO" silence a.wav 25 || exit 1
for format in text json srt; do
    run 0 "$HEED_FAKE" transcribe -o $format a.wav
    is_empty err
    if [ -n "${HEED_UPDATE_EXPECTED:-}" ]; then
        cp out "$here/expected/$format"
    fi
    same out "$here/expected/$format"
    run 0 "$HEED_FAKE" transcribe -o $format --output result.$format a.wav
    is_empty out
    same result.$format "$here/expected/$format"
done
python3 "$here/check_srt.py" result.srt || fail "odd subtitles"
python3 -m json.tool result.json >/dev/null || fail "not JSON"
run 0 "$HEED_FAKE" transcribe -o json a.wav a.wav
lines out 2
python3 -m json.tool --json-lines out >/dev/null || fail "not JSON Lines"

# The best texts of a segment, by the recogniser itself: the first one is the
# text, and the others have other words.
run 0 "$HEED" transcribe -o json --nbest 4 \
    -m "$SOURCE/asr/models/heed-en.gguf" "$SOURCE/tools/examples/hello.wav"
python3 - out <<'EOF' || fail "odd alternatives"
import json, re, sys
result = json.load(open(sys.argv[1]))
segments = result["segments"]
first = [s["alternatives"][0]["text"] for s in segments]
assert " ".join(first).split() == result["text"].split()
assert max(len(s["alternatives"]) for s in segments) > 1
for s in segments:
    texts = [re.sub(r"[^A-Z' ]", "", a["text"].upper())
             for a in s["alternatives"]]
    assert len(set(texts)) == len(texts) <= 4, texts
EOF
run 2 "$HEED_FAKE" transcribe --nbest 2 a.wav
has err "--nbest needs --output-format json"
run 2 "$HEED_FAKE" transcribe -o json --nbest 9 a.wav
run 2 "$HEED_FAKE" transcribe -o json --nbest 0 a.wav

# Words of a file of hotwords are told.
printf '# a comment\nlistens to\t2\nXylophone\n' >hotwords
run 0 "$HEED" transcribe -o json --hotwords hotwords \
    -m "$SOURCE/asr/models/heed-en.gguf" "$SOURCE/tools/examples/hello.wav"
has out '"hotword":"listens to"'
lacks out Xylophone
printf 'fine\nR2D2\n' >hotwords
for command in "transcribe -q" "live -q --input"; do
    # shellcheck disable=SC2086 # several words
    run 3 "$HEED" ${command%% *} --hotwords hotwords \
        -m "$SOURCE/asr/models/heed-en.gguf" \
        ${command#* } "$SOURCE/tools/examples/hello.wav"
    has err "heed: hotwords: line 2: digits cannot be heard: write words"
done
run 2 "$HEED" transcribe --hotword-weight 11 a.wav
has err "not a number from 0.001 to 10"

# Any name of a file is JSON.
cp a.wav "$(printf 'q"\\\n\t\377\303\244.wav')"
run 0 "$HEED_FAKE" transcribe -o json q*.wav
python3 -m json.tool --json-lines out >/dev/null || fail "odd name, no JSON"
has out 'q\"\\\u000a\u0009\ufffdä.wav'

# A result replaces a file only when it is complete.
touch before after
ls >before
echo old >kept
run 1 "$HEED_FAKE" transcribe --output kept missing.wav
[ "$(cat kept)" = old ] || fail "a failure replaced an older result"
chmod 640 kept
ln -s kept link
run 0 "$HEED_FAKE" transcribe --output link a.wav
same kept "$here/expected/text"
[ -L link ] || fail "a link was replaced"
[ "$(stat -c %a kept)" = 640 ] || fail "the rights of a file were changed"
run 2 "$HEED_FAKE" transcribe --output a.wav a.wav
has err "would replace the recording"
rm -f kept link
ls >after
same before after

# Where nothing can be written.
run 4 "$HEED_FAKE" transcribe --output none/x.txt a.wav
lines err 1
has err "heed: none/x.txt: "
run 4 "$HEED_FAKE" transcribe --output . a.wav
lines err 1
run 4 "$HEED_FAKE" transcribe --output /dev/full a.wav
lines err 1
for format in text json srt; do
    code=0
    "$HEED_FAKE" transcribe -o $format a.wav >/dev/full 2>err || code=$?
    [ $code -eq 4 ] || fail "exit $code for a full disk"
    lines err 1
    has err "heed: standard output: "
done
code=0
"$HEED_FAKE" transcribe a.wav >&- 2>err || code=$?
[ $code -eq 4 ] || fail "exit $code for a closed output"
"$MAKE_AUDIO" silence long.wav 900 || exit 1
{ "$HEED_FAKE" transcribe -o json long.wav 2>err; echo $? >code; } |
    head -c 10 >/dev/null
[ "$(cat code)" -eq 4 ] || fail "exit $(cat code) for a closed pipe"
for help in "--help" "--version" "transcribe --help" "info"; do
    code=0
    # shellcheck disable=SC2086 # two words
    "$HEED_FAKE" $help >/dev/full 2>err || code=$?
    [ $code -eq 4 ] || fail "exit $code for $help to a full disk"
done

# Interrupted: what is committed is written, and the JSON is complete.
"$MAKE_AUDIO" convert a.wav a.raw 16000 1 || exit 1
for format in text json; do
    mkfifo pipe.$format
    "$HEED_FAKE" transcribe -o $format --raw s16le - \
        <pipe.$format >out 2>err &
    pid=$!
    { cat a.raw; sleep 1; kill -INT $pid; sleep 1; } >pipe.$format
    code=0
    wait $pid || code=$?
    [ $code -eq 130 ] || fail "exit $code when interrupted"
    has err "heed: interrupted"
    has out "This is the first"
done
has out '"interrupted":true'
python3 -m json.tool out >/dev/null || fail "interrupted JSON is not JSON"

# What a model is.
run 0 "$HEED_FAKE" info
has out "fake"
run 0 "$HEED_FAKE" info --json
python3 -m json.tool out >/dev/null || fail "info is not JSON"
run 0 "$HEED_FAKE" info --notices
[ "$(cat out)" = "No notices." ] || fail "odd notices"

python3 "$here/check_progress.py" "$HEED_FAKE" long.wav || fail "progress bar"
finish
