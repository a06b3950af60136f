"""Report: what people look at, made from what was released and from what is registered.

What belongs here: explaining a figure, and the pages generated from contracts, register and measured runs. What does
not: computing a figure (dbt_project) or releasing it (release).
"""
