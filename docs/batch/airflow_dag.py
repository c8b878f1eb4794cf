"""A nightly DAG: plan, run, and go on in the morning if the deadline came first.

Knows nothing of docextract but its commands and exit codes.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

INBOX, OUT = "/srv/inbox", "/srv/docextract"

with DAG(
    dag_id="docextract",
    schedule="0 22 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Berlin"),
    catchup=False,
    # A second run into the same folder would end with 75 at once.
    max_active_runs=1,
) as dag:
    plan = BashOperator(
        task_id="plan",
        bash_command=f"docextract plan {INBOX} --schema invoice --out {OUT} --json",
        # 7: no document came in; everything after this is then skipped.
        skip_on_exit_code=7,
    )
    run = BashOperator(
        task_id="run",
        # 5: some documents failed; failures.jsonl is what the next task is for.
        bash_command=(
            f"docextract run {INBOX} --schema invoice --out {OUT} --max-minutes 480"
            " --log-format json || [ $? -eq 5 ]"
        ),
        # 8 and 75 end the task as failed, and the same command goes on where it stopped.
        retries=2,
        retry_delay=timedelta(minutes=10),
        # Airflow sends SIGTERM; what is done is kept.
        execution_timeout=timedelta(hours=9),
    )
    failures = BashOperator(task_id="failures", bash_command=f"cat {OUT}/failures.jsonl")
    plan >> run >> failures
