"""The README's own way to tell Callbook of a call, typed into a shell."""

import json
import re
import shutil
import subprocess

import pytest

from callbook.models import connected
from tests.backend.people import connect
from tests.backend.serving import CALL_SECRET, Live
from tests.structure.repository import readme

TOOLS = ("bash", "curl", "openssl", "od")


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")
def test_the_readmes_own_line_rings(live: Live) -> None:
    browser = live.sign_in("dana@example.com")
    with connected():
        connect(browser.owner)
    section = readme().partition("## Tell Callbook about calls")[2].partition("\n## ")[0]
    (shown,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    typed = shown.replace("https://callbook.example.com", live.url).replace("whsec_...", CALL_SECRET)
    assert (typed.count(live.url), typed.count(CALL_SECRET)) == (1, 1)
    command = ["bash", "-euc", typed]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert json.loads(told.stdout) == {"routed": True}
    (call,) = browser.calls()["calls"]
    assert (call["call_id"], call["direction"], call["state"]) == ("desk-7", "inbound", "ringing")
