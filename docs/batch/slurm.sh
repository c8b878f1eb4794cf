#!/bin/bash
# sbatch slurm.sh: 32 shards, one a node; then one job that puts them together.
# A job that is taken away or stopped goes on where it was: the same shard, the same folder.
#SBATCH --job-name=docextract
#SBATCH --array=0-31
#SBATCH --cpus-per-task=16
#SBATCH --mem=32G
#SBATCH --time=08:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
set -u
RESULTS=/shared/results

# The store is a database: it needs a disk with locks. Where /shared has none, put --out below
# $TMPDIR and copy it to $RESULTS when the run has ended.
trap 'kill -TERM "$run"' TERM
docextract run /shared/archive --schema invoice --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --out "$RESULTS/shard-$SLURM_ARRAY_TASK_ID" --jobs "$SLURM_CPUS_PER_TASK" --max-minutes 460 --log-format json &
run=$!
wait "$run"; code=$?
# After a signal the first wait ends at once, and the run a moment later.
if [ "$code" -gt 128 ]; then wait "$run"; code=$?; fi
# 8 and 143: stopped on time. The shard goes on from there.
case "$code" in 8|143) scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" ;; esac
exit "$code"

# Afterwards, once: sbatch --dependency=afterany:JOB --wrap='...' with this line, which ends with 8
# while a shard is missing or has not finished.
# docextract merge /shared/results/shard-0 /shared/results/shard-1 --out /shared/merged
