# test_eval_examples.bash - the scripts for clusters. SPDX-License-Identifier: Apache-2.0
#
# Slurm is played by its variables; GNU parallel runs where it is installed.
. "$SOURCE/tests/cli/common.bash"

mkdir bin
ln -s "$HEED_FAKE" bin/heed
export PATH=$work/bin:$PATH
scripts=$SOURCE/tools/examples/slurm
for i in 1 2 3 4 5; do
    "$MAKE_AUDIO" silence "u$i.wav" "$i" || exit 1
done
{
    printf 'id\taudio\ttext\n'
    for i in 1 2 3 4 5; do printf 'u%s\tu%s.wav\tTHIS IS\n' "$i" "$i"; done
} >corpus.tsv
run 0 heed eval -q -d single corpus.tsv

for i in 1 2 3; do
    run 0 env SLURM_ARRAY_TASK_ID="$i" SLURM_CPUS_PER_TASK=2 \
        bash "$scripts/eval.sbatch" 3 corpus.tsv slurm
    is_empty out
done
# Requeued.
run 0 env SLURM_ARRAY_TASK_ID=2 bash "$scripts/eval.sbatch" 3 corpus.tsv slurm
run 0 heed eval merge -d slurm/all slurm/part-1 slurm/part-2 slurm/part-3
same single/utterances.jsonl slurm/all/utterances.jsonl
run 2 bash "$scripts/eval.sbatch" 3 corpus.tsv
has err "usage: sbatch"

if parallel --version 2>/dev/null | grep -q GNU; then
    run 0 "$scripts/eval-parallel" 2 corpus.tsv parallel
    same single/utterances.jsonl parallel/all/utterances.jsonl
fi
run 2 "$scripts/eval-parallel"
has err "usage: eval-parallel"
finish
