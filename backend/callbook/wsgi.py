"""What a WSGI server loads: `gunicorn callbook.wsgi:application()`."""

import logging
import os

from apiflask import APIFlask

from callbook.settings import LOG_FORMAT, Settings
from callbook.web import create_app


def application() -> APIFlask:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    return create_app(Settings.from_env(os.environ))
