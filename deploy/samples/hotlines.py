"""The sample hotlines of an invented city: synthetic complaint events, in order of time, the same for the same arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from heapq import heappop, heappush
from typing import Literal
from zlib import crc32
from zoneinfo import ZoneInfo

from deploy.samples.carriers import encode_event, record_key
from deploy.samples.emission import Carrier, Emission
from deploy.samples.faults import faults_for, malformed_event
from deploy.samples.operators import operator_register
from deploy.samples.people import population
from deploy.samples.report import Hotline, Report, World, write_report
from deploy.samples.season import arrivals, first_day, local_day, local_time, seconds, utc_time
from deploy.samples.seeded_random import SeededRandom, weighted_table
from deploy.samples.wording import Clerk, Dispute

TIP_OFF_SHARE = 0.045
CROSS_CHANNEL_SHARE = 0.03
REPEATED_SHARE = 0.015
CONFLICT_SHARE = 0.0004
FAULT_SHARE = 0.003
CROSS_CHANNEL_DAYS = 4

H12345 = Hotline("/samples/hotlines/12345/990100", "hotline_12345", "kafka_binary", "YZ", dispatched=0.95)
H12315 = Hotline("/samples/hotlines/12315/990100", "hotline_12315", "kafka_binary", "315-", dispatched=0.4)
PLATFORM = Hotline("/samples/platform/990100", "platform", "kafka_structured", "PT", dispatched=0.9, utc=True)
ON_SITE = Hotline("/samples/on-site/990100", "on_site", "http_batch", "XC", dispatched=0.0)
LETTERS = Hotline("/samples/letters/990100", "letter", "csv_row", "LX", dispatched=0.0)
HOTLINES = weighted_table((H12345, H12315, PLATFORM, ON_SITE, LETTERS), (42, 26, 24, 6, 2), 100)
OTHER_CHANNEL = {H12345: H12315, H12315: H12345, PLATFORM: H12315, ON_SITE: H12345, LETTERS: H12345}

Mode = Literal["sent", "sent again", "sent under a new id", "contradicted"]
Due = tuple[int, int, Report, int, Mode]


def generate(
    seed: int = 1,
    complaints: int = 20_000,
    months: int = 24,
    until: date | None = None,
    *,
    carriers: Literal["own", "kafka"] = "own",
    faults: float = FAULT_SHARE,
) -> Iterator[Emission]:
    """Yield what the synthetic sources send about `complaints` distinct disputes, in order of sending.

    Everything is received in the `months` before `until` (Asia/Shanghai, exclusive; default today); what a source would send
    later is left out, so the newest complaints are still open. Tip-offs, cross-channel duplicates, repeats and malformed events
    come on top of `complaints`. With `carriers="kafka"` every source sends on Kafka in binary mode or structured mode, with the
    same content. `faults` is the share of malformed events. External ids differ between runs with different arguments, so two
    worlds can be loaded into one system.
    """
    return _City(seed, complaints, months, until or today(), everything_on_kafka=carriers == "kafka", faults=faults).emissions()


def today() -> date:
    """Return the current day in Asia/Shanghai, the default end of a world."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


@dataclass(slots=True)
class _Run:
    """The tag and counters of the ids of one run."""

    tag: str
    reports: int = 0
    events: int = 0


class _City:
    def __init__(
        self, seed: int, complaints: int, months: int, until: date, *, everything_on_kafka: bool, faults: float
    ) -> None:
        self._start, self._until, self._end = first_day(until, months), until, seconds(until)
        self._complaints, self._kafka, self._faults = complaints, everything_on_kafka, faults
        tag = crc32(f"{seed} {complaints} {months} {until}".encode())
        self._run = _Run(f"{tag:08X}")
        self._rng, self._noise = SeededRandom(f"world {seed}"), SeededRandom(f"noise {seed}")
        self._season = SeededRandom(f"season {seed}")
        self._clerk = Clerk(self._rng)
        everyone = operator_register(seed)
        self._world = World(everyone, self._end)
        self._operators = weighted_table(everyone, [operator.weight for operator in everyone], 20_000)
        self._people = population(seed)
        self._due: list[Due] = []

    def emissions(self) -> Iterator[Emission]:
        """Yield all emissions in order of sending."""
        for moment in arrivals(self._season, self._complaints, self._start, self._until):
            yield from self._send_until(moment)
            self._receive(moment)
        yield from self._send_until(self._end)

    def _receive(self, moment: int) -> None:
        rng, operator, person = self._rng, self._rng.pick(self._operators), self._rng.pick(self._people)
        year, month, day = local_day(moment).split("-")
        dispute = self._clerk.dispute(operator, person, (int(year), int(month), int(day)))
        hotline = rng.pick(HOTLINES)
        first = self._file(hotline, moment, dispute, None)
        if rng.random() < CROSS_CHANNEL_SHARE:
            later = moment + int((0.02 + rng.random()) * CROSS_CHANNEL_DAYS * 86_400)
            self._file(OTHER_CHANNEL[hotline], later, dispute, (hotline.source, first.external_id))
        if rng.random() < TIP_OFF_SHARE:
            self._file(rng.pick(HOTLINES), moment, dispute, None, tip_off=True)

    def _file(
        self, hotline: Hotline, moment: int, dispute: Dispute, same_as: tuple[str, str] | None, *, tip_off: bool = False
    ) -> Report:
        run = self._run
        run.reports += 1
        external_id = f"{hotline.prefix}{local_day(moment).replace('-', '')}{run.tag}{run.reports:06d}"
        report = write_report(self._clerk, hotline, external_id, moment, dispute, same_as, self._world, tip_off=tip_off)
        for index, step in enumerate(report.steps):
            self._schedule(step.sent, report, index, "sent")
        return report

    def _schedule(self, sent: int, report: Report, index: int, mode: Mode) -> None:
        if sent < self._end:
            self._run.events += 1
            heappush(self._due, (sent, self._run.events, report, index, mode))

    def _send_until(self, moment: int) -> Iterator[Emission]:
        due = self._due
        while due and due[0][0] < moment:
            sent, serial, report, index, mode = heappop(due)
            if mode == "sent":
                if self._noise.random() < self._faults:
                    yield self._malformed(sent, serial, report, index)
                self._echo(sent, report, index)
            yield self._emission(sent, serial, report, index, mode)

    def _echo(self, sent: int, report: Report, index: int) -> None:
        """Schedule some revisions twice, and a few with other content under the same revision."""
        noise = self._noise
        draw = noise.random()
        if draw < REPEATED_SHARE:
            mode: Mode = "sent again" if noise.happens(0.5) else "sent under a new id"
            self._schedule(sent + noise.pick((2, 30, 600, 86_400)), report, index, mode)
        elif draw < REPEATED_SHARE + CONFLICT_SHARE and index == 0 and report.in_order:
            self._schedule(sent + 20, report, index, "contradicted")

    def _emission(self, sent: int, serial: int, report: Report, index: int, mode: Mode) -> Emission:
        hotline, data = report.hotline, report.data(index)
        contradicted = mode == "contradicted"
        if contradicted:
            data["title"] = f"{data['title']}（补充）"
        again = mode == "sent again"
        time = sent if not again else report.steps[index].sent
        event_id = f"{self._run.tag}-{report.external_id[-6:]}-{index + 1}" + ("" if again or mode == "sent" else f"-{serial}")
        carrier = self._carrier(hotline)
        headers, body = encode_event(carrier, hotline.source, event_id, _clock(hotline, time), data)
        return Emission(
            hotline.source,
            carrier,
            report.external_id,
            sent,
            record_key(hotline.source, report.external_id),
            headers,
            body,
            "accepted" if mode == "sent" else "refused" if contradicted else "duplicate",
            "conflict" if contradicted else None,
            report.personal,
            None if contradicted else report.facts(index, data),
        )

    def _malformed(self, sent: int, serial: int, report: Report, index: int) -> Emission:
        """Return a malformed event under an external id of its own: accepting it would change a count."""
        hotline, carrier = report.hotline, self._carrier(report.hotline)
        external_id = f"{hotline.prefix}BAD{self._run.tag}{serial:07d}"
        fault = self._noise.pick(faults_for(carrier))
        data = {**report.data(index), "external_id": external_id}
        event_id = f"{self._run.tag}-bad-{serial}"
        headers, body = malformed_event(fault, carrier, hotline.source, event_id, _clock(hotline, sent), data)
        place = record_key(hotline.source, external_id)
        return Emission(
            hotline.source, carrier, external_id, sent, place, headers, body, "refused", fault, report.personal, None
        )

    def _carrier(self, hotline: Hotline) -> Carrier:
        return "kafka_binary" if self._kafka and not hotline.carrier.startswith("kafka") else hotline.carrier


def _clock(hotline: Hotline, moment: int) -> str:
    return utc_time(moment) if hotline.utc else local_time(moment)
