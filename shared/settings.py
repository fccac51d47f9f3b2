"""Settings of one process, read from the environment once and passed down."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "GONGSHI_"
# Read by the build, the tests and Compose, not by a service.
FOREIGN_VARIABLES = frozenset({"GONGSHI_BROWSER", "GONGSHI_CHAOS_REPORTS", "GONGSHI_CHAOS_SEED", "GONGSHI_IMAGE"})


class Settings(BaseSettings):
    """The configuration of a process; each description gives the reason for its default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True)

    kafka_bootstrap_servers: str = Field(
        default="",
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "kafka_bootstrap_servers"),
        description="Broker list. Empty: the embedded broker is started.",
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        validation_alias=AliasChoices("KAFKA_SECURITY_PROTOCOL", "kafka_security_protocol"),
        description="As other Kafka clients name it. The embedded broker's is filled in.",
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512",
        validation_alias=AliasChoices("KAFKA_SASL_MECHANISM", "kafka_sasl_mechanism"),
        description="With SCRAM the broker stores no password, and the network sees none.",
    )
    kafka_sasl_username: str = Field(
        default="",
        validation_alias=AliasChoices("KAFKA_SASL_USERNAME", "kafka_sasl_username"),
        description="Account of this process at the broker.",
    )
    kafka_sasl_password: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("KAFKA_SASL_PASSWORD", "kafka_sasl_password"),
        description="Its password; a file is better, for other processes can read the environment.",
    )
    kafka_sasl_password_file: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_SASL_PASSWORD_FILE", "kafka_sasl_password_file"),
        description="File with the password, for secrets of containers.",
    )
    kafka_ssl_cafile: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_SSL_CAFILE", "kafka_ssl_cafile"),
        description="Authorities that sign the broker's certificate (PEM). None: those of the system.",
    )
    kafka_ssl_certfile: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_SSL_CERTFILE", "kafka_ssl_certfile"),
        description="Certificate of this client, where the broker asks for one.",
    )
    kafka_ssl_keyfile: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_SSL_KEYFILE", "kafka_ssl_keyfile"),
        description="Key of that certificate.",
    )
    kafka_accounts: Path | None = Field(
        default=None,
        description="Folder of the accounts' passwords; `gongshi topics --create` sets them. None: it makes no accounts.",
    )
    kafka_loopback_listener: bool = Field(
        default=True,
        description="Embedded broker: may clients of this machine report without an account, and read what is said?",
    )
    kafka_unsigned_sources: str = Field(
        default="*",
        description="Sources, by commas, whose reports over Kafka need no signature; * is all but those that sign.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL URL. Empty: the embedded database is started.",
    )
    database_logins: Path | None = Field(
        default=None,
        description="Folder of the services' passwords, a file each; migrations set them. None: a login is as its URL.",
    )
    topic_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,100}$",
        description="Stands before every topic name, so that several cities can share one cluster.",
    )
    home: Path = Field(default=Path(".gongshi"), description="State of the embedded parts, logs, secrets.")
    cache: Path = Field(
        default=Path("~/.cache/gongshi").expanduser(),
        description="Fetched engine files, shared by every state directory of a user.",
    )
    kafka_port: int = Field(default=19092, description="Of the embedded broker. Not 9092: that may be one of yours.")
    postgres_port: int = Field(default=15432, description="Of the embedded database. Not 5432 for the same reason.")
    host: str = Field(default="127.0.0.1", description="Loopback by default: a reverse proxy faces the network.")
    allowed_hosts: str = Field(
        default="",
        description="Names by commas under which pages are asked for, besides localhost, `host`, the public URL's; `*` is any.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks, by commas, whose X-Forwarded-For and -Proto count; `*` is all. Empty: none.",
    )
    max_connections: int = Field(default=1_000, ge=16, description="Of a service; a file descriptor and some 20 KiB each.")
    max_connections_per_address: int = Field(default=200, ge=8, description="An office behind one address has six a person.")
    max_streams: int = Field(default=400, ge=8, description="Screens of a publisher; the largest city has some hundreds.")
    publisher_port: int = 8700
    intake_port: int = 8701
    stats_port: int = 8702
    corrections_port: int = 8703
    public_url: str = Field(
        default="",
        description="Base of permalinks and QR codes. Empty: the publisher's own address.",
    )
    target_networks: str = Field(
        default="",
        description="Networks inside, by commas (10.8.0.0/16), whose addresses targets may have; others are public ones.",
    )
    smtp_host: str = Field(
        default="", description="Mail server of digests and of notices on applications. Empty: none are offered."
    )
    smtp_port: int = Field(default=587, description="Of submission with STARTTLS (RFC 6409).")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="`none` only for a server on this machine."
    )
    smtp_username: str = Field(default="", description="Account at the mail server. Empty: it asks for none.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Its password; a file is better.")
    smtp_password_file: Path | None = Field(default=None, description="File with the password, for secrets of containers.")
    mail_from: str = Field(default="gongshi@localhost", max_length=200, description="Sender of what is mailed.")
    feed_authority: str = Field(
        default="",
        pattern=r"^$|^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?,\d{4}(-\d{2}(-\d{2})?)?$",
        description="Authority of the ids in feeds, `name,date` (RFC 4151), stored on the first start. Empty: chosen then.",
    )
    time_zone: str = Field(default="Asia/Shanghai", description="Days and months of every figure and deadline.")
    rules: Path = Field(
        default=Path(__file__).parent.parent / "deploy" / "rules" / "gongshi.yaml",
        description="The dated rules file.",
    )
    calendar: Path | None = Field(
        default=None,
        description="Folder of YYYY.csv files that replace years of the working-day calendar. None: as shipped.",
    )
    screen_frame_ancestors: str = Field(
        default="'self'",
        pattern=r"^(?:'self'|\*|https?://[A-Za-z0-9.*:-]+)(?: (?:'self'|https?://[A-Za-z0-9.*:-]+))*$",
        description="Which pages may frame a screen, as in frame-ancestors: a signage system names its origin here, or *.",
    )
    bureau_zh: str = Field(default="云州市市场监督管理局", description="Publishing bureau, Chinese name.")
    bureau_en: str = Field(default="Yunzhou Administration for Market Regulation", description="The same in English.")
    bureau_address: str = Field(default="", max_length=100, description="Its address, in the footer of public pages.")
    bureau_phone: str = Field(
        default="", max_length=40, description="Its telephone for technical questions, in the same place."
    )
    icp_filing: str = Field(default="", max_length=60, description="Number of the ICP filing (备案号), in the same place.")
    police_filing: str = Field(default="", max_length=60, description="Number of the filing with the police (公安备案号).")
    site_code: str = Field(default="", max_length=20, description="Identification code of a government site (网站标识码).")
    document_fonts: Path | None = Field(
        default=None, description="Folder of the fonts that documents are set in. None: the open font of a package alone."
    )
    document_font_body: str = Field(
        default="FangSong_GB2312,FangSong", description="Families of the text, by commas; GB/T 9704 asks for 仿宋."
    )
    document_font_title: str = Field(
        default="FZXiaoBiaoSong-B05S,FZXiaoBiaoSong-B05", description="Of title and red head: 小标宋."
    )
    document_font_heading: str = Field(default="SimHei", description="Of headings: 黑体.")
    document_font_subheading: str = Field(default="KaiTi_GB2312,KaiTi", description="Of the headings below them: 楷体.")
    document_font_number: str = Field(default="SimSun", description="Of page numbers: 宋体.")
    synthetic: bool = Field(default=False, description="Shows the ribbon saying that all data is invented.")
    batch_records: int = Field(default=2000, ge=1, description="Larger batches gain little, and 4,000 take intake over 250 MB.")
    batch_wait_ms: int = Field(default=25, ge=1, description="FastStream waits it twice when idle; it bounds latency.")
    pool_size: int = Field(
        default=8, ge=2, description="Of a service's consumers, relay and listeners, and as many again of its pages."
    )
    statement_timeout_s: float = Field(default=30.0, gt=0, description="Bounds how long a rebalance may wait for a batch.")
    session_timeout_ms: int = Field(default=10_000, description="How soon a dead process loses its partitions.")
    stop_timeout_s: float = Field(default=20.0, description="Given to the batch in flight on a graceful stop.")
    second_factor_required: bool = Field(
        default=False,
        description="Gatekeepers, reviewers and officers without a second factor may set one up and do nothing else.",
    )
    second_factor_key: Path | None = Field(
        default=None,
        description="Key that encrypts the seeds of second factors, one for all services; made in `home` when not given.",
    )
    secret_file: Path | None = Field(
        default=None,
        description="Key for signed screen leases; made in `home` on the first start when not given.",
    )
    matching_key: Path | None = Field(
        default=None,
        description="Key of the digests by which reports of one person are found; all intakes share it. None: made in `home`.",
    )
    rulings_key: Path | None = Field(
        default=None,
        description="Private key (Ed25519, PEM) by which corrections signs its events; nobody else has it.",
    )
    rulings_public_key: Path | None = Field(
        default=None,
        description="Its public key, by which publisher and stats take rulings. None: they take all, and say so in the log.",
    )
    seal_interval_s: float = Field(
        default=60.0,
        ge=0,
        description="`gongshi up` signs the journals that often; what is younger can be cut unseen. 0: it does not sign.",
    )
    seal_folder: Path | None = Field(
        default=None,
        description="The sealer's key and seals, best owned by another account than the services'. None: `seals` in `home`.",
    )
    log_format: str = Field(default="json", pattern="^(json|console)$")

    @property
    def kafka_has_account(self) -> bool:
        """Whether this process signs in to the broker."""
        return self.kafka_security_protocol.startswith("SASL")

    def read_kafka_password(self) -> str:
        """Return the account's password."""
        if self.kafka_sasl_password_file is not None:
            return self.kafka_sasl_password_file.read_text(encoding="utf-8").strip()
        return self.kafka_sasl_password.get_secret_value()

    def read_smtp_password(self) -> str:
        """Return the password of the account at the mail server; empty where there is none."""
        if self.smtp_password_file is not None:
            return self.smtp_password_file.read_text(encoding="utf-8").strip()
        return self.smtp_password.get_secret_value()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of days and months."""
        return ZoneInfo(self.time_zone)


def variable_names() -> dict[str, str]:
    """Return the environment variable of each setting. Those that other programs have too keep their conventional names."""
    names = {}
    for field, info in Settings.model_fields.items():
        alias = info.validation_alias
        names[field] = str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + field.upper()
    return names


def unknown_variables(environment: Iterable[str]) -> list[str]:
    """Return a sentence for each variable with our prefix that is not a setting: a typing mistake must not pass silently."""
    known = set(variable_names().values()) | {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known | FOREIGN_VARIABLES)
    return [f"{name} is no setting{_suggestion(name, known)}." for name in unknown]


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
