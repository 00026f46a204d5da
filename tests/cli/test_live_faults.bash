# test_live_faults.bash - what goes wrong in a session. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

"$MAKE_AUDIO" silence a.wav 25 || exit 1
"$MAKE_AUDIO" silence short.wav 4 || exit 1
"$HEED_FAKE" live -q --input short.wav >short.text || exit 1

# No microphone of that name, and no file.
run 1 "$HEED_FAKE" live --device "no such microphone"
is_empty out
lines err 1
has err "heed: "
run 1 "$HEED_FAKE" live --input missing.wav
lines err 1
has err "heed: missing.wav: "
run 3 "$HEED" live -m missing.gguf --input a.wav
lines err 1

# A machine that is far too slow: sound waits, then is lost, told and marked.
HEED_FAKE_SLOWNESS=5 run 0 "$HEED_FAKE" live --input short.wav --realtime \
    --backlog 1 --json --output slow.txt
python3 "$here/check_events.py" out short.text --gaps || fail "odd gaps"
has out '"cause":"backlog"'
has slow.txt " s of sound lost at 0:00:0"
has err " s lost in "
python3 - out <<'END' || fail "sound is missing"
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
# What was heard or lost is all there was.
assert abs(events[-1]["heard_s"] - 4.0) < 0.02, events[-1]
assert max(e.get("backlog_s", 0.0) for e in events) > 0.5
END
HEED_FAKE_SLOWNESS=5 run 0 "$HEED_FAKE" live --input short.wav --realtime \
    --backlog 1 -o json --record tape
has out '"gaps":[{"at_s":'
cp out wanted
run 0 "$HEED_FAKE" live --replay tape -o json
sed 's/"file":"[^"]*"/"file":"short.wav"/' out >replayed
same replayed wanted

# Asked to end, it finishes the sentence and ends well.
for signal in INT TERM HUP; do
    "$HEED_FAKE" live --input a.wav --realtime >out 2>err &
    pid=$!
    sleep 1.5
    kill -$signal $pid
    code=0
    wait $pid || code=$?
    [ $code -eq 0 ] || fail "exit $code after SIG$signal"
    has out "This is"
    has err "heard, "
done

# A second time, it ends at once.
HEED_FAKE_SLOWNESS=100 "$HEED_FAKE" live --input a.wav >out 2>err &
pid=$!
sleep 0.3
kill -INT $pid
sleep 0.2
kill -INT $pid
code=0
wait $pid || code=$?
[ $code -eq 130 ] || fail "exit $code after a second SIGINT"

# Whatever cannot be written, no committed word is lost: it ends when nothing
# works any more, and says what it had heard by then.
code=0
"$HEED_FAKE" live --input short.wav >&- 2>err || code=$?
[ $code -eq 4 ] || fail "exit $code for a closed output"
has err "heed: standard output: "
has err "heed: these words are not written:"
has err "heed: 0.050 This"
for format in "-o text" "-o json" "-o srt" --json; do
    code=0
    # shellcheck disable=SC2086 # two words
    "$HEED_FAKE" live --input short.wav $format >/dev/full 2>err || code=$?
    [ $code -eq 4 ] || fail "exit $code for a full disk: $format"
    has err "heed: standard output: No space left"
done
run 4 "$HEED_FAKE" live --input short.wav --output /dev/full
same out short.text
has err "heed: /dev/full: No space left"
code=0
"$HEED_FAKE" live --input short.wav --output kept.txt >/dev/full 2>err ||
    code=$?
[ $code -eq 4 ] || fail "exit $code for a full disk"
same kept.txt short.text
{
    sleep 0.2 # until the reader is gone
    "$HEED_FAKE" live --input a.wav --output kept.txt 2>err
    echo $? >code
} | true
while [ ! -s code ]; do sleep 0.1; done
[ "$(cat code)" -eq 4 ] || fail "exit $(cat code) for a closed pipe"
same kept.txt "$here/expected/text"

# The sound cannot be kept: the text goes on.
run 4 "$HEED_FAKE" live --input a.wav --save-audio /dev/full
same out "$here/expected/text"
has err "heed: /dev/full: "

# A tape for which the disk has no room is given up, and the user hears of it
# at once; what there is of it can be played.
rm err
(
    trap '' XFSZ
    ulimit -f 64
    exec "$HEED_FAKE" live --input a.wav --realtime --json --record full
) >out 2>err &
pid=$!
for _ in $(seq 100); do
    if [ -s err ]; then break; fi
    sleep 0.1
done
has err "heed: full: File too large; no more is recorded"
before=$(wc -l <out)
sleep 1
[ "$(wc -l <out)" -gt "$before" ] || fail "the session does not go on"
kill -INT $pid
code=0
wait $pid || code=$?
[ $code -eq 4 ] || fail "exit $code when the tape is full"
lines err 2
has out '"event":"end"'
run 0 "$HEED_FAKE" live --replay full
has out "This is"
run 4 "$HEED_FAKE" live --input a.wav --save-audio none/a.flac
has err "heed: none/a.flac: "
run 4 "$HEED_FAKE" live --input a.wav --output none/a.txt
has err "heed: none/a.txt: "
run 4 "$HEED_FAKE" live --input a.wav --record none/tape
has err "heed: none/tape: "

# The recording is not written over.
run 2 "$HEED_FAKE" live --input a.wav --output a.wav
has err "would be replaced"
run 2 "$HEED_FAKE" live --input a.wav --save-audio a.wav
has err "would be replaced"
finish
