"""The web service: one file per subject, listed here. A view parses, calls the floors below, and serialises."""

from datetime import timedelta

from apiflask import APIFlask
from flask_cors import CORS

from callbook import __version__, models
from callbook.events import Watcher
from callbook.jobs import Jobs
from callbook.settings import Settings
from callbook.web import (
    auth,
    callers,
    calls,
    contacts,
    door,
    feed,
    health,
    hooks,
    hubspot_search,
    lines,
    openapi,
    preferences,
    problems,
    push,
    refusals,
    sync,
)

SUBJECTS = (
    health,
    auth,
    sync,
    problems,
    preferences,
    lines,
    contacts,
    feed,
    callers,
    hubspot_search,
    calls,
    hooks,
    push,
)

# What Chromium keeps at most of an origin's leave to send a request (kMaxTimeout in preflight_result.cc).
ASKS_LEAVE_AGAIN = timedelta(hours=2)


def create_app(settings: Settings) -> APIFlask:
    """The WSGI application. The database must have been migrated."""
    models.connect(settings.database_url, mapped=True)
    app = APIFlask("callbook", title="Callbook", version=__version__, spec_path="/openapi.json", docs_path=None)
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        OPENAPI_VERSION="3.1.0",
        SOCK_SERVER_OPTIONS={"max_message_size": 4096},
        AUTO_404_RESPONSE=False,
    )
    app.extensions["callbook"] = settings
    app.extensions["callbook_jobs"] = Jobs(settings)
    app.extensions["callbook_watcher"] = Watcher()
    door.install(app)
    refusals.install(app)
    openapi.install(app)
    for subject in SUBJECTS:
        app.register_blueprint(subject.blueprint)
    origins = [f"chrome-extension://{id_}" for id_ in settings.extension_ids]
    CORS(
        app,
        origins=origins,
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["X-Request-Id", "Retry-After"],
        max_age=ASKS_LEAVE_AGAIN,
    )
    return app
