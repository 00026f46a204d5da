# test_live_overload.bash - a machine that falls behind. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

# chunks FILE - the chunks that a session had, each change of them.
chunks() {
    python3 - "$1" <<'END'
import json, sys
seen = [e["chunk_frames"] for e in map(json.loads, open(sys.argv[1]))
        if e["event"] == "status"]
print(*[n for i, n in enumerate(seen) if i == 0 or n != seen[i - 1]])
END
}

# It is about time: of no use where four seconds of waiting take much more.
"$MAKE_AUDIO" silence four.wav 4 || exit 1
start=$(date +%s%N)
HEED_FAKE_SLOWNESS=1 "$HEED_FAKE" live -q --input four.wav >/dev/null
passed_ms=$((($(date +%s%N) - start) / 1000000))
[ $passed_ms -lt 4600 ] || skip "this machine is too busy: $passed_ms ms"

# Stopped for a while, it catches up with bigger chunks, and when it has
# had little to catch up with for a minute it is as before. Seen at the end.
"$MAKE_AUDIO" silence long.wav 80 || exit 1
"$HEED_FAKE" live --input long.wav --realtime --json --record long.tape \
    >long.events 2>long.err &
long=$!
sleep 2
kill -STOP $long
sleep 4
kill -CONT $long

# Too slow for the usual chunks: without bigger ones it would lose sound.
"$MAKE_AUDIO" silence short.wav 12 || exit 1
"$HEED_FAKE" live -q --input short.wav >text || exit 1
HEED_FAKE_SLOWNESS=1.3 run 0 "$HEED_FAKE" live --input short.wav --realtime \
    --backlog 1.5 --json --record tape --output live.txt
has err "nothing lost"
same live.txt text
[ "$(chunks out)" = "0 27" ] || fail "odd chunks: $(chunks out)"
cp out wanted
run 0 "$HEED_FAKE" live --replay tape --json
same out wanted

# Far too slow: it loses what it must, and says so.
HEED_FAKE_SLOWNESS=6 run 0 "$HEED_FAKE" live --input short.wav --realtime \
    --backlog 2 --json --output live.txt
has err " s lost in "
[ "$(grep -c '"event":"gap"' out)" -lt 30 ] || fail "many short gaps"
case "$(chunks out)" in *54) ;; *) fail "odd chunks: $(chunks out)" ;; esac

# The real one: what is on the tape is heard again to the bit, with chunks that
# change in mid-word, and changing them changes something.
model="$SOURCE/asr/models/heed-en.gguf"
run 0 "$HEED" live -q -m "$model" --json --record real \
    --input "$SOURCE/tools/examples/hello.wav"
cp out usual
n_lines=$(wc -l <real/session.txt)
awk -v at=$((n_lines / 3)) 'NR == at { print "c 54" }
    NR == 2 * at { print "c 0" } { print }' real/session.txt >changed
mv changed real/session.txt
run 0 "$HEED" live -q -m "$model" --replay real --json
cmp -s out usual && fail "bigger chunks changed nothing"
cp out wanted
run 0 "$HEED" live -q -m "$model" --replay real --json
same out wanted
has out '"chunk_frames":54'
errors=$("$HEED" live -q -m "$model" --replay real >heard.txt &&
    python3 "$here/count_errors.py" "$SOURCE/tools/examples/hello.txt" heard.txt)
[ "$errors" -le 2 ] || fail "$errors words are wrong"
for line in "c" "c x" "c 1 2"; do
    { head -n 40 real/session.txt; echo "$line"; } >broken
    mkdir -p bad && mv broken bad/session.txt && cp real/samples.f32 bad
    run 1 "$HEED_FAKE" live --replay bad
    has err "heed: bad/session.txt: line 41: "
done

wait $long || fail "exit $?"
has long.err "nothing lost"
# The biggest are left out if it catches up while the sound is still coming in.
case "$(chunks long.events)" in
"0 54 27 0" | "0 27 0") ;;
*) fail "odd chunks: $(chunks long.events)" ;;
esac
run 0 "$HEED_FAKE" live --replay long.tape --json
same out long.events
finish
