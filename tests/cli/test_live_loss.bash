# test_live_loss.bash - the device goes away, or sound gets lost. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"
. "$SOURCE/tests/cli/sound_server.bash"
start_server

# hear ARGUMENT... - begins a session and waits until it hears. The recogniser
# is not the real one: it "hears" words in silence.
hear() {
    "$HEED_FAKE" live --json --output live.txt "$@" >events 2>err &
    live=$!
    wait_for events '"committed":[{'
}

# gap LEAST MOST CAUSE - there is one gap, of so many seconds.
gap() {
    python3 - "$@" <<'END' || fail "odd gap"
import json, sys
gaps = [e for e in map(json.loads, open("events")) if e["event"] == "gap"]
print(gaps)
least, most, cause = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
assert len(gaps) == 1 and gaps[0]["cause"] == cause
assert least <= gaps[0]["lost_s"] <= most
END
    has live.txt "s of sound lost at 0:00:"
    has err " s lost in 1 gap"
}

# Without --reconnect: an end, with the words that were heard.
hear
unload_sink
code=0
wait $live || code=$?
[ $code -eq 1 ] || fail "exit $code when the device went away"
has err "heed: default: the device is gone"
lines err 2
has live.txt "This is"
python3 "$here/check_events.py" events live.txt || fail "odd events"

# With it: a gap, and more words.
load_sink
hear --reconnect --record tape
unload_sink
wait_for err "waiting for the device to come back"
before=$(wc -w <live.txt)
sleep 2
load_sink
wait_for err "heed: warning: default: is back"
wait_for events '"event":"gap"'
sleep 2
end_live 0
gap 2 20 device
[ "$(wc -w <live.txt)" -gt $((before + 8)) ] || fail "no words after the gap"
cp events wanted
run 0 "$HEED_FAKE" live --replay tape --json
same out wanted

# Asked to end while it waits.
hear --reconnect
unload_sink
wait_for err "waiting for the device to come back"
end_live 0
has live.txt "This is"
load_sink

# Stopped for longer than the sound server keeps what it cannot deliver: it
# drops sound without a word, and the clock finds out.
hear
kill -STOP $live
sleep 18
kill -CONT $live
wait_for events '"event":"gap"'
end_live 0
gap 1 18 system

# Stopped for a moment: nothing is lost.
hear
kill -STOP $live
sleep 1
kill -CONT $live
sleep 3
end_live 0
has err "nothing lost"

# The server itself goes away.
hear
kill $server
code=0
wait $live || code=$?
[ $code -eq 1 ] || fail "exit $code when the server went away"
has err "the device is gone"
run 1 "$HEED_FAKE" live
has err "heed: "
lines err 1
finish
