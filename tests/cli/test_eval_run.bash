# test_eval_run.bash - corpora through a recogniser. SPDX-License-Identifier: Apache-2.0
#
# The fake recogniser hears "This is the first sentence. Here comes ...", a
# word every 0.4 s and half a second after it was said.
. "$SOURCE/tests/cli/common.bash"

for command in "eval report" "eval merge"; do
    # shellcheck disable=SC2086
    run 0 "$HEED" $command --help
    has out "usage: heed $command "
    [ "$(wc -L <out)" -le 80 ] || fail "help is wider than 80 columns"
done

mkdir audio
for i in 1 2 3 4 5; do
    "$MAKE_AUDIO" silence "audio/u$i.wav" "$i" || exit 1
done
{
    printf 'utt_id\tset\tspeaker\tpath\tduration_s\ttext\n'
    printf 'u1\ta\tann\taudio/u1.wav\t1\tTHIS IS\n'
    printf 'u2\ta\tann\taudio/u2.wav\t2\tTHIS WAS THE FIRST\n'
    printf 'u3\tb\tbob\taudio/u3.wav\t3\tTHIS IS THE FIRST SENTENCE HERE\n'
    printf 'u4\tb\tbob\taudio/u4.wav\t4\t\n'
    printf 'u5\tb\teve\taudio/u5.wav\t5\tTHIS IS THE FIRST SENTENCE\n'
} >good.tsv
run 0 "$HEED_FAKE" eval -j 1 -d one good.tsv
has err "heed: warning: one: 1 x empty reference, scored"
has out "Normalisation: english, version 1."
has out "hours without speech            0.001"
python3 - <<'END' || fail "run"
import json
lines = [json.loads(l) for l in open("one/utterances.jsonl")]
assert [l["id"] for l in lines] == ["u1", "u2", "u3", "u4", "u5"]
assert lines[1]["hypothesis"] == "This is the first", lines[1]
assert lines[1]["duration_s"] == 2 and lines[1]["error"] is None
words = lines[2]["words"]
# It ends at 0.35, with 0.1 s until the next begins, and 0.5 s to decide.
assert abs(words[0]["committed_s"] - 0.95) <= 0.02, words[0]
# Its letters are spelt from 0.05 on, one every 0.024 s.
assert lines[2]["said"][0] == {"text": "THIS", "start_s": 0.072,
                               "end_s": 0.168}, lines[2]["said"]
assert [len(l["said"]) for l in lines] == [2, 4, 6, 0, 5]
info = json.load(open("one/run.json"))
assert info["complete"] and info["utterances"] == 5
assert len(info["model_sha256"]) == 64 and info["command"].startswith("heed e")
timing = [json.loads(l) for l in open("one/timing.jsonl")]
assert [len(t["waited_s"]) for t in timing] == [len(l["words"]) for l in lines]
END

# Any number of threads, shards and attempts make the same file.
run 0 "$HEED_FAKE" eval -q -j 4 -d four good.tsv
same one/utterances.jsonl four/utterances.jsonl
for i in 1 2 3; do
    run 0 "$HEED_FAKE" eval -q --shard $i/3 -d part$i good.tsv
done
run 0 "$HEED_FAKE" eval merge -d merged part3 part1 part2
same one/utterances.jsonl merged/utterances.jsonl
run 1 "$HEED_FAKE" eval merge -d fewer part1 part2
has err "heed: utterance 2 is in none of the parts"
run 1 "$HEED_FAKE" eval merge -d double part1 part2 part3 part2
has err "heed: utterance 1 is in more than one part"
run 4 "$HEED_FAKE" eval -q -d one good.tsv
has err "heed: one: there is a run already; --resume goes on with it"
# Killed in the middle of a line.
mkdir killed
sed 's/"complete": true/"complete": false/' one/run.json >killed/run.json
head -c 700 one/utterances.jsonl >killed/utterances.jsonl
head -n 3 one/timing.jsonl >killed/timing.jsonl
run 1 "$HEED_FAKE" eval report killed
has err "heed: killed: the run is not complete"
run 0 "$HEED_FAKE" eval -q -d killed --resume good.tsv
same one/utterances.jsonl killed/utterances.jsonl
run 4 "$HEED_FAKE" eval -q -d killed --resume --latency live good.tsv
has err "heed: killed: cannot go on: another options"
sed 's/THIS WAS/THIS IS/' good.tsv >other.tsv
run 4 "$HEED_FAKE" eval -q -d killed --resume other.tsv
has err "heed: killed: cannot go on: another corpus_sha256"

# Reports of what is there.
run 0 "$HEED_FAKE" eval report -q -n librispeech one four
has out "Compared with the first"
has out "one: The run"
run 0 "$HEED_FAKE" eval report -q -o report.md one
has report.md "| system | utts |"
run 0 "$HEED_FAKE" eval report -q --title "<One & four>" -o report.html one four
python3 - <<'END' || fail "html"
import html.parser
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags = [], []
    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        assert not any(n in ("src", "href") for n, _ in attributes), attributes
        if tag not in ("meta", "rect", "line", "circle"):
            self.open.append(tag)
    def handle_endtag(self, tag):
        if tag not in ("rect", "line", "circle"):
            assert self.open.pop() == tag, tag
page = Page()
page.feed(open("report.html", encoding="utf-8").read())
assert not page.open and page.tags.count("svg") >= 8, page.tags
END
has report.html "&lt;One &amp; four&gt;"
lacks report.html "http"
has report.html "command</td><td"
run 0 "$HEED_FAKE" eval report -q -f json one
cp out one.json
run 0 "$HEED_FAKE" eval report -q -f json merged
python3 - <<'END' || fail "json of a run"
import json
a, b = (json.load(open(n))["systems"][0] for n in ("one.json", "out"))
for name in ("name", "run", "delay_with_computing", "first_word_delay",
             "real_time_factor"):
    a.pop(name), b.pop(name)
assert a == b
assert a["words_without_speech"] > 0 and a["seconds_without_speech"] == 4
assert a["calibration"]["bins"][7]["words"] > 10
# One word of u2 is wrong, and some of u3, u4 and u5 were never said.
assert (a["delay"]["words"], a["words_of_delays"]) == (16, 25), a["delay"]
assert abs(a["delay"]["median_s"] - 0.78) < 0.1, a["delay"]
assert a["problems"] == [{"kind": "empty", "id": "u4", "detail": ""}]
END

# Other hypotheses make the oracle; the bar shows the rate so far.
cp -r four nbest
sed -i '2s/"nbest":\[\]/"nbest":[["This is","This was"],["the first"]]/' \
    nbest/utterances.jsonl
run 0 "$HEED_FAKE" eval report -q -f json nbest
python3 - "$HEED_FAKE" <<'END' || fail "oracle, bar"
import json, os, pty, subprocess, sys
total = json.load(open("out"))["systems"][0]["total"]
errors = [round(total[k] * total["words"]["reference"])
          for k in ("wer", "oracle_wer")]
assert errors[0] == errors[1] + 1, errors
master, slave = pty.openpty()
subprocess.run([sys.argv[1], "eval", "good.tsv"], stderr=slave, check=True,
               stdout=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm"})
os.close(slave)
shown = os.read(master, 65536)
assert b"WER " in shown and b" left " in shown and b"%" in shown, shown
END

sed -i '3s/"error":/"attention":{"frame_s":0.024,"tokens":["T<s"],"frames":2,'`
    `'"weights":[[0.25,1]],"spikes":[{"frame":1,"letter":"S"}]},"error":/' \
    nbest/utterances.jsonl
run 0 "$HEED_FAKE" eval report -q -f html nbest
has out "Attention by token over time, with the letters of the CTC: u3"
has out ">T&lt;s</text>"

# Delays are told of words whose letters fit the audio: read out, without
# accents, and in each script's own way none at all.
{
    printf 'id\tpath\ttext\n'
    printf 'fits\taudio/u2.wav\t\u4f60 Th\u00eds is the 1st!\n'
    printf 'full\taudio/u1.wav\tTHERE ARE FAR TOO MANY LETTERS IN ALL OF THIS\n'
    printf 'none\taudio/u1.wav\t\u4f60\u597d\n'
} >odd.tsv
run 0 "$HEED_FAKE" eval -f json -d odd odd.tsv
has err "heed: warning: odd: 1 x letters do not fit the audio, in no delay"
python3 - <<'END' || fail "said"
import json
lines = [json.loads(l) for l in open("odd/utterances.jsonl")]
assert [w["text"] for w in lines[0]["said"]] == ["THIS", "IS", "THE", "FIRST"]
assert "said" not in lines[1] and "more letters" in lines[1]["unsaid"]
assert lines[2]["said"] == [] and "unsaid" not in lines[2]
system = json.load(open("out"))["systems"][0]
assert system["delay"]["words"] == system["words_of_delays"] == 4, system
END

# What the recogniser itself tells: texts for the oracle, a picture.
{
    printf 'id\tpath\ttext\n'
    printf 'hello\t%s/tools/examples/hello.wav\t%s\n' "$SOURCE" \
        "$(cat "$SOURCE/tools/examples/hello.txt")"
} >hello.tsv
model=$SOURCE/asr/models/heed-en.gguf
run 0 "$HEED" eval -q -m "$model" -f json -d told --nbest 4 \
    --keep-attention hello hello.tsv
python3 - <<'END' || fail "n-best, attention"
import json
line = json.loads(open("told/utterances.jsonl").read())
assert all(2 <= len(texts) <= 4 for texts in line["nbest"]), line["nbest"]
best = " ".join(texts[0] for texts in line["nbest"])
assert best == line["hypothesis"], best
seen = line["attention"]
assert abs(seen["frames"] * seen["frame_s"] - line["duration_s"]) < 0.2
assert len(seen["tokens"]) == len(seen["weights"]) > 10
assert "".join(s["letter"] for s in seen["spikes"])[:4] == "THIS"
system = json.load(open("out"))["systems"][0]
assert system["total"]["oracle_wer"] <= system["total"]["wer"], system
assert system["delay"]["words"] > 10, system["delay"]
END
run 0 "$HEED" eval report -q -f html told
has out "Attention by token over time, with the letters of the CTC: hello"
run 1 "$HEED" eval -q -m "$model" --keep-attention hello,bye hello.tsv
has err "heed: hello.tsv: there is no utterance 'bye'"
run 4 "$HEED" eval -q -m "$model" --nbest 3 -d told --resume hello.tsv
has err "heed: told: cannot go on: another options"

# What is missing, double or damaged is listed, counted, and not scored.
{
    cat good.tsv
    printf 'u2\ta\tann\taudio/u2.wav\t2\tAGAIN\n'
    printf 'u6\ta\tann\taudio/u6.wav\t2\tGONE\n'
    printf 'u7\ta\tann\taudio/u7.wav\t2\tNOT SOUND\n'
} >bad.tsv
echo "This is text." >audio/u7.wav
run 1 "$HEED_FAKE" eval -d bad bad.tsv
has err "heed: warning: bad: 1 x id used before, left out"
has err "heed: warning: bad: 1 x audio is missing, not scored"
has err "heed: warning: bad: 1 x audio is damaged, not scored"
grep -Eq "audio is missing, not scored +u6 +audio/u6.wav|audio is missing$" out ||
    fail "u6 is not listed"
grep -Eq "^  bad +5 +17 " out || fail "5 are not scored"
# No run is kept without a folder.
mkdir tmp
TMPDIR=$work/tmp run 0 "$HEED_FAKE" eval -q good.tsv
[ -z "$(ls tmp)" ] || fail "a run is left"
grep -Eq "^  good.tsv +5 +17 " out || fail "the run is not called as the corpus"
TMPDIR=$work/none run 4 "$HEED_FAKE" eval -q good.tsv
has err "heed: $work/none/heed-eval-"

# Other manifests, other columns, parts of recordings.
{
    echo '{"audio_filepath":"audio/u5.wav","text":"this is","offset":1,'`
        `'"duration":1.0,"id":"p1"}'
    echo '{"audio_filepath":"audio/u5.wav","text":"this","offset":4.5,'`
        `'"duration":9,"id":"p2"}'
} >parts.jsonl
run 1 "$HEED_FAKE" eval -f tsv -d parts parts.jsonl
has out "$(printf 'parts\tutterance\tp1\t1\t2\t2\t0\t0\t0')"
grep -q '"id":"p2".*ends before the utterance' parts/utterances.jsonl ||
    fail "an utterance beyond the end"
printf 'key,said,wav\n"a ""b""",This is,audio/u1.wav\n' >quoted.csv
run 0 "$HEED_FAKE" eval -f tsv --columns id=key,text=said quoted.csv
has out "$(printf 'utterance\ta "b"\t1\t2\t2')"

# Only Kaldi knows commands.
printf 'audio\ttext\ntouch ran |\tthis\n' >pipe.tsv
run 1 "$HEED_FAKE" eval --allow-pipes pipe.tsv
has err "1 x audio is missing, not scored"
[ ! -e ran ] || fail "a manifest runs commands"

# Kaldi and LibriSpeech.
mkdir kaldi
echo "rec $work/audio/u5.wav" >kaldi/wav.scp
printf 's1 rec 0 1\ns2 rec 1.5 3.5\ns3 rec 4 5\n' >kaldi/segments
printf 's1 this is\ns2 this is the first\n' >kaldi/text
printf 's1 ann\ns2 bob\n' >kaldi/utt2spk
run 1 "$HEED_FAKE" eval -f tsv kaldi
has err "1 x no reference, not scored"
has out "$(printf 'speaker\tbob\t1\t4\t4')"
echo "rec cat $work/audio/u5.wav |" >kaldi/wav.scp
run 1 "$HEED_FAKE" eval kaldi
lines err 1
has err "heed: kaldi/wav.scp: rec: is a command, which runs only with --allow-p"
run 1 "$HEED_FAKE" eval -q --allow-pipes -f tsv kaldi
has out "$(printf 'speaker\tbob\t1\t4\t4')"
mkdir -p libri/dev-clean/84/121
cp audio/u2.wav libri/dev-clean/84/121/84-121-0000.wav
echo "84-121-0000 THIS IS THE FIRST" >libri/dev-clean/84/121/84-121.trans.txt
run 0 "$HEED_FAKE" eval -q -f tsv libri
has out "$(printf 'group\tdev-clean\t1\t4\t4')"
has out "$(printf 'speaker\t84\t1')"

# Sounds in which nobody speaks have no transcripts.
mkdir -p sounds/rain
cp audio/u1.wav sounds/rain/
cp audio/u2.wav sounds/
echo "This is text." >sounds/bad.wav
echo "not a sound" >sounds/LICENCE
run 1 "$HEED_FAKE" eval -d noise --no-speech sounds
has err "heed: warning: noise: 1 x audio is damaged, not scored"
has out "words per hour without speech  7200.0"
grep -Eq "^  noise +2 +0 " out || fail "two sounds"
grep -q '"id":"rain/u1.wav","speaker":"","group":"rain"' \
    noise/utterances.jsonl || fail "names of sounds"

wrong() {
    local text=$1
    shift
    run 1 "$HEED_FAKE" eval "$@"
    is_empty out
    lines err 1
    has err "heed: $text"
}
mkdir empty
wrong "missing: No such file" missing
wrong "empty: not a corpus: neither" empty
wrong "audio/u1.wav: not a corpus: neither a folder" audio/u1.wav
wrong "good.tsv: --no-speech needs a folder" --no-speech good.tsv
wrong "empty: there is no utterance in it" --no-speech empty
printf 'a\tb\n' >no.tsv
wrong "no.tsv: line 1: no column 'audio' or 'path'" no.tsv
printf 'audio\ttext\nx\n' >few.tsv
wrong "few.tsv: line 2: 1 columns are too few" few.tsv
printf '{"audio": 1\n' >half.jsonl
wrong "half.jsonl: line 1: not a whole JSON value" half.jsonl
printf 'audio,text\n"a,b\n' >quote.csv
wrong "quote.csv: line 2: quote is not closed" quote.csv
printf 'audio\ttext\taudio\n' >twice.tsv
wrong "twice.tsv: line 1: column 'audio' comes twice" twice.tsv
printf 'audio\ttext\tchannel\nx\ty\t1.5\n' >channel.tsv
wrong "channel.tsv: line 2: channel '1.5' is not a number up to 1024" \
    channel.tsv
mkdir later
sed 's/"version": 2/"version": 3/' one/run.json >later/run.json
wrong "later/run.json: not of a run that this program can read" report later
printf 'audio\ttext\n' >none.tsv
wrong "none.tsv: there is no utterance in it" none.tsv
HEED_MODEL=missing run 3 "$HEED_FAKE" eval good.tsv
run 3 "$HEED_FAKE" eval --lm missing good.tsv
lines err 1
has err "heed: missing: "
run 4 "$HEED_FAKE" eval -d missing/run good.tsv

mistake() {
    local text=$1
    shift
    run 2 "$HEED_FAKE" eval "$@"
    is_empty out
    has err "heed: $text"
}
mistake "a corpus, or --ref and --hyp, are needed"
mistake "a corpus or --ref and --hyp, not both" good.tsv --ref x
mistake "one corpus at a time" a b
mistake "--resume needs --run" --resume good.tsv
mistake "option '--shard': '4/3' is not I/N" --shard 4/3
mistake "option '--jobs': '0'" -j 0
mistake "option '--beam': '9'" --beam 9
mistake "option '--nbest': '9'" --nbest 9
mistake "option '--lm-weight': '0'" --lm-weight 0
mistake "option '--min-confidence': '2'" --min-confidence 2
mistake "--run is needed" merge a
mistake "there is nothing to merge" merge -d a
mistake "no run to report on" report
finish
