"""Release: the candidate becomes an immutable, numbered set with a manifest, by one atomic switch.

What belongs here: fingerprints of what is released, the manifest, the switch, pruning, and the past (vintages,
rebuild). What does not: deciding whether the candidate is good enough (gates).
"""

from dagster_srp.release.fingerprint import TableFingerprint, fingerprints
from dagster_srp.release.manifest import Manifest, last_release, manifests, read_manifest
from dagster_srp.release.publish import current_release_id, next_release_id, prune, publish

__all__ = [
    "Manifest",
    "TableFingerprint",
    "current_release_id",
    "fingerprints",
    "last_release",
    "manifests",
    "next_release_id",
    "prune",
    "publish",
    "read_manifest",
]
