# test_live_devices.bash - every fault that a device can have. SPDX-License-Identifier: Apache-2.0
#
# fake_portaudio.c has the devices and their faults.
. "$SOURCE/tests/cli/common.bash"
model="$SOURCE/asr/models/heed-en.gguf"
# A sanitizer wants to be loaded first, and need not be.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"

# with FAULT COMMAND... - runs it with devices that have the fault.
with() {
    local fault=$1
    shift
    env "$PRELOAD" HEED_FAKE_FAULT="$fault" "$@"
}

with "" "$HEED" devices >out 2>err
grep -q "Fake Microphone" out || skip "PortAudio is not a shared library here"
lines out 3
is_empty err
grep -q '^\*      1   48000 Hz         2  Fake Audio        Fake Microphone$' out ||
    fail "odd list of devices"
run 0 with "" "$HEED" devices --json
python3 -m json.tool --json-lines out >/dev/null || fail "not JSON Lines"
has out '"name":"Fake Line"'

# refused FAULT LINE [ARGUMENT...] - it says why, in that line alone, and ends.
refused() {
    local fault=$1 line=$2
    shift 2
    run 1 with "$fault" "$HEED" live -m "$model" "$@"
    is_empty out
    lines err 1
    has err "heed: $line"
}
for command in "live -m $model" "devices" "devices --json"; do
    for fault in "system no sound system: " "none there is no microphone"; do
        # shellcheck disable=SC2086 # several words
        run 1 with "${fault%% *}" "$HEED" $command
        is_empty out
        lines err 1
        has err "heed: ${fault#* }"
    done
done
at="Fake Microphone: cannot be opened at 48000 Hz: "
refused default "no microphone is the default one; there is 1 'Fake Microphone'"
refused busy "${at}it is busy, gone or not allowed"
refused denied "${at}it is busy, gone or not allowed"
refused rate "${at}it refuses the sample rate"
refused rate "Fake Line: cannot be opened at 44100 Hz: it refuses the sample" \
    --device line --rate 44100
refused channels "${at}it refuses the number of channels"
refused host "${at}Input/output error"
refused host-mute "${at}the sound system does not say why"
refused start "Fake Microphone: cannot be started: it is busy, gone or not"
refused "" "there is no microphone number 0" --device 0
refused "" "'fake' is a part of several names: 1 'Fake Microphone', 2 'Fake" \
    --device fake
refused "" "Fake Line: has 1 channel, not 2" --device line --channel 2
run 1 with busy "$EXAMPLE_MICROPHONE" "$model"
is_empty out
has err "Fake Microphone: cannot be opened"
run 0 with default "$HEED" devices
lacks out '*'

# hear FAULT [ARGUMENT...] - begins a session whose recogniser "hears" words in
# silence, and waits for the first.
hear() {
    local fault=$1
    shift
    env "$PRELOAD" HEED_FAKE_FAULT="$fault" \
        "$HEED_FAKE" live --json --output live.txt "$@" >events 2>err &
    live=$!
    wait_for events '"committed":[{'
}

# ends EXIT [--gaps] - by itself or, if all is well, because it is asked to.
ends() {
    local code=0
    if [ "$1" -eq 0 ]; then kill -INT $live; fi
    wait $live || code=$?
    [ $code -eq "$1" ] || fail "exit $code instead of $1"
    shift
    python3 "$here/check_events.py" events live.txt "$@" || fail "odd events"
    has live.txt "This"
}

wait_for() {
    local i
    for i in $(seq 200); do
        if grep -qF -- "$2" "$1" 2>/dev/null; then return; fi
        sleep 0.1
    done
    fail "'$2' does not appear in $1"
}

# gap LEAST MOST CAUSE - there is one, of so many seconds (-1: unknown).
gap() {
    python3 - "$@" <<'END' || fail "odd gap"
import json, sys
gaps = [e for e in map(json.loads, open("events")) if e["event"] == "gap"]
print(gaps)
least, most, cause = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
assert len(gaps) == 1 and gaps[0]["cause"] == cause
lost_s = gaps[0]["lost_s"]
assert least <= (-1.0 if lost_s is None else lost_s) <= most
assert gaps[0]["at_s"] >= gaps[0]["start_s"] + (lost_s or 0.0)
END
}

# It goes away: an end with all words.
for fault in gone broken; do
    hear $fault
    ends 1
    lines err 2
    has err "heed: Fake Microphone: the device is gone"
    has err "nothing lost"
done

# It comes back, not at the first attempt.
hear gone --reconnect --record tape
wait_for err "heed: warning: waiting for the device to come back"
wait_for err "heed: warning: Fake Microphone: is back"
wait_for events '"event":"gap"'
sleep 2
ends 0 --gaps
gap 2 20 device
has live.txt " of sound lost at 0:00:01"
has err " s lost in 1 gap"
cp events wanted
run 0 "$HEED_FAKE" live --replay tape --json
same out wanted

# It delivers nothing any more, or never does.
hear mute
ends 1
lines err 2
has err "heed: Fake Microphone: it has delivered nothing for 5 s"
run 1 with never "$HEED_FAKE" live
is_empty out
lines err 2
has err "heed: Fake Microphone: it has delivered nothing for 5 s"

# The system has lost some and does not say how much: marked, and on it goes.
hear overflow
wait_for events '"event":"gap"'
sleep 1
kill -INT $live
wait $live || fail "exit $?"
gap -1 -1 system
has live.txt "[some sound lost at 0:00:01.0]"
lines err 1
has err " some sound lost in 1 gap"
finish
