"""Verification of publications: every public channel against the release record.

`database` compares within the database, `topic` with the topic of publications, `channels` with what a running publisher
answers: lists, permalinks, feeds, pages, operators, screens.
"""
