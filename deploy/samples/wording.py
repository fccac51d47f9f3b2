"""Chinese titles and texts of disputes, as hotline clerks and consumers write them, from slots and whole sentences."""

from __future__ import annotations

import math
from typing import NamedTuple

from deploy.samples.chance import Chance, spread
from deploy.samples.operators import Operator
from deploy.samples.people import Person, as_written
from deploy.samples.phrases import Goods, Phrase, Trade, speech, topics, trades

DAY = 86_400
EXTRA_SHARE = 0.35
PERSONAL_SHARE = 0.4
SMALL_PRICE, LARGE_PRICE = 100, 1_000
ONLINE_SHARE = 0.7
OWN_FAULT_SHARE = 0.75


class Dispute(NamedTuple):
    """What happened between one consumer and one operator: it can be told several times, on several channels."""

    operator: Operator
    person: Person
    category: str
    goods: Goods
    price: str
    bought: str
    fault: Phrase
    demand: Phrase


class Told(NamedTuple):
    """A dispute as one channel wrote it down. `personal` lists the personal data in the text, exactly as it stands there."""

    title: str
    text: str
    personal: tuple[str, ...]


class Clerk:
    """Makes disputes up and writes them down; all chance comes from the one given."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self._mixes = {code: spread(tuple(trade.mix), list(trade.mix.values()), 100) for code, trade in trades().items()}
        self._topics, self._speech = topics(), speech()

    def dispute(self, operator: Operator, person: Person, received: tuple[int, int, int]) -> Dispute:
        """Make up a dispute that reaches a hotline on the day `received` (year, month, day)."""
        chance, trade = self.chance, operator.trade
        category = chance.pick(self._mixes[trade.industry])
        goods = chance.pick(trade.goods)
        return Dispute(
            operator=operator,
            person=person,
            category=category,
            goods=goods,
            price=self._price(goods),
            bought=self._bought(received),
            fault=self._fault(trade, category),
            demand=chance.pick(self._topics[category].demands),
        )

    def complaint(self, dispute: Dispute, channel: str) -> Told:
        """Write the dispute down as `channel` would; another call finds other words for the same facts."""
        chance, speech, personal = self.chance, self._speech, self._personal(dispute.person)
        text = "".join(
            (
                chance.pick(speech.openings[channel]).replace("{caller}", dispute.person.caller),
                self._deal(dispute),
                dispute.fault.sentence,
                "。",
                chance.pick(speech.leads),
                chance.pick(self._topics[dispute.category].excuses),
                "。",
                chance.pick(speech.extras) if chance.random() < EXTRA_SHARE else "",
                chance.pick(speech.bridges),
                dispute.demand.sentence,
                "，",
                chance.pick(speech.endings),
                personal[0],
            )
        )
        return Told(self._title(dispute), text, personal[1])

    def tip_off(self, operator: Operator, person: Person) -> Told:
        """Write down a report of an offence."""
        chance, offence, personal = self.chance, self.chance.pick(self._speech.tip_offs), self._personal(person)
        goods = chance.pick(operator.trade.goods).name
        sentence = offence.sentence.format(shop=operator.short, goods=goods, place=operator.road)
        text = f"{sentence}，{chance.pick(self._speech.tip_off_endings)}{personal[0]}"
        return Told(f"举报{operator.short}{offence.short}", text, personal[1])

    def _title(self, dispute: Dispute) -> str:
        goods, fault, demand, shop = dispute.goods.name, dispute.fault.short, dispute.demand.short, dispute.operator.short
        match self.chance.between(0, 5):
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
        chance, speech, operator = self.chance, self._speech, dispute.operator
        slots = {
            "date": dispute.bought,
            "shop": operator.short,
            "place": operator.site or operator.road,
            "verb": operator.trade.verb,
            "goods": dispute.goods.name,
            "unit": dispute.goods.unit,
            "price": dispute.price,
            "pay": chance.pick(speech.pays),
            "proof": chance.pick(speech.proofs),
        }
        if operator.platform and chance.random() < ONLINE_SHARE:
            return chance.pick(speech.online).format_map({**slots, "platform": operator.platform, "order": chance.digits(12)})
        return chance.pick(speech.deals).format_map(slots)

    def _fault(self, trade: Trade, category: str) -> Phrase:
        own = trade.faults.get(category, ())
        pool = own if own and self.chance.random() < OWN_FAULT_SHARE else self._topics[category].faults
        fault = self.chance.pick(pool)
        if "{" not in fault.sentence:
            return fault
        count = self.chance.between
        return Phrase(fault.short, fault.sentence.format(n=count(2, 45), k=count(2, 6), h=count(1, 4)))

    def _price(self, goods: Goods) -> str:
        """Return a price, low ones more often than high ones; small prices have cents, large ones end in tens."""
        value = goods.lowest * math.exp(self.chance.random() * math.log(goods.highest / goods.lowest))
        if value < SMALL_PRICE:
            return f"{value:.1f}0" if self.chance.happens(0.5) else f"{value:.0f}.00"
        return f"{value:.0f}.00" if value < LARGE_PRICE else f"{round(value / 10) * 10}.00"

    def _bought(self, received: tuple[int, int, int]) -> str:
        year, month, day = received
        earlier = int(self.chance.random() * self.chance.random() * 90)
        bought_day, bought_month = day - earlier % 28, month - earlier // 28
        if bought_day < 1:
            bought_day, bought_month = bought_day + 28, bought_month - 1
        if bought_month < 1:
            return f"{year - 1}年{bought_month + 12}月{bought_day}日"
        return f"{bought_month}月{bought_day}日" if self.chance.happens(0.5) else f"{year}年{bought_month}月{bought_day}日"

    def _personal(self, person: Person) -> tuple[str, tuple[str, ...]]:
        if self.chance.random() >= PERSONAL_SHARE:
            return "", ()
        template = self.chance.pick(self._speech.personal)
        shown = {
            "name": person.name,
            "phone": as_written(self.chance, person.phone),
            "id": as_written(self.chance, person.id_number),
            "card": as_written(self.chance, person.card),
            "email": person.email,
            "address": person.address,
        }
        written = tuple(value for slot, value in shown.items() if f"{{{slot}}}" in template)
        return template.format_map(shown), written
