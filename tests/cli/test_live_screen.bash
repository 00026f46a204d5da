# test_live_screen.bash - heed live on a terminal, which is tmux. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

command -v tmux >/dev/null || skip "tmux is not installed"
n_windows=0
mux() { tmux -L "heed-$$-$n_windows" -f /dev/null "$@"; }
trap 'mux kill-server 2>/dev/null; rm -rf "$work"' EXIT
export LANG=C.UTF-8 TERM=xterm
unset NO_COLOR

# open_window COLUMNS ROWS - an empty window with a shell.
open_window() {
    mux kill-server 2>/dev/null
    n_windows=$((n_windows + 1)) # a server needs a while to end
    mux new-session -d -x "$1" -y "$2" "PS1='$ ' sh" || skip "tmux cannot start"
}
# What is typed is seen, too: so a word to wait for is typed in two pieces.
type_line() { mux send-keys "$1" Enter; }
look() { mux capture-pane -p "$@" >out; }

# wait_for TEXT [OPTION...] - until the window shows it, ten seconds at most.
wait_for() {
    local text=$1 i
    shift
    for i in $(seq 100); do
        look "$@"
        if grep -qF -- "$text" out; then return; fi
        sleep 0.1
    done
    fail "'$text' does not appear"
}

# fits COLUMNS - no row is longer, and the status is in the last one.
fits() {
    [ "$(wc -L <out)" -le "$1" ] || fail "a row is longer than $1"
    tail -n 1 out | grep -Eq '^ 0:00:[0-9]{2}' || fail "no status in the end"
}

"$MAKE_AUDIO" noise noise.wav 14 0.1 || exit 1
"$HEED_FAKE" live -q --input noise.wav >text || exit 1
live="$HEED_FAKE live --input noise.wav"

# Wide: committed words, a tentative one that is dim, the status.
open_window 100 10
type_line "$live --realtime"
wait_for "This is the first sentence. Here comes"
fits 100
has out "[#####.....] -25 dB  delay 0."
has out "lost 0 s"
look -e
grep -qF "$(printf '\033[2mWRONG')" out || fail "tentative words are not dim"

# Narrow, while it goes on: wrapped anew.
mux resize-window -x 34 -y 8
wait_for "comes a na"
sed -n 1p out | grep -qx "This is the first sentence. Here" ||
    fail "not wrapped anew"
fits 34
mux resize-window -x 70 -y 5
wait_for 'This is the first sentence. Here comes a naïve "one" with a back\'
fits 70

# Ctrl-C: the text stays, the status goes, keys are shown again.
mux send-keys C-c
wait_for "heed: 0:00:"
look
has out "This is the first sentence."
lacks out "dB"
type_line "stty -a | grep -q ' echo ' && echo KEYS SHO''WN"
wait_for "KEYS SHOWN"

# Lines that leave a small window can be scrolled back to, each once.
open_window 24 4
type_line "clear; HEED_FAKE_SLOWNESS=0.1 $live; echo REA''DY"
wait_for READY
look -S - -J
sed -n '/^This is/,/^heed: /p' out | grep -v "^heed: " | tr -s ' \n' '\n' |
    sed '/^$/d' >scrolled
tr -s ' \n' '\n' <text | sed '/^$/d' >words
python3 - <<'END' || fail "scrolled text differs"
# The long word is cut into lines.
scrolled = "".join(open("scrolled", encoding="utf-8").read().split())
assert scrolled == "".join(open("words", encoding="utf-8").read().split())
END

# Colours by confidence, on request; not where nobody wants colours.
open_window 80 10
type_line "HEED_FAKE_SLOWNESS=0.1 $live --confidence"
wait_for "nothing lost"
look -e
grep -qF "$(printf '\033[33m')" out || fail "no colour"
open_window 80 10
type_line "NO_COLOR=1 HEED_FAKE_SLOWNESS=0.1 $live --confidence"
wait_for "nothing lost"
look -e
if grep -qF "$(printf '\033[33m')" out; then fail "colour"; fi

# What is lost is shown at once, and in the text.
open_window 80 12
type_line "HEED_FAKE_SLOWNESS=5 $live --realtime --backlog 1"
wait_for "s of sound lost at 0:00:0"
wait_for " LOST "
has out " BEHIND "

# A second Ctrl-C leaves at once and as it was.
mux send-keys C-c
sleep 0.2
mux send-keys C-c
type_line ""
type_line "echo CODE \$?; stty -a | grep -q ' echo ' && echo KEYS SHO''WN"
wait_for "KEYS SHOWN"
has out "CODE 130"

# Plain words where somebody wants them.
open_window 80 10
type_line "HEED_FAKE_SLOWNESS=0.1 $live --plain"
wait_for "nothing lost"
lacks out "dB"
finish
