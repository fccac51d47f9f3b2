"""The public interface in JSON, and the permanent addresses, whose pages and JSON are compared together."""

from __future__ import annotations

from services.publisher.channels.declaration import Channel
from services.publisher.store import verification
from services.publisher.verification import listing, operators, permalinks
from services.publisher.verification.comparison import Comparison
from services.publisher.verification.listing import BoardList, ChangeList
from services.publisher.verification.options import Checked, ProbeOptions, check
from shared.contracts import Board
from shared.web.i18n import _


async def verify(comparison: Comparison, options: ProbeOptions) -> list[Checked]:
    """Walk the lists to their end; compare operators and permanent addresses one by one."""
    checked = [await _walk_lists(comparison, options)]
    found, count = await operators.probes(comparison, options.sample)
    checked.append(await check("Operators", found, f"{len(found)} of {count} operators", options))
    gone = await operators.gone_probes(comparison, options.sample)
    checked.append(await check("Withdrawn operators", gone, f"{len(gone)} operators without public items", options))
    released, unreleased, count = await permalinks.probes(comparison, options.sample)
    addresses = f"{len(released)} of {count} permanent addresses"
    checked.append(await check("Permanent addresses", released, addresses, options))
    checked.append(await check("Unreleased items", unreleased, f"{len(unreleased)} unreleased items", options))
    return checked


async def _walk_lists(comparison: Comparison, options: ProbeOptions) -> Checked:
    async with comparison.database.snapshot() as connection:
        counts = await verification.count_record(connection)
    lists: list[BoardList | ChangeList] = [*(BoardList(comparison, board) for board in Board), ChangeList(comparison)]
    advance = options.progress("Lists", counts.live + counts.items)
    suspects = [probe for each in lists for probe in await listing.walk(each, advance)]
    return Checked(suspects, f"{counts.live} items listed")


CHANNEL = Channel(name="json", label=_("数据接口（JSON）"), verify=verify)
