# test_eval.bash - scoring transcripts that are there. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

for command in eval "eval normalise"; do
    # shellcheck disable=SC2086
    run 0 "$HEED" $command --help
    is_empty err
    has out "usage: heed $command "
    has out "Examples:"
    [ "$(wc -L <out)" -le 80 ] || fail "help is wider than 80 columns"
done

cat >ref.trn <<'END'
;; a comment
the cat sat on the mat (ann-1)
hello { big / @ } world (ann-2)
A B c (bob-1)
END
cat >hyp.trn <<'END'
the bat sat the mat now (ann-1)
hello world (ann-2)
a b C (bob-1)
END
cat >other.trn <<'END'
the cat sat on the mat (ann-1)
hello small world (ann-2)
a b (bob-1)
END
run 0 "$HEED" eval --ref ref.trn --hyp hyp.trn --bootstrap 0
is_empty err
cat >wanted <<'END'
Word error rate
  system   utts  words  WER %  sub  del  ins  CER %  SER %
  hyp.trn     3     11  27.27    1    1    1  20.00  33.33
  Normalisation: case, version 1.
END
head -n 4 out >first
same first wanted
has out "Substitutions
  reference  heard  times
  cat        bat        1"
run 0 "$HEED" eval -r ref.trn -y hyp.trn -y other.trn -n none -f md
has out "| hyp.trn | 3 | 11 | 54.55 |"
has out "## Compared with the first"
run 0 "$HEED" eval -r ref.trn -y hyp.trn -f pra
cat >wanted <<'END'
System name: hyp.trn

id: (ann-1)
Scores: (#C #S #D #I) 4 1 1 1
REF:  the CAT sat ON  the mat ***
HYP:  the BAT sat *** the mat NOW
Eval:     S       D           I  

END
head -n 8 out >first
same first wanted
run 0 "$HEED" eval -r ref.trn -y hyp.trn -f tsv -o out.tsv
is_empty out
has out.tsv "$(printf 'hyp.trn\tspeaker\tann\t2\t8\t6\t1\t1\t1\t37.5000')"
run 0 "$HEED" eval -r ref.trn -y hyp.trn -y other.trn -f json
python3 - <<'END' || fail "json"
import json
out = json.load(open("out"))
assert out["normalisation"] == "case" and out["normalisation_version"] == 1
total = out["systems"][0]["total"]
assert total["words"]["reference"] == 11, total
assert abs(total["wer"] - 3 / 11) < 1e-6, total
assert out["systems"][0]["speakers"]["bob"]["wer"] == 0
assert out["compared_with_first"][0]["utterances"] == 3
END

# The other formats.
printf 'u1 a b c\nu2\n' >text
printf 'u1 1 0.0 0.5 a 0.9\nu1 1 0.5 0.5 c 0.5\n' >hyp.ctm
run 1 "$HEED" eval -r text -y hyp.ctm
has err "heed: warning: hyp.ctm: 1 x empty reference, scored"
has err "heed: warning: hyp.ctm: 1 x no hypothesis, scored as deletions"
has out "hyp.ctm     2      3  33.33    0    1    0"
has out "0.9 - 1.0       1            0.900    1.000"
printf 'a b\n\nc\n' >ref.txt
printf 'a b\n\nd\n' >hyp.txt
run 0 "$HEED" eval -q -r ref.txt -y hyp.txt
is_empty err
has out "hyp.txt     3      3  33.33    1    0    0"
printf 'x => y\n' >rules
run 0 "$HEED" eval -r ref.trn -y hyp.trn --rules rules
has out "Normalisation: case, version 1, then the rules in rules."

# What is wrong is told once, with its place.
wrong() {
    local text=$1
    shift
    run 1 "$HEED" eval "$@"
    is_empty out
    lines err 1
    has err "heed: $text"
}
wrong "missing.trn: No such file" -r missing.trn -y hyp.trn
wrong "rules: of what format?" -r rules -y hyp.trn
wrong "rules: line 1: no (id) at the end" -r ref.trn -y rules \
    --hyp-format trn
wrong "normalisation case@9: this program has version 1" -r ref.trn \
    -y hyp.trn -n case@9
printf 'a { b (u)\n' >bad.trn
wrong "u: \`{\` without \`}\`" -r bad.trn -y bad.trn
printf 'a\n' >short.txt
wrong "ref.txt has 3 lines, short.txt 1" -r ref.txt -y short.txt
printf 'f A 2 1 a\nf A 1 1 b\n' >back.ctm
wrong "back.ctm: line 2: goes back in time" -r text -y back.ctm
printf 'f A s 0 1 a\n' >ref.stm
wrong "hyp.trn: no id is that of a segment, as 's-000'" -r ref.stm -y hyp.trn
wrong "ref.stm: an stm is a reference, not a hypothesis" -r ref.trn -y ref.stm
printf 'b\nc\n' >two.txt
wrong "ref.stm has 1 lines, two.txt 2" -r ref.stm -y two.txt
# Without times: by sclite's names of the segments, or line by line.
{
    printf 'f A s 0 1 a\nf A t 1 2 b c\nf A s 2 3 IGNORE_TIME_SEGMENT_IN_'
    printf 'SCORING\nf A s 3 4 d\n'
} >texts.stm
printf 'd (s-001)\na (s-000)\nb x (t-000)\n' >texts.trn
printf 's-001 d\ns-000 a\nt-000 b x\n' >texts.text
printf 'a\nb x\nleft out\nd\n' >texts.txt
for file in texts.trn texts.text texts.txt; do
    run 0 "$HEED" eval -r texts.stm -y $file -f tsv
    has out "$(printf '%s\ttotal\t\t3\t4\t3\t1\t0\t0' $file)"
done
printf 'x' >empty.trn
run 4 "$HEED" eval -r ref.trn -y hyp.trn -o missing/out

mistake() {
    local text=$1
    shift
    run 2 "$HEED" eval "$@"
    is_empty out
    lines err 2
    has err "heed: $text"
    has err "help"
}
mistake "--ref and --hyp are needed" --ref ref.trn
mistake "option '--normalise': 'nome' is not none" -n nome
mistake "option '--format': 'x'" -f x
mistake "option '--ref-format': 'x'" --ref-format x
mistake "option '--bootstrap': '-1'" --bootstrap -1
mistake "one text at a time" normalise a b

printf "It's 5 o'clock, Mr. Grey.\n" >text
run 0 "$HEED" eval normalise text
echo "IT'S FIVE O'CLOCK MISTER GRAY" >wanted
same out wanted
run 0 "$HEED" eval normalise -n librispeech <text
echo "IT'S O'CLOCK MR GREY" >wanted
same out wanted
finish
