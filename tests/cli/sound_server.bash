# sound_server.bash - a PulseAudio of the test's own. SPDX-License-Identifier: Apache-2.0
#
# Its only device is a null sink; what is played to it can be heard at its
# monitor, which is the default microphone.

# ALSA's plugins leak, and are unloaded before their names can be found.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

# start_server - or skip, where none can be started.
start_server() {
    local i
    command -v pulseaudio >/dev/null || skip "pulseaudio is not installed"
    command -v paplay >/dev/null || skip "pulseaudio-utils is not installed"
    export HOME="$work/home" XDG_RUNTIME_DIR="$work/run"
    export PULSE_SERVER="unix:$work/pulse"
    unset DISPLAY DBUS_SESSION_BUS_ADDRESS PULSE_SOURCE PULSE_SINK
    mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
    pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no \
        --log-target=stderr --load="module-native-protocol-unix \
        auth-anonymous=1 socket=$work/pulse" 2>server.log &
    server=$!
    trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
    for i in $(seq 50); do
        if pactl info >/dev/null 2>&1; then break; fi
        sleep 0.1
    done
    pactl info >/dev/null 2>&1 ||
        skip "pulseaudio does not start: $(tail -n 1 server.log)"
    load_sink
    "$HEED" devices >out 2>err ||
        skip "PortAudio finds no device; is libasound2-plugins installed?"
}

load_sink() {
    sink=$(pactl load-module module-null-sink sink_name=heed rate=48000) ||
        skip "no null sink: $(tail -n 1 server.log)"
}

unload_sink() { pactl unload-module "$sink"; }

# play FILE... - one after the other, with a pause behind each.
play() {
    local file
    for file in "$@"; do
        paplay --device=heed "$file" || fail "cannot play $file"
        sleep 1.5
    done
}

# wait_for FILE TEXT - until the file has it, twenty seconds at most.
wait_for() {
    local i
    for i in $(seq 200); do
        if grep -qF -- "$2" "$1" 2>/dev/null; then return; fi
        sleep 0.1
    done
    fail "'$2' does not appear in $1"
}

# end_live EXIT - asks the session $live to end.
end_live() {
    local code=0
    kill -INT "$live" 2>/dev/null
    wait "$live" || code=$?
    [ $code -eq "$1" ] || fail "exit $code instead of $1: heed live"
}
