# test_jobs.bash - several files at a time. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

for i in 1 2 3 4 5 6; do
    "$MAKE_AUDIO" silence $i.wav $((9 - i)) || exit 1
done
head -c 100000 2.wav >cut.wav
files=(missing.wav 1.wav cut.wav 2.wav 3.wav 4.wav - none.wav 5.wav 6.wav)

# Whoever is ready first, the output is the same, and so is what is told. A slow
# recogniser lets the shorter files overtake the longer ones.
for format in text json; do
    run 1 "$HEED_FAKE" transcribe -o $format "${files[@]}" <1.wav
    cp out wanted
    cp err wanted_err
    lines err 3
    for n in 2 3 20; do
        HEED_FAKE_SLOWNESS=0.02 run 1 "$HEED_FAKE" transcribe -o $format \
            --jobs $n "${files[@]}" <1.wav
        same out wanted
        same err wanted_err
    done
done
run 1 "$HEED_FAKE" transcribe -o json -j 4 --output kept "${files[@]}" <1.wav
is_empty out
same kept wanted
run 0 "$HEED_FAKE" transcribe -v -j 3 1.wav 2.wav 3.wav
[ "$(grep -o '[123].wav' err | tr -d '\n')" = 1.wav1.wav2.wav2.wav3.wav3.wav ] ||
    fail "what is told is out of order"

# Where nothing can be written all of them end.
for n in 1 3; do
    code=0
    HEED_FAKE_SLOWNESS=0.1 "$HEED_FAKE" transcribe -j $n [1-6].wav >/dev/full \
        2>err || code=$?
    [ $code -eq 4 ] || fail "exit $code for a full disk"
    lines err 1
done

# Interrupted, it writes what was committed of all that it had begun.
HEED_FAKE_SLOWNESS=1 "$HEED_FAKE" transcribe -o json -j 3 [1-6].wav \
    >out 2>err &
pid=$!
sleep 2.5
kill -INT $pid
code=0
wait $pid || code=$?
[ $code -eq 130 ] || fail "exit $code after SIGINT"
has err "heed: interrupted"
lines err 1
lines out 3
[ "$(grep -c '"interrupted":true' out)" -eq 3 ] || fail "no word that it ended"
[ "$(grep -c '"text":"This is' out)" -eq 3 ] || fail "words are missing"

# A read that waits ends, too.
mkfifo pipe
{ cat 1.wav; sleep 20; } >pipe &
feeder=$!
"$HEED_FAKE" transcribe -j 3 - 1.wav 2.wav <pipe >out 2>err &
pid=$!
sleep 1
kill -INT $pid
code=0
wait $pid || code=$?
[ $code -eq 130 ] || fail "exit $code after SIGINT while it reads"
kill $feeder
has out "This is"

run 2 "$HEED_FAKE" transcribe -j 0 1.wav
has err "heed: option '--jobs': '0' is not a number from 1 to 1024"
finish
