"""Verification of publications: every public channel against the release record.

`invariants` compares within the database, `topic` with the topic of publications, `channels` with what a running publisher
answers: lists, permalinks, feeds, pages, operators, screens.
"""
