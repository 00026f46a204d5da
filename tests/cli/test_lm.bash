# test_lm.bash - language models: compile and query. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

for command in lm "lm compile" "lm query"; do
    # shellcheck disable=SC2086
    run 0 "$HEED" $command --help
    is_empty err
    has out "usage: heed $command "
    has out "Examples:"
    [ "$(wc -L <out)" -le 80 ] || fail "help is wider than 80 columns"
done
run 0 "$HEED" help lm
has out "compile"

cat >in.arpa <<'END'
\data\
ngram 1=5
ngram 2=4

\1-grams:
-2	<unk>
-99	<s>	-0.5
-1	</s>
-0.75	hello	-0.25
-0.5	world

\2-grams:
-0.125	<s> hello
-0.25	hello world
-0.375	hello </s>
-0.0625	<s> world

\end\
END
run 0 "$HEED" lm compile in.arpa out.heedlm
is_empty out
is_empty err
run 0 "$HEED" lm compile -v -q 4 --backoff-bits 3 - again.heedlm <in.arpa
has err "heed: 5 1-grams"
has err "heed: 4 2-grams"
run 0 "$HEED" lm compile in.arpa -
same out out.heedlm

# -0.125 - 0.25 - 1; -0.5 - 2 - 0.5 - 1: world has no back-off.
printf 'Hello world\n\n  hey\tWORLD' >text
run 0 "$HEED" lm query -v out.heedlm text
is_empty err
cat >wanted <<'END'
-1.3750	0	Hello world
-4.0000	1	  hey	WORLD
sentences               2
words                   4
tokens                  6
unknown words           1 (25.00 %)
log10 probability       -5.3750
perplexity              7.87
perplexity, known only  3.76
END
same out wanted
run 0 "$HEED" lm query out.heedlm - <text
tail -n 7 wanted >totals
same out totals
run 0 "$HEED" lm query out.heedlm - </dev/null
has out "sentences               0"
lacks out perplexity

# What is there stays if the input is no good; nothing else is left.
cp out.heedlm before
sed 's/-0.25	hello world/0.25	hello world/' in.arpa >bad.arpa
run 1 "$HEED" lm compile bad.arpa out.heedlm
is_empty out
lines err 1
has err "heed: bad.arpa: line 14: log probability is above 0"
same out.heedlm before
run 1 "$HEED" lm compile missing.arpa new.heedlm
has err "heed: missing.arpa: "
run 1 "$HEED" lm compile . new.heedlm
has err "heed: .: "
[ ! -e new.heedlm ] || fail "a failed compile leaves a file"
run 4 "$HEED" lm compile in.arpa missing/new.heedlm
has err "heed: missing/new.heedlm: "
run 4 "$HEED" lm compile in.arpa /dev/full
[ -z "$(ls ./*.tmp 2>/dev/null)" ] || fail "temporary files are left"

run 3 "$HEED" lm query missing.heedlm text
lines err 1
run 3 "$HEED" lm query in.arpa text
has err "heed: in.arpa: not a compiled language model"
head -c 200 out.heedlm >short.heedlm
run 3 "$HEED" lm query short.heedlm text
has err "heed: short.heedlm: file ends early"
run 1 "$HEED" lm query out.heedlm missing
has err "heed: missing: "
run 1 "$HEED" lm query out.heedlm .

mistake() {
    local text=$1
    shift
    run 2 "$HEED" "$@"
    is_empty out
    lines err 2
    has err "heed: $text"
    has err "help"
}
mistake "no command for a language model" lm
mistake "unknown command 'lm bogus'" lm bogus
mistake "unknown option '--bogus'" lm --bogus
mistake "IN.arpa and OUT.heedlm are needed" lm compile in.arpa
mistake "'c' is too much" lm compile a b c
mistake "option '--bits': '1'" lm compile -q 1 a b
mistake "option '--backoff-bits': '17'" lm compile --backoff-bits 17 a b
mistake "option '--unknown': '1'" lm compile --unknown 1 a b
mistake "MODEL and FILE are needed" lm query out.heedlm
mistake "one text at a time" lm query a b c

# A model of another alphabet is no use, and that is told.
printf '%s\n' '\data\' 'ngram 1=4' '' '\1-grams:' $'-3\t<unk>' $'-99\t<s>' \
    $'-1\t</s>' $'-1\tмир' '' '\end\' >foreign.arpa
run 0 "$HEED" lm compile foreign.arpa foreign.heedlm
run 1 "$HEED" transcribe -m "$SOURCE/asr/models/heed-en.gguf" \
    --lm foreign.heedlm "$SOURCE/tools/examples/hello.wav"
lines err 1
has err "no word that begins with a letter from A to Z"
finish
