"""What an actor holds of its machine, and which one may get work."""

from __future__ import annotations

from docextract.workers import Job
from docextract.workers.cluster.placing import Sent, Shape, Slot, shape_of


def node(alive=True, **resources):
    return {"Alive": alive, "Resources": resources}


def test_an_actor_without_a_model_holds_a_core_and_leaves_gpus_alone():
    nodes = [node(CPU=8.0, GPU=2.0), node(CPU=4.0), node(alive=False, CPU=64.0)]
    assert shape_of(nodes, has_model=False) == Shape(1, 0, 12)


def test_an_actor_with_a_model_holds_a_gpu_and_its_share_of_the_poorest_machine():
    nodes = [node(CPU=64.0), node(CPU=96.0, GPU=8.0), node(CPU=12.0, GPU=4.0)]
    assert shape_of(nodes, has_model=True) == Shape(3, 1, 12)
    assert str(Shape(3, 1, 12)) == "a GPU and 3 cores"


def test_a_model_runs_on_cores_where_no_machine_has_a_gpu():
    assert shape_of([node(CPU=2.0), node(memory=1.0)], has_model=True) == Shape(1, 0, 2)


def test_what_was_at_work_when_an_actor_died_is_done_alone():
    job = Job("", (), None)
    slot = Slot("actor", None, max_jobs=16, work={1: Sent(job)})
    assert slot.has_room
    slot.work[2] = Sent(job, num_losses=1)
    assert not slot.has_room
