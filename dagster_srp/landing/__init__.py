"""Landing: inbox to archive to raw.

What belongs here: finding deliveries, keeping their bytes, reading every file format into one shape, applying the
contract's rules as SQL, quarantine, and the ledger that counts it all. What does not: what a rule says (contracts),
which version of a record counts (staging), and any judgement on tables (gates).
"""

from dagster_srp.landing.land import Landed, Problem, land
from dagster_srp.landing.ledger import Delivery, open_ledger

__all__ = ["Delivery", "Landed", "Problem", "land", "open_ledger"]
