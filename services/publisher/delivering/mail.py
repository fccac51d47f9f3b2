"""Mail to the public: one question for each subscription, and a digest a day of what was released and withdrawn since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.publisher.domain.feed_subject import FeedSubject, subject_of_path
from services.publisher.store import feeds, mail
from services.publisher.store.mail import MailSubscription
from services.publisher.store.public_items import StoredItem
from services.publisher.web.presenter import FormPresenter
from shared.contracts import ItemState
from shared.mail import MailTransport
from shared.metrics import DELIVERIES
from shared.secret_box import OtherKey, SecretBox
from shared.settings import Settings
from shared.stream import Database
from shared.web.i18n import _
from shared.web.languages import Language
from shared.web.site import Site
from shared.web.vocabulary import word

INTERVAL_S = 60.0
BATCH = 50
DIGEST_EVERY = timedelta(hours=23)
UNCONFIRMED_FOR = timedelta(days=2)
MAX_ENTRIES = 50
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('publisher.mail'))"


class Mailer:
    """Sends by SMTP; without a server it sends nothing. What fails is tried again at the next turn."""

    def __init__(
        self, database: Database, settings: Settings, box: SecretBox, site: Site, presenters: Mapping[Language, FormPresenter]
    ) -> None:
        self._database = database
        self._transport = MailTransport(settings)
        self._box = box
        self._site = site
        self._presenters = presenters

    async def send_due(self) -> int:
        """Ask who has not been asked, send the digests that are due, forget what nobody confirmed; return how many mails."""
        if not self._transport.is_available:
            return 0
        sent = 0
        async with self._database.unit_of_work() as uow:
            if not await uow.connection.fetchval(TRY_LOCK):
                return 0
            await mail.forget_unconfirmed(uow.connection, uow.now - UNCONFIRMED_FOR)
            unasked = await mail.fetch_unasked(uow.connection, BATCH)
            due = await mail.fetch_due(uow.connection, uow.now - DIGEST_EVERY, BATCH)
        for subscription in unasked:
            sent += await self._ask(subscription)
        for subscription in due:
            sent += await self._send_digest(subscription)
        return sent

    async def _ask(self, subscription: MailSubscription) -> bool:
        """Ask once: stored before it is sent, so that nobody is asked again and again for somebody else's sake."""
        async with self._database.unit_of_work() as uow:
            await mail.set_question_sent(uow.connection, subscription, uow.now)
        presenter, token = self._presenters[_language(subscription)], self._token(subscription)
        if token is None:
            return False
        address = self._site.permalink(f"/subscriptions/{token}")
        lines = [
            presenter.translate(
                _("有人用这个邮箱订阅了“%(subject)s”的消费投诉公示。", subject=self._name(subscription, presenter))
            ),
            presenter.translate(_("如果是您本人，请打开下面的网址确认；不是的话不用理会，两天后自动作废。")),
            address,
        ]
        return await self._send(subscription, presenter.translate(_("请确认订阅")), lines, token)

    async def _send_digest(self, subscription: MailSubscription) -> bool:
        subject, token = subject_of_path(f"/feeds/{subscription.subject}.atom"), self._token(subscription)
        if subject is None or token is None:
            return False
        async with self._database.snapshot() as connection:
            rows = await feeds.fetch_subject_items(connection, subject, None, MAX_ENTRIES)
            newest = await feeds.last_seq(connection, subject)
        fresh = [row for row in rows if row.release_seq > subscription.sent_seq and self._concerns(row, subject)]
        if not fresh:
            async with self._database.unit_of_work() as uow:
                await mail.set_sent(uow.connection, subscription, max(newest, subscription.sent_seq), uow.now)
            return False
        presenter = self._presenters[_language(subscription)]
        name = self._name(subscription, presenter)
        lines = [presenter.translate(_("“%(subject)s”有%(count)s条更新：", subject=name, count=len(fresh)))]
        lines += [self._line(row, presenter) for row in fresh]
        lines.append(self._site.permalink(subject.alternate))
        if not await self._send(subscription, presenter.translate(_("消费投诉公示：%(subject)s", subject=name)), lines, token):
            return False
        async with self._database.unit_of_work() as uow:
            await mail.set_sent(uow.connection, subscription, newest, uow.now)
        return True

    @staticmethod
    def _concerns(row: StoredItem, subject: FeedSubject) -> bool:
        """A withdrawn item says no more what it was about, so only a board's subscribers are told of it by mail."""
        return row.item.state is not ItemState.WITHDRAWN or subject.kind == "board"

    def _line(self, row: StoredItem, presenter: FormPresenter) -> str:
        address = self._site.permalink(f"/items/{row.item.item_id}")
        if row.item.state is ItemState.WITHDRAWN:
            return f"- {presenter.translate(_('%(id)s已撤回', id=row.item.item_id))}\n  {address}"
        return f"- {presenter.title(row.item, row.item.board)}\n  {address}"

    def _name(self, subscription: MailSubscription, presenter: FormPresenter) -> str:
        kind, _sep, code = subscription.subject.rpartition("/")
        match kind:
            case "regions":
                return presenter.region(code)
            case "industries":
                return presenter.industry(code)
            case "operators":
                return code
            case _:
                return presenter.translate(word("board", code))

    def _token(self, subscription: MailSubscription) -> str | None:
        try:
            return self._box.decrypt(subscription.token)
        except OtherKey:
            return None

    async def _send(self, subscription: MailSubscription, title: str, lines: list[str], token: str) -> bool:
        """Send a mail from which one click leads out (RFC 8058); return whether the server took it."""
        presenter = self._presenters[_language(subscription)]
        out = self._site.permalink(f"/subscriptions/{token}/leave")
        farewell = presenter.translate(_("不想再收到，打开：%(address)s", address=out))
        taken = await self._transport.send(
            self._box.decrypt(subscription.address),
            title,
            [*lines, "-- ", self._site.bureau(_language(subscription)), farewell],
            {"List-Unsubscribe": f"<{out}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
        DELIVERIES.labels("mail", "delivered" if taken else "failing").inc()
        return taken


def _language(subscription: MailSubscription) -> Language:
    return "en" if subscription.language == "en" else "zh"
