"""An alert of the shipped rules reaches the contact point of docker-compose.yml, by a real Prometheus and Alertmanager."""

from __future__ import annotations

import asyncio
import os
import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from deploy.monitors import has_templates
from tests.integration.probes import wait_until
from tests.monitors import ROOT, free_address, programs, run, run_prometheus


def contact_point(**variables: str) -> str:
    """Return the configuration of Alertmanager as its container fills it in."""
    part = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["alertmanager"]
    template = ROOT / "deploy" / "prometheus" / "alertmanager.yml"
    script = part["command"][0].replace("$$", "$").replace("/etc/alertmanager/template.yml", str(template))
    environment = dict.fromkeys(part["environment"], "") | {"PATH": os.environ["PATH"], "ALERT_SMTP_TLS": "true"} | variables
    fill, _, _ = script.partition(" > /tmp/alertmanager.yml")
    return subprocess.run(["/bin/sh", "-c", fill], env=environment, capture_output=True, text=True, check=True).stdout


class MailServer:
    """What a mail server says to who sends, and what it was sent."""

    def __init__(self) -> None:
        self.recipients: list[str] = []
        self.messages: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                self.recipients.append(line.decode().strip())
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self.messages.append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                break
        writer.close()


def test_the_shipped_contact_point_is_valid(tmp_path):
    file = tmp_path / "alertmanager.yml"
    file.write_text(contact_point(ALERT_SMTP="mail:25", ALERT_FROM="a@b.cn", ALERT_TO="c@d.cn"), encoding="utf-8")

    checked = subprocess.run([programs()["amtool"], "check-config", file], capture_output=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


async def test_a_standing_partition_is_told_by_mail_to_who_is_on_duty(tmp_path: Path):
    alertmanager = programs()["prometheus-alertmanager"]
    if not has_templates():
        pytest.skip("Debian's Alertmanager finds no templates, and only root may put them where it looks")
    registry, mail = CollectorRegistry(), MailServer()
    Gauge("gongshi_standing_partitions", "…", ("service", "topic", "partition", "cause"), registry=registry).labels(
        "stats", "gongshi.complaints", "3", "position_lost"
    ).set(1)
    metrics, thread = start_http_server(0, "127.0.0.1", registry)
    server = await asyncio.start_server(mail.talk, "127.0.0.1", 0)
    address, smtp = free_address(), f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    config = contact_point(
        ALERT_SMTP=smtp, ALERT_FROM="gongshi@example.gov.cn", ALERT_TO="duty@example.gov.cn", ALERT_SMTP_TLS="false"
    )
    (tmp_path / "alertmanager.yml").write_text(config.replace("group_wait: 30s", "group_wait: 0s"), encoding="utf-8")
    flags = (
        "--config.file=alertmanager.yml",
        f"--storage.path={tmp_path / 'am'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    )

    async def has_mail() -> bool:
        return bool(mail.messages)

    async with (
        server,
        run(alertmanager, *flags, cwd=tmp_path, ready=address),
        run_prometheus(tmp_path, {"stats": f"127.0.0.1:{metrics.server_port}"}, alertmanager=address, at_once=True),
    ):
        await wait_until("a mail about the standing partition", has_mail)
    metrics.shutdown()
    thread.join()
    metrics.server_close()

    message = message_from_bytes(mail.messages[0], policy=policy.default)
    text = message.get_body(("plain",)).get_content()
    assert mail.recipients == ["RCPT TO:<duty@example.gov.cn>"]
    assert message["Subject"].startswith("【告警】stats 停在 gongshi.complaints 的分区 3")
    assert "gongshi positions show" in text
