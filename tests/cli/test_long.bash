# test_long.bash - long recordings of real speech. SPDX-License-Identifier: Apache-2.0
#
# HEED_LONG_MINUTES sets how long, 5 without it.
. "$SOURCE/tests/cli/common.bash"

speech="$SOURCE/../shared/speech"
[ -r "$speech/dev.tsv" ] || skip "no recordings in ../shared/speech"
python3 "$here/check_long.py" "$HEED" "$SOURCE/asr/models/heed-en.gguf" \
    "$MAKE_AUDIO" "$speech" "${HEED_LONG_MINUTES:-5}" || fail "see above"
finish
