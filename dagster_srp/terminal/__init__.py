"""The terminal's room: how the `srp` command prints, words its messages and ends.

What belongs here: consoles, tables, progress, messages, the mapping of errors to exits. What does not: the verbs (cli), and
any query or figure; those are in the rooms that own the tables. Nothing heavy is imported before a verb needs it.
"""
