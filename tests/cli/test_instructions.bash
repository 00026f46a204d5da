# test_instructions.bash - the same words, times and confidences with every
# instruction set of this machine. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

case "$PROCESSOR" in
aarch64 | arm64 | ARM64) sets="neon dotprod i8mm" ;;
*) sets="avx2 avxvnni avx512 vnni" ;;
esac
export HEED_MODEL="$SOURCE/asr/models/heed-en.gguf"
for latency in file live; do
    for set in c $sets; do # what the machine lacks is the next best it has
        HEED_CPU=$set run 0 "$HEED" transcribe -q -o json --nbest 4 \
            --latency $latency "$SOURCE/tools/examples/hello.wav"
        if [ "$set" = c ]; then
            mv out expected
        else
            same out expected
        fi
    done
    has expected '"text":"listens"'
done
finish
