# test_bench.bash - how fast it is. SPDX-License-Identifier: Apache-2.0
#
# The fake recogniser has no stages, and takes no time.
. "$SOURCE/tests/cli/common.bash"

run 0 "$HEED" bench --help
is_empty err
has out "usage: heed bench "
[ "$(wc -L <out)" -le 80 ] || fail "help is wider than 80 columns"

"$MAKE_AUDIO" silence a.wav 2 || exit 1
run 0 "$HEED_FAKE" bench --no-stages -s 0.01 -t 3 a.wav
is_empty err
has out "Speed, as a share of real time"
lacks out "by stage"
run 0 "$HEED_FAKE" bench --no-stages -s 0.01 -t 3 --json a.wav
python3 - <<'END' || fail "json"
import json
out = json.load(open("out"))
assert [s["streams"] for s in out["speed"]] == [1, 2, 3], out
assert out["audio_s"] == 2 and out["model_bytes"] == 7654321
END
model=$SOURCE/asr/models/heed-en.gguf
if [ -e "$model" ]; then
    run 0 "$HEED" bench -m "$model" -s 0.01 -t 1 --json \
        "$SOURCE/tools/examples/hello.wav"
    python3 - <<'END' || fail "stages"
import json
stages = json.load(open("out"))["stages"]
assert len(stages) == 10, stages
for name, stage in stages.items():
    assert stage["calls"] > 0 and stage["real_time_factor"] >= 0, name
    assert stage["of_peak"] >= 0, name
assert (stages["encoder"]["real_time_factor"]
        > stages["mfcc"]["real_time_factor"] > 0), stages
assert stages["encoder"]["i8_macs"] > 1e8, stages
assert stages["search"]["i8_macs"] == 0, stages
END
fi
run 1 "$HEED_FAKE" bench missing.wav
lines err 1
has err "heed: missing.wav: "
HEED_MODEL=missing run 3 "$HEED_FAKE" bench a.wav

mistake() {
    local text=$1
    shift
    run 2 "$HEED_FAKE" bench "$@"
    is_empty out
    lines err 2
    has err "heed: $text"
}
mistake "no recording"
mistake "one recording at a time" a b
mistake "option '--threads': '0'" -t 0
mistake "option '--seconds': 'x'" -s x
finish
