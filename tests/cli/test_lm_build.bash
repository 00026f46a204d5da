# test_lm_build.bash - language models from texts. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

run 0 "$HEED" lm build --help
is_empty err
has out "usage: heed lm build [OPTION...] TEXT..."
[ "$(wc -L <out)" -le 80 ] || fail "help is wider than 80 columns"

printf 'how are you\nhow is it\n\nhow are 2 of you\n' >text
run 0 "$HEED" lm build -n 2 -o model.arpa text
is_empty out
has err "heed: warning: language model: order 1: too few or odd counts"
has err "sentences    3"
has err "words        11"
has err "unknown      1, of which 1 are not of A-Z and ' only"
has err "order 1      9 n-grams, discounts 0.5000 1.0000 1.5000"
has err "order 2      10 n-grams, discounts 0.6364 1.0455 3.0000"
has model.arpa "ngram 2=10"
has model.arpa "HOW ARE"
cp model.arpa expected.arpa

# All ways in and out are the same.
run 0 "$HEED" lm build -q -n 2 text
is_empty err
same out expected.arpa
run 0 "$HEED" lm build -q -n 2 - <text
same out expected.arpa
run 0 "$HEED" lm build -q -n 2 --memory 1 --temp . text
same out expected.arpa
run 0 "$HEED" lm build -q -n 2 --cutoff 0 --prune 0 --min-count 1 text
same out expected.arpa
cat text text >twice
run 0 "$HEED" lm build -q -n 2 twice
cp out expected.arpa
run 0 "$HEED" lm build -q -n 2 --weight 2 text
same out expected.arpa
run 0 "$HEED" lm build -q -n 2 text text
same out expected.arpa

# What is left out.
run 0 "$HEED" lm build -q -n 3 --cutoff 0,1 text
has out "ngram 2=3"
has out "ngram 3=1"
run 0 "$HEED" lm build -q --max-words 1 text
has out "ngram 1=4"
echo never >words
run 0 "$HEED" lm build -q --vocabulary words text
has out "NEVER"
lacks out "HOW"
run 0 "$HEED" lm build -n 2 --prune 0.1 -o out text
has err "n-grams of 10, discounts"
has out "ngram 2=0"

# What is built can be compiled and asked.
run 0 "$HEED" lm build -q -n 4 -o model.arpa text
run 0 "$HEED" lm compile model.arpa model.heedlm
run 0 "$HEED" lm query model.heedlm text
has out "unknown words           1 "

# What fails leaves what was there.
echo precious >model.arpa
run 1 "$HEED" lm build -o model.arpa missing
has err "heed: missing: No such file or directory"
lines err 1
run 1 "$HEED" lm build -o model.arpa /dev/null
has err "heed: language model: the text is empty"
run 1 "$HEED" lm build -o model.arpa --vocabulary text text
has err "heed: text: line 1: not one word of letters and apostrophes"
run 1 "$HEED" lm build -o model.arpa --min-count 99 text
has err "heed: language model: the vocabulary is empty"
has model.arpa "precious"
[ -z "$(find . -name '*.tmp')" ] || fail "a temporary file is left"
run 4 "$HEED" lm build -o missing/model.arpa text
has err "heed: missing/model.arpa: No such file or directory"
if [ -e /dev/full ]; then
    "$HEED" lm build -q text >/dev/full 2>err
    [ $? -eq 4 ] || fail "a full disk is not told by the exit code"
    has err "No space left on device"
    lines err 1
fi

# Whoever ends it finds nothing left behind, and the old model as it was.
mkfifo endless
sleep 60 >endless &
writer=$!
for signal in INT TERM HUP; do
    "$HEED" lm build -q -o model.arpa endless 2>err &
    builder=$!
    for _ in $(seq 300); do
        [ -n "$(find . -name 'model.arpa.*.tmp')" ] && break
        sleep 0.02
    done
    [ -n "$(find . -name 'model.arpa.*.tmp')" ] || fail "no file to leave"
    sleep 0.1
    kill -$signal $builder
    code=0
    wait $builder || code=$?
    [ $code -eq 130 ] || fail "exit $code after SIG$signal"
    [ -z "$(find . -name '*.tmp')" ] || fail "SIG$signal leaves a file"
    has model.arpa "precious"
done
kill $writer

mistake() {
    local text=$1
    shift
    run 2 "$HEED" lm build "$@"
    is_empty out
    lines err 2
    has err "heed: $text"
    has err 'heed lm build --help'
}
mistake "no text to build a language model from"
mistake "--output would replace the text" -o text text
mistake "option '--order': '7' is not a number from 1 to 6" -n 7 text
mistake "option '--weight': '0' is not" --weight 0 text
mistake "option '--max-words': '0' is not" --max-words 0 text
mistake "option '--min-count': 'x' is not a number" --min-count x text
mistake "option '--memory': '0' is not" --memory 0 text
mistake "option '--prune': '1' is not a number from 0 to 0.1" --prune 1 text
for list in 1 0,2,1 0,, 0,x , 0,0,0,0,0,0,0 ""; do
    mistake "option '--cutoff': '$list' is not a list as 0,0,1" \
        --cutoff "$list" text
done
finish
