# test_usage.bash - help, version, mistakes. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

run 0 "$HEED" --version
[[ $(cat out) =~ ^heed\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "odd version"
is_empty err
cp out version
run 0 "$HEED" -V
same out version

run 0 "$HEED" --help
has out "transcribe" && has out "info"
cp out help
run 0 "$HEED" -h
same out help
run 0 "$HEED" help
same out help
for command in live transcribe devices info; do
    run 0 "$HEED" $command --help
    is_empty err
    has out "usage: heed $command "
    has out "Examples:"
    for code in 0 1 2 3 4 130; do
        grep -Eq "^  $code +[a-zA-Z]" out || fail "exit $code is not told"
    done
    [ "$(wc -L <out)" -le 80 ] || fail "help is wider than 80 columns"
    cp out help
    run 0 "$HEED" $command -h
    same out help
    run 0 "$HEED" help $command
    same out help
done

# mistake TEXT ARGUMENT... - one line that says it, one that helps.
mistake() {
    local text=$1
    shift
    run 2 "$HEED_FAKE" "$@"
    is_empty out
    lines err 2
    has err "heed: $text"
    has err "help"
}
mistake "no command"
mistake "unknown command 'bogus'" bogus
mistake "unknown command 'bogus'" help bogus
mistake "unknown option '--bogus'" --bogus
mistake "unknown option '--bogus'" transcribe --bogus x.wav
mistake "unknown option '--bogus'" transcribe --bogus=1 x.wav
mistake "unknown option '-Z'" transcribe -vZ x.wav
mistake "option '--model' needs a value" transcribe x.wav --model
mistake "option '--model' needs a value" transcribe x.wav -m
mistake "option '--quiet' takes no value" transcribe --quiet=1 x.wav
mistake "option '--output-format': 'vtt'" transcribe -ovtt x.wav
mistake "option '--latency': 'soon'" transcribe --latency soon x.wav
mistake "option '--chunk': '0'" transcribe --chunk 0 x.wav
mistake "option '--chunk': '257'" transcribe --chunk=257 x.wav
mistake "option '--chunk': '-1'" transcribe --chunk -1 x.wav
mistake "option '--lookahead': '7x'" transcribe --lookahead 7x x.wav
mistake "option '--endpoint': 'nan'" transcribe --endpoint nan x.wav
mistake "option '--endpoint': ' 1'" transcribe --endpoint ' 1' x.wav
mistake "option '--max-segment': '3'" transcribe --max-segment 3 x.wav
mistake "option '--beam': '9'" transcribe --beam 9 x.wav
mistake "option '--lm-weight': '3'" transcribe --lm-weight 3 x.wav
mistake "option '--channel': '0'" transcribe --channel 0 x.wav
mistake "option '--raw': 's8'" transcribe --raw s8 x.raw
mistake "option '--rate': '7999'" transcribe --raw u8 --rate 7999 x.raw
mistake "--rate and --channels need --raw" transcribe --rate 8000 x.wav
mistake "no file to transcribe" transcribe
mistake "no file to transcribe" transcribe -v --
mistake "srt takes one file at a time" transcribe -o srt a.wav b.wav
mistake "unknown option '--bogus'" live --bogus
mistake "option '--channel': '65'" live --channel 65
mistake "option '--rate': '7999'" live --rate 7999
mistake "option '--backlog': '0'" live --backlog 0
mistake "option '--output-format': 'vtt'" live -o vtt
mistake "option '--chunk': '0'" live --chunk 0
mistake "option '--lookahead': '257'" live --lookahead 257
mistake "option '--endpoint': '11'" live --endpoint 11
mistake "option '--max-segment': '3'" live --max-segment 3
mistake "option '--beam': '0'" live --beam 0
mistake "option '--lm-weight': '3'" live --lm-weight 3
mistake "option '--min-confidence': '2'" live --min-confidence 2
mistake "a file is named with --input" live talk.wav
mistake "--realtime needs --input" live --realtime
mistake "--device, --rate and --reconnect are for" live -i a.wav -d usb
mistake "--replay takes its sound from DIR" live --replay a --record b
mistake "--replay takes its settings from DIR" live --replay a --chunk 4
mistake "--replay takes its settings from DIR" live --replay a --beam 4
mistake "--output-format with --json needs" live --json -o srt
mistake "unknown option '--bogus'" devices --bogus
mistake "'all' is not needed" devices all
mistake "unknown option '--bogus'" info --bogus
mistake "one model at a time" info a b
finish
