"""Jobs on the machines of a Ray cluster, behind the same seam as a pool on this one.

Inside: ``ray_pool`` sends jobs and takes events, an ``actor`` on a far machine runs them in a
worker of its own and may have a desk beside it, ``placing`` says how many there are and what each
holds, ``freight`` carries what they read, ``ray_session`` finds the cluster. Ray is imported where
a cluster is chosen and nowhere else. Knows nothing of what a job or a desk does.
"""

from __future__ import annotations

from docextract.workers.cluster.actor import DeskPlan
from docextract.workers.cluster.freight import Freight
from docextract.workers.cluster.ray_pool import RayPool
from docextract.workers.cluster.ray_session import cluster_with_gpus

__all__ = ["DeskPlan", "Freight", "RayPool", "cluster_with_gpus"]
