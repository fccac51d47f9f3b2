"""What every page says of the site: who publishes, where the other services are, whether the data is real."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from shared.settings import Settings
from shared.web.languages import Language

# A browser cannot open the address that means "all interfaces".
UNSPECIFIED = frozenset({"0.0.0.0", "::", ""})  # noqa: S104


@dataclass(frozen=True, slots=True)
class Site:
    """The site as the frame of a page shows it.

    `bases` maps a service to what stands before its paths: empty for links within one host.
    """

    bureau_zh: str
    bureau_en: str
    synthetic: bool = False
    public: str = ""
    bases: dict[str, str] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    @classmethod
    def of(cls, settings: Settings, service: str) -> Site:
        """Return the site as seen from the pages of `service`.

        With a public address one reverse proxy serves all paths, and every link stays on its host.
        """
        ports = {
            "publisher": settings.publisher_port,
            "intake": settings.intake_port,
            "stats": settings.stats_port,
            "corrections": settings.corrections_port,
        }
        host = "127.0.0.1" if settings.host in UNSPECIFIED else settings.host
        own = {name: f"http://{host}:{port}" for name, port in ports.items()}
        return cls(
            bureau_zh=settings.bureau_zh,
            bureau_en=settings.bureau_en,
            synthetic=settings.synthetic,
            public=settings.public_url.rstrip("/") or own["publisher"],
            bases={} if settings.public_url else {name: base for name, base in own.items() if name != service},
            zone=settings.zone,
        )

    def bureau(self, language: Language) -> str:
        """Return the name of the publishing bureau."""
        return self.bureau_en if language == "en" else self.bureau_zh

    def link(self, service: str, path: str = "/") -> str:
        """Return the address of a page of `service`, as short as it can be."""
        return self.bases.get(service, "") + path

    def permalink(self, path: str) -> str:
        """Return the absolute public address of a portal page, for QR codes and feeds."""
        return self.public + path
