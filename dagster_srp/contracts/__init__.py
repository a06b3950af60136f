"""Contracts: one Open Data Contract Standard file per feed, and the code that reads them.

What belongs here: the `<feed>.odcs.yaml` files, their typed form (`model`), the reader (`load`), and what is generated
from them (`generate`). What does not: applying a rule to rows (landing) or to tables (gates).
"""

from dagster_srp.contracts.load import ContractError, load_contract, load_contracts
from dagster_srp.contracts.model import Column, Contract, ExtractedAt, Reference, RowRule

__all__ = [
    "Column",
    "Contract",
    "ContractError",
    "ExtractedAt",
    "Reference",
    "RowRule",
    "load_contract",
    "load_contracts",
]
