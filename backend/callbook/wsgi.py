"""What a WSGI server loads: `gunicorn callbook.wsgi:application()`."""

import os

from apiflask import APIFlask

from callbook.settings import Settings
from callbook.web import create_app


def application() -> APIFlask:
    return create_app(Settings.from_env(os.environ))
