"""Intake: whatever a hotline, desk, letter or platform sends becomes one clean complaint, or an answer why not.

A clean complaint is normalised, its operator attributed, its personal data gone.

Consumes `gongshi.reports`; the same step also serves `POST /intake/events`, files (`gongshi import`) and the desk's form.
Emits `gongshi.complaints`: a revision of a complaint whenever one of its facts changes.
Owns the schema `intake`: sources and their keys, operators and their names, complaints as they were last emitted, and counts of
what came in. Raw reports exist only in Kafka and in `dead_letters`; no personal data of a complainant is kept here.
Its pages (`/intake/desk`) are for clerks.
"""
