"""Rulings and their effects."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import asyncpg

from services.corrections.domain import Application, Proposal, Ruling
from shared.contracts import ComplaintEffect, Decision, FieldCorrection, Outcome, Status

INSERT = """
INSERT INTO corrections.decisions
       (application_id, ruling_id, kind, item_version, decision, reason_code, public_reason, reply, reply_number,
        decided_by, decided_at, rules_version, response)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
INSERT_EFFECTS = """
INSERT INTO corrections.complaint_effects (application_id, decision, complaint_id, excluded, status, outcome, amount)
SELECT $1, $2, *
  FROM unnest($3::uuid[], $4::boolean[], $5::text[], $6::text[], $7::numeric[])
"""
INSERT_CORRECTIONS = """
INSERT INTO corrections.field_corrections (application_id, decision, field, value)
SELECT $1, $2, *
  FROM unnest($3::text[], $4::text[])
"""


async def insert_ruling(connection: asyncpg.Connection, application: Application, ruling: Ruling) -> None:
    """Insert the ruling of an application that is closed as decided in the same transaction."""
    proposal = ruling.proposal
    await connection.execute(
        INSERT,
        ruling.application_id,
        ruling.ruling_id,
        application.filing.kind,
        proposal.item_version,
        proposal.decision,
        proposal.reason_code,
        proposal.public_reason,
        proposal.reply,
        ruling.reply_number,
        ruling.decided_by,
        ruling.decided_at,
        ruling.rules_version,
        proposal.response,
    )
    await _insert_effects(connection, ruling.application_id, proposal)


async def _insert_effects(connection: asyncpg.Connection, application_id: UUID, proposal: Proposal) -> None:
    effects, corrections = proposal.effects, proposal.corrections
    await connection.execute(
        INSERT_EFFECTS,
        application_id,
        proposal.decision,
        [effect.complaint_id for effect in effects],
        [effect.exclude for effect in effects],
        [effect.status for effect in effects],
        [effect.outcome for effect in effects],
        [Decimal(effect.amount) if effect.amount else None for effect in effects],
    )
    await connection.execute(
        INSERT_CORRECTIONS,
        application_id,
        proposal.decision,
        [correction.field for correction in corrections],
        [correction.value for correction in corrections],
    )


RULING = """
SELECT application_id, ruling_id, item_version, decision, reason_code, public_reason, reply, reply_number, decided_by,
       decided_at, rules_version, response
  FROM corrections.decisions
 WHERE application_id = ANY ($1::uuid[])
"""
EFFECTS = """
SELECT application_id, complaint_id, excluded, status, outcome, amount
  FROM corrections.complaint_effects
 WHERE application_id = ANY ($1::uuid[])
 ORDER BY complaint_id
"""
CORRECTIONS = """
SELECT application_id, field, value
  FROM corrections.field_corrections
 WHERE application_id = ANY ($1::uuid[])
 ORDER BY field
"""


async def fetch_rulings(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, Ruling]:
    """Return the rulings on applications with their effects, by application."""
    effects, corrections = await connection.fetch(EFFECTS, ids), await connection.fetch(CORRECTIONS, ids)
    rows = await connection.fetch(RULING, ids)
    return {row["application_id"]: _to_ruling(row, effects, corrections) for row in rows}


def _to_ruling(row: asyncpg.Record, effects: list[asyncpg.Record], corrections: list[asyncpg.Record]) -> Ruling:
    application_id = row["application_id"]
    proposal = Proposal(
        row["item_version"],
        Decision(row["decision"]),
        row["reason_code"],
        row["public_reason"],
        row["reply"],
        tuple(_to_effect(effect) for effect in effects if effect["application_id"] == application_id),
        tuple(_to_correction(each) for each in corrections if each["application_id"] == application_id),
        row["response"],
    )
    return Ruling(
        row["ruling_id"],
        application_id,
        proposal,
        row["reply_number"],
        row["decided_by"],
        row["decided_at"],
        row["rules_version"],
    )


def _to_correction(row: asyncpg.Record) -> FieldCorrection:
    return FieldCorrection(field=row["field"], value=row["value"])


def _to_effect(row: asyncpg.Record) -> ComplaintEffect:
    return ComplaintEffect(
        complaint_id=row["complaint_id"],
        exclude=row["excluded"],
        status=Status(row["status"]) if row["status"] else None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        amount=str(row["amount"]) if row["amount"] is not None else None,
    )
