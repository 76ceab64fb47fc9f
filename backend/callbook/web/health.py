"""Is this a Callbook server, and is it up? Asked by the extension's settings and by whoever watches the server."""

from apiflask import APIBlueprint

from callbook import __version__
from callbook.web.shapes import Health

blueprint = APIBlueprint("health", __name__)


@blueprint.get("/health")
@blueprint.output(Health)
def health() -> dict[str, str]:
    return {"status": "ok", "service": "callbook", "version": __version__}
