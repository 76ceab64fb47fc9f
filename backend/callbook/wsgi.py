"""What a WSGI server loads: `gunicorn callbook.wsgi:application()`."""

import gc
import logging
import os

from apiflask import APIFlask

from callbook.settings import LOG_FORMAT, Settings
from callbook.web import create_app


def application() -> APIFlask:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    app = create_app(Settings.from_env(os.environ))
    gc.freeze()  # what lives as long as the process is not looked at again: 40 ms in the middle of somebody's answer
    gc.set_threshold(10_000, 20, 50)  # one long answer is many more objects than 700, Python's own
    return app
