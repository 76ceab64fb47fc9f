"""Signing in, and whether the server is well."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from callbook.web.shapes.parts import Account, Given, Shape


class RedeemIn(Given):
    code: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    verifier: Annotated[str, StringConstraints(min_length=43, max_length=128)]
    extension: Annotated[str, StringConstraints(pattern=r"^[a-p]{32}$")]


class SessionOut(Shape):
    token: str
    expires_at: datetime
    account: Account


class Health(Shape):
    status: Literal["ok"]
    service: Literal["callbook"]
    version: str
