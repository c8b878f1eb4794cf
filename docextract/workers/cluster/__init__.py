"""Jobs on the machines of a Ray cluster, behind the same seam as a pool on this one.

Inside: ``ray_pool`` sends jobs and takes events, an ``actor`` on a far machine runs them in a
worker of its own, ``freight`` carries what they read, ``ray_session`` finds the cluster. Ray is
imported where a cluster is chosen and nowhere else. Knows nothing of what a job does.
"""

from __future__ import annotations

from docextract.workers.cluster.freight import Freight
from docextract.workers.cluster.ray_pool import RayPool

__all__ = ["Freight", "RayPool"]
