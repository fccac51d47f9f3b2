"""The site as every page shows it: the publishing bureau, the addresses of the services, whether the data is synthetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from shared.settings import Settings
from shared.web.languages import Language

# A browser cannot open the address that means "all interfaces".
UNSPECIFIED = frozenset({"0.0.0.0", "::", ""})  # noqa: S104


@dataclass(frozen=True, slots=True)
class Footer:
    """What the footer of a government site says of its host and its filings; what is empty is left out."""

    address: str = ""
    phone: str = ""
    icp_filing: str = ""
    police_filing: str = ""
    site_code: str = ""

    @classmethod
    def from_settings(cls, settings: Settings) -> Footer:
        """Return what the settings say."""
        return cls(
            settings.bureau_address,
            settings.bureau_phone,
            settings.icp_filing,
            settings.police_filing,
            settings.site_code,
        )


@dataclass(frozen=True, slots=True)
class Site:
    """The site as the frame of a page shows it.

    `bases` maps a service to the prefix of its paths, scheme and host; empty for links within one host.
    """

    bureau_zh: str
    bureau_en: str
    synthetic: bool = False
    footer: Footer = field(default_factory=Footer)
    public: str = ""
    bases: dict[str, str] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    @classmethod
    def from_settings(cls, settings: Settings, service: str) -> Site:
        """Return the site for the pages of `service`.

        With a public address one reverse proxy serves all paths, and every link is a path on its host.
        """
        ports = {
            "publisher": settings.publisher_port,
            "intake": settings.intake_port,
            "stats": settings.stats_port,
            "corrections": settings.corrections_port,
        }
        host = "127.0.0.1" if settings.host in UNSPECIFIED else settings.host
        local = {name: f"http://{host}:{port}" for name, port in ports.items()}
        return cls(
            bureau_zh=settings.bureau_zh,
            bureau_en=settings.bureau_en,
            synthetic=settings.synthetic,
            footer=Footer.from_settings(settings),
            public=settings.public_url.rstrip("/") or local["publisher"],
            bases={} if settings.public_url else {name: base for name, base in local.items() if name != service},
            zone=settings.zone,
        )

    @property
    def domain(self) -> str:
        """The host name that readers type in."""
        return urlsplit(self.public).hostname or ""

    def bureau(self, language: Language) -> str:
        """Return the name of the publishing bureau."""
        return self.bureau_en if language == "en" else self.bureau_zh

    def link(self, service: str, path: str = "/") -> str:
        """Return the address of a page of `service`: a path on the same host, absolute on another."""
        return self.bases.get(service, "") + path

    def typed(self, service: str, path: str) -> str:
        """Return the address of a page of `service` as people type it in, without its scheme."""
        return (self.bases.get(service) or self.public).partition("://")[2] + path

    def permalink(self, path: str) -> str:
        """Return the absolute public address of a portal page, for QR codes and feeds."""
        return self.public + path
