"""Spans for an OpenTelemetry collector, when one is named; else nothing of it is imported."""

from typing import TYPE_CHECKING

from app.settings import Settings, SettingsError

if TYPE_CHECKING:
    from app.telemetry.tracing import Tracing


def tracing_of(settings: Settings) -> "Tracing | None":
    """What makes the spans, or None. Raises SettingsError when the extra is not installed."""
    if not settings.otlp_endpoint:
        return None
    try:
        # Here and not above: OpenTelemetry is an extra, and who does not use it pays nothing.
        from app.telemetry.tracing import Tracing
    except ImportError:
        raise SettingsError(
            "SPORTELLO_OTLP_ENDPOINT is set, and OpenTelemetry is not installed: "
            "pip install 'sportello[telemetry]', or leave the setting empty."
        ) from None
    return Tracing(settings.otlp_endpoint)
