# test_live_capture.bash - speech through a real microphone's way. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"
. "$SOURCE/tests/cli/sound_server.bash"
unset HEED_MODEL
start_server

# The devices, and how to name one.
has out "number  rate"
grep -Eq '^\* +[0-9]+ +[0-9]+ Hz +[0-9]+  ALSA +default$' out ||
    fail "no default device"
is_empty err
run 0 "$HEED" devices --json
python3 -m json.tool --json-lines out >/dev/null || fail "not JSON Lines"
number=$(python3 -c 'import json
for line in open("out"):
    device = json.loads(line)
    if device["name"] == "pulse":
        print(device["number"])')

# hear ARGUMENT... - begins a session and waits until it hears.
hear() {
    "$HEED" live --json --output live.txt "$@" >events 2>err &
    live=$!
    wait_for events '"event":"status"'
}
# More than the bundled recording where there is more, unless the recogniser is
# so slow, as with a sanitizer, that it would not keep up.
recordings=("$SOURCE/tools/examples/hello.wav")
speech="$SOURCE/../shared/speech"
start=$(date +%s%N)
"$HEED" transcribe -q --latency live "${recordings[0]}" >out
passed_ms=$((($(date +%s%N) - start) / 1000000))
[ $passed_ms -lt 4000 ] || skip "the recogniser is too slow here: $passed_ms ms"
if [ -r "$speech/dev.tsv" ] && [ $passed_ms -lt 2500 ]; then
    mapfile -t others < <(awk -F'\t' -v root="$speech" '
        $2 ~ /^(ls|cv)$/ && $5 > 3 && $5 < 8 && n++ < 5 {
            print root "/" $4 }' "$speech/dev.tsv")
    recordings+=("${others[@]}")
fi

# What was said comes through whole, and is heard as in the recordings; what
# sounds the same may be written otherwise, since chunks fall elsewhere.
hear --save-audio heard.flac --record tape
play "${recordings[@]}"
end_live 0
lines err 1
has err "nothing lost"
"$MAKE_AUDIO" convert "${recordings[0]}" part.wav 8000 1 || exit 1
"$MAKE_AUDIO" convert heard.flac whole.wav 8000 1 || exit 1
python3 "$here/check_sound.py" part.wav whole.wav || fail "sound is missing"
"$HEED" transcribe --latency live "${recordings[@]}" |
    grep -v '^==>' >wanted.txt
errors=$(python3 "$here/count_errors.py" wanted.txt live.txt)
n_words=$(wc -w <wanted.txt)
echo "${#recordings[@]} recordings: $errors of $n_words words differ"
[ $((errors * 2)) -le "$n_words" ] || fail "$errors of $n_words words differ"
python3 "$here/check_events.py" events live.txt || fail "odd events"

# Exactly what it is in the sound that was kept.
run 0 "$HEED" transcribe --latency live heard.flac
same out live.txt

# Played again, the same events.
run 0 "$HEED" live --replay tape --json
same out events

# Delays of the words through this way, for who reads the log.
python3 "$here/measure_delays.py" events

# The example program, which is short, hears the same; Enter ends it.
[ "$(wc -l <"$SOURCE/tools/examples/microphone.c")" -le 60 ] ||
    fail "the example is longer than 60 lines"
mkfifo keys
"$EXAMPLE_MICROPHONE" "$SOURCE/asr/models/heed-en.gguf" <keys >out 2>err &
live=$!
exec 3>keys
sleep 3
play "${recordings[0]}"
echo >&3
exec 3>&-
code=0
wait $live || code=$?
[ $code -eq 0 ] || fail "exit $code of the example"
errors=$(python3 "$here/count_errors.py" \
    "$SOURCE/tools/examples/hello.txt" out)
[ "$errors" -le 5 ] || fail "$errors words are wrong in the example"

# By number, by name, by a part of one, by channel and rate.
for arguments in "--device $number" "--device pulse" "--device PUL" \
    "--channel 2" "--rate 16000 --channel 1"; do
    # shellcheck disable=SC2086 # several words
    hear $arguments
    end_live 0
    lines err 1
done
run 1 "$HEED" live --device 999
has err "heed: there is no microphone number 999"
run 1 "$HEED" live --device bogus
has err "heed: there is no microphone called 'bogus'"
run 1 "$HEED" live --device u
has err "is a part of several names: "
run 1 "$HEED" live --channel 64
has err "channel"
lines err 1
finish
