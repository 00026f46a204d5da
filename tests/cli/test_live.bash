# test_live.bash - live sessions without a microphone. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

# heard FILE - the summary is the only line, and nothing was lost.
heard_all() {
    lines "$1" 1
    has "$1" "heard, "
    has "$1" "nothing lost"
}

"$MAKE_AUDIO" silence a.wav 25 || exit 1
"$MAKE_AUDIO" noise short.wav 3 0.2 || exit 1

# As `heed transcribe` in every format, on stdout and in a file.
for format in text json srt; do
    run 0 "$HEED_FAKE" live --input a.wav -o $format
    heard_all err
    same out "$here/expected/$format"
    run 0 "$HEED_FAKE" live -q --input a.wav -o $format --output f.$format
    is_empty err
    same out "$here/expected/text"
    same f.$format "$here/expected/$format"
done
run 0 "$HEED_FAKE" live --input a.wav --json --output f.text
python3 "$here/check_events.py" out "$here/expected/text" || fail "odd events"
same f.text "$here/expected/text"
has out '"event":"status"'

# A file takes its place at once, and grows.
mkfifo pipe
"$HEED_FAKE" live -q --input short.wav --realtime --output grows.txt >pipe &
pid=$!
head -c 4 <pipe >/dev/null
[ "$(head -c 4 grows.txt)" = "This" ] || fail "the file did not grow"
wait $pid

# What is saved is what was heard.
run 0 "$HEED_FAKE" live --input short.wav --save-audio saved.flac
"$MAKE_AUDIO" convert short.wav wanted.raw 16000 1 || exit 1
"$MAKE_AUDIO" convert saved.flac saved.raw 16000 1 || exit 1
same saved.raw wanted.raw

# Played again, a session gives the same events, bit for bit.
run 0 "$HEED_FAKE" live --input short.wav --realtime --json --record tape
heard_all err
cp out wanted
cp err wanted_err
run 0 "$HEED_FAKE" live --replay tape --json
same out wanted
same err wanted_err
[ "$(stat -c %s tape/samples.f32)" -eq $((3 * 16000 * 4)) ] ||
    fail "not all samples are on the tape"
run 4 "$HEED_FAKE" live --input short.wav --record tape
has err "heed: tape/session.txt: "

# A tape that was broken off, or is damaged.
mkdir broken
head -n 60 tape/session.txt >broken/session.txt
cp tape/samples.f32 broken
run 0 "$HEED_FAKE" live --replay broken --json
run 1 "$HEED_FAKE" live --replay missing
has err "heed: missing/session.txt: "
echo "a tape" >broken/session.txt
run 1 "$HEED_FAKE" live --replay broken
has err "heed: broken/session.txt: line 1: "
{ head -n 60 tape/session.txt; echo "b 99999 0 0"; } >broken/session.txt
run 1 "$HEED_FAKE" live --replay broken
has err "heed: broken/session.txt: line 61: "
for line in "b 10 99999999999999999999 0" "s 1 2" "s 1 2 3 4" "b -1 0 0" x; do
    { head -n 60 tape/session.txt; echo "$line"; } >broken/session.txt
    run 1 "$HEED_FAKE" live --replay broken
    has err "heed: broken/session.txt: line 61: "
done

# A file at the speed it was spoken at takes as long as it is.
start=$(date +%s%N)
run 0 "$HEED_FAKE" live --input short.wav --realtime
passed_ms=$((($(date +%s%N) - start) / 1000000))
[ $passed_ms -ge 2950 ] || fail "3 s took only $passed_ms ms"

# A day's sound, as fast as it can be heard, takes no more memory than an
# hour's. The file is a hole. A byte a second more would be 81 KiB, one a hop
# 8 MiB; the kernel itself counts a process's pages to some 256 KiB only.
python3 - <<'END'
import struct
for hours in 1, 24:
    n = hours * 3600 * 8000
    with open(f"{hours}.wav", "wb") as f:
        f.write(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + n, b"WAVE",
                            b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", n))
        f.truncate(44 + n)
END
peak_kb() {
    python3 - "$@" <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=open("day.out", "wb"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
}
hour=$(peak_kb "$HEED_FAKE" live -q --input 1.wav --json --output hour.txt)
day=$(peak_kb "$HEED_FAKE" live -q --input 24.wav --json --output day.txt)
echo "peak memory: $hour KiB for an hour, $day KiB for a day"
[ $((day - hour)) -le 1024 ] || fail "memory grows: $hour, $day KiB"
tail -n 1 day.out | grep -qF '"heard_s":86400.000' || fail "the day is shorter"
tail -n 2 day.out | head -n 1 | grep -qF '"event":"final"' || fail "no final"

finish
