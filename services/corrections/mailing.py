"""Notices to applicants by mail: that something has happened, of which number, and where to look. Never what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.corrections.domain.notices import PURPOSE, NoticeKind
from services.corrections.store import mail
from services.corrections.store.mail import WaitingNotice
from shared.accounts.second_factor import key_file
from shared.key_file import read_or_make_key
from shared.mail import MailTransport
from shared.metrics import DELIVERIES
from shared.secret_box import OtherKey, SecretBox
from shared.settings import Settings
from shared.stream import Database
from shared.web.i18n import Text, _
from shared.web.languages import Language
from shared.web.templating import Pages

INTERVAL_S = 60.0
BATCH = 50
# The applicant is told by the page of the application in any case.
DROPPED_AFTER = timedelta(days=3)
# Longer than a batch takes at a mail server that does not answer.
TRIED_AGAIN_AFTER = timedelta(minutes=20)
HAPPENED: Mapping[NoticeKind, Text] = {
    NoticeKind.FILED: _("申请已收到"),
    NoticeKind.EVIDENCE_REQUESTED: _("需要补正材料"),
    NoticeKind.DUE_ON_MOVED: _("答复期限有变动"),
    NoticeKind.DECIDED: _("已作出书面答复"),
}


def load_address_box(settings: Settings) -> SecretBox:
    """Return what encrypts the addresses of applicants. Raises `KeyTooShort`."""
    return SecretBox(read_or_make_key(key_file(settings)), PURPOSE)


class ApplicationMailer:
    """Sends what is queued, each notice by one process; what the mail server does not take is tried again later."""

    def __init__(self, database: Database, settings: Settings, box: SecretBox, pages: Pages) -> None:
        self._database = database
        self._transport = MailTransport(settings)
        self._box = box
        self._pages = pages

    async def send_due(self) -> int:
        """Send notices that wait, and forget the addresses to which nothing more will be sent; return how many were sent."""
        async with self._database.unit_of_work() as uow:
            await mail.drop_old(uow.connection, uow.now - DROPPED_AFTER)
            await mail.forget_addresses(uow.connection)
            if not self._transport.is_available:
                return 0
            waiting = await mail.claim(uow.connection, uow.now, uow.now - TRIED_AGAIN_AFTER, BATCH)
        sent = 0
        for notice in waiting:
            sent += await self._send(notice)
        return sent

    async def _send(self, notice: WaitingNotice) -> bool:
        language: Language = "en" if notice.language == "en" else "zh"
        title = self._text(
            language, _("%(receipt)s：%(what)s", receipt=notice.receipt, what=self._text(language, HAPPENED[notice.kind]))
        )
        lines = [
            self._text(language, _("申请%(receipt)s有新的进展。", receipt=notice.receipt)),
            self._text(language, _("请打开下面的网址，凭查询码查看；本邮件不含申请内容，也不会索要查询码或者其他信息。")),
            self._pages.site.permalink("/corrections"),
            "-- ",
            self._pages.site.bureau(language),
        ]
        try:
            address = self._box.decrypt(notice.address, str(notice.application_id))
        except OtherKey:
            address = ""
        taken = bool(address) and await self._transport.send(address, title, lines)
        DELIVERIES.labels("mail", "delivered" if taken else "failing").inc()
        if taken or not address:
            async with self._database.unit_of_work() as uow:
                await mail.delete_notice(uow.connection, notice.notice_id)
        return taken

    def _text(self, language: Language, text: Text) -> str:
        return self._pages.text(language, text)
