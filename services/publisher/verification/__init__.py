"""Proof of what is public: every channel against the release record.

`held` compares within the database, `topic` with what subscribers are told, `channels` with what a running publisher answers
its readers: lists, permanent addresses, feeds, pages, operators, screens.
"""
