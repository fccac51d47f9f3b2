"""Chinese titles and texts of disputes, as hotline clerks and consumers write them, from slots and whole sentences."""

from __future__ import annotations

import math
from typing import NamedTuple

from deploy.samples.operators import Operator
from deploy.samples.people import Person, format_number
from deploy.samples.phrases import Goods, Phrase, Trade, speech, topics, trades
from deploy.samples.seeded_random import SeededRandom, weighted_table

DAY = 86_400
EXTRA_SHARE = 0.35
PERSONAL_SHARE = 0.4
SMALL_PRICE, LARGE_PRICE = 100, 1_000
ONLINE_SHARE = 0.7
OWN_FAULT_SHARE = 0.75


class Dispute(NamedTuple):
    """What happened between one consumer and one operator: it can be reported several times, on several channels."""

    operator: Operator
    person: Person
    category: str
    goods: Goods
    price: str
    bought: str
    fault: Phrase
    demand: Phrase


class DisputeText(NamedTuple):
    """A dispute in the words of one channel. `personal` lists the personal data in the text, exactly as it stands there."""

    title: str
    text: str
    personal: tuple[str, ...]


class Clerk:
    """Invents disputes and writes them down; deterministic for the same generator."""

    def __init__(self, rng: SeededRandom) -> None:
        self.rng = rng
        self._mixes = {
            code: weighted_table(tuple(trade.mix), list(trade.mix.values()), 100) for code, trade in trades().items()
        }
        self._topics, self._speech = topics(), speech()

    def dispute(self, operator: Operator, person: Person, received: tuple[int, int, int]) -> Dispute:
        """Make up a dispute that reaches a hotline on the day `received` (year, month, day)."""
        rng, trade = self.rng, operator.trade
        category = rng.pick(self._mixes[trade.industry])
        goods = rng.pick(trade.goods)
        return Dispute(
            operator=operator,
            person=person,
            category=category,
            goods=goods,
            price=self._price(goods),
            bought=self._bought(received),
            fault=self._fault(trade, category),
            demand=rng.pick(self._topics[category].demands),
        )

    def complaint(self, dispute: Dispute, channel: str) -> DisputeText:
        """Write the dispute down as `channel` would; another call finds other words for the same facts."""
        rng, speech, personal = self.rng, self._speech, self._personal(dispute.person)
        text = "".join(
            (
                rng.pick(speech.openings[channel]).replace("{caller}", dispute.person.caller),
                self._deal(dispute),
                dispute.fault.sentence,
                "。",
                rng.pick(speech.leads),
                rng.pick(self._topics[dispute.category].excuses),
                "。",
                rng.pick(speech.extras) if rng.random() < EXTRA_SHARE else "",
                rng.pick(speech.bridges),
                dispute.demand.sentence,
                "，",
                rng.pick(speech.endings),
                personal[0],
            )
        )
        return DisputeText(self._title(dispute), text, personal[1])

    def tip_off(self, operator: Operator, person: Person) -> DisputeText:
        """Write down a report of an offence."""
        rng, offence, personal = self.rng, self.rng.pick(self._speech.tip_offs), self._personal(person)
        goods = rng.pick(operator.trade.goods).name
        sentence = offence.sentence.format(shop=operator.short, goods=goods, place=operator.road)
        text = f"{sentence}，{rng.pick(self._speech.tip_off_endings)}{personal[0]}"
        return DisputeText(f"举报{operator.short}{offence.short}", text, personal[1])

    def _title(self, dispute: Dispute) -> str:
        goods, fault, demand, shop = dispute.goods.name, dispute.fault.short, dispute.demand.short, dispute.operator.short
        match self.rng.randint(0, 5):
            case 0:
                return f"{goods}{fault}，要求{demand}"
            case 1:
                return f"{shop}{goods}{fault}"
            case 2:
                return f"投诉{shop}：{goods}{fault}"
            case 3:
                return f"{dispute.operator.trade.verb}{goods}，{fault}"
            case 4:
                return f"{goods}{fault}，{shop}未予解决"
            case _:
                return f"反映{shop}{fault}，要求{demand}"

    def _deal(self, dispute: Dispute) -> str:
        rng, speech, operator = self.rng, self._speech, dispute.operator
        slots = {
            "date": dispute.bought,
            "shop": operator.short,
            "place": operator.site or operator.road,
            "verb": operator.trade.verb,
            "goods": dispute.goods.name,
            "unit": dispute.goods.unit,
            "price": dispute.price,
            "pay": rng.pick(speech.pays),
            "proof": rng.pick(speech.proofs),
        }
        if operator.platform and rng.random() < ONLINE_SHARE:
            return rng.pick(speech.online).format_map({**slots, "platform": operator.platform, "order": rng.digits(12)})
        return rng.pick(speech.deals).format_map(slots)

    def _fault(self, trade: Trade, category: str) -> Phrase:
        own = trade.faults.get(category, ())
        pool = own if own and self.rng.random() < OWN_FAULT_SHARE else self._topics[category].faults
        fault = self.rng.pick(pool)
        if "{" not in fault.sentence:
            return fault
        count = self.rng.randint
        return Phrase(fault.short, fault.sentence.format(n=count(2, 45), k=count(2, 6), h=count(1, 4)))

    def _price(self, goods: Goods) -> str:
        """Return a price, low ones more often than high ones; small prices have cents, large ones end in tens."""
        value = goods.lowest * math.exp(self.rng.random() * math.log(goods.highest / goods.lowest))
        if value < SMALL_PRICE:
            return f"{value:.1f}0" if self.rng.happens(0.5) else f"{value:.0f}.00"
        return f"{value:.0f}.00" if value < LARGE_PRICE else f"{round(value / 10) * 10}.00"

    def _bought(self, received: tuple[int, int, int]) -> str:
        year, month, day = received
        earlier = int(self.rng.random() * self.rng.random() * 90)
        bought_day, bought_month = day - earlier % 28, month - earlier // 28
        if bought_day < 1:
            bought_day, bought_month = bought_day + 28, bought_month - 1
        if bought_month < 1:
            return f"{year - 1}年{bought_month + 12}月{bought_day}日"
        return f"{bought_month}月{bought_day}日" if self.rng.happens(0.5) else f"{year}年{bought_month}月{bought_day}日"

    def _personal(self, person: Person) -> tuple[str, tuple[str, ...]]:
        if self.rng.random() >= PERSONAL_SHARE:
            return "", ()
        template = self.rng.pick(self._speech.personal)
        values = {
            "name": person.name,
            "phone": format_number(self.rng, person.phone),
            "id": format_number(self.rng, person.id_number),
            "card": format_number(self.rng, person.card),
            "email": person.email,
            "address": person.address,
        }
        written = tuple(value for slot, value in values.items() if f"{{{slot}}}" in template)
        return template.format_map(values), written
