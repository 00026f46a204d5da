# test_completion.bash - completion in a shell. SPDX-License-Identifier: Apache-2.0
. "$SOURCE/tests/cli/common.bash"

run 0 "$HEED_FAKE" completion --help
is_empty err
run 0 "$HEED_FAKE" completion bash
is_empty err
bash -n out || fail "bash refuses the script"
. ./out
complete -p heed >/dev/null || fail "nothing is completed"

# gives WORDS COMMAND... - what Tab offers after the last word.
gives() {
    local wanted=$1
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _heed
    [ "${COMPREPLY[*]}" = "$wanted" ] ||
        fail "'${COMPREPLY[*]}' instead of '$wanted': $*"
}
mkdir folder
touch 'talk one.wav' mine.wav
gives "live lm" heed l
gives "completion" heed comp
gives "--lm --lm-weight" heed transcribe --lm
gives "--lookahead" heed live -q --loo
gives "--save-audio" heed live --sa
gives "build" heed lm b
gives "--order --output" heed lm build --o
gives "--backoff-bits" heed lm compile --ba
gives "--top" heed eval report --to
gives "talk one.wav" heed transcribe t
gives "mine.wav" heed transcribe --model m
gives "mine.wav" heed live -i m
gives "folder" heed live --record f
gives "" heed live --backlog f
gives "" heed bogus --x

# Every option of every command is offered.
for command in live transcribe devices info lm "lm build" eval "eval merge" \
    bench completion; do
    # shellcheck disable=SC2086 # two words
    "$HEED_FAKE" $command --help | grep -oE -- '^ +(-., )?--[a-z-]+' |
        grep -oE -- '--.*' | sort >wanted
    # shellcheck disable=SC2206
    COMP_WORDS=(heed $command --)
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _heed
    printf '%s\n' "${COMPREPLY[@]}" | sort >offered
    same offered wanted
done

for shell in zsh fish; do
    run 0 "$HEED_FAKE" completion $shell
    if command -v $shell >/dev/null; then
        $shell -n out || fail "$shell refuses the script"
    fi
done
has out "complete -c heed -n '__fish_seen_subcommand_from live' -l device -s d"
run 2 "$HEED_FAKE" completion
has err "heed: no shell"
run 2 "$HEED_FAKE" completion csh
has err "heed: the shell is one of"
run 2 "$HEED_FAKE" completion bash zsh
run 2 "$HEED_FAKE" completion --bogus
code=0
"$HEED_FAKE" completion bash >/dev/full 2>err || code=$?
[ $code -eq 4 ] || fail "exit $code for a full disk"
finish
