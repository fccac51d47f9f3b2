"""What intake answers over HTTP: report events of sources, and the desk of clerks."""

from services.intake.web import complaints, desk, duplicates, events, files, handling, names, source_reports, uncoded

ROUTERS = (
    events.router,
    source_reports.router,
    desk.router,
    complaints.router,
    handling.router,
    files.router,
    names.router,
    uncoded.router,
    duplicates.router,
)

__all__ = ["ROUTERS"]
