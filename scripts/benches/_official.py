"""HubSpot's own Python client reads all contacts, in a process of its own: `_official.py URL TOKEN` prints how many,
and the seconds they took.
"""

import json
import sys
import time

from hubspot import HubSpot

from callbook.hubspot import PROPERTIES


def main(url: str, token: str) -> None:
    client = HubSpot(access_token=token, host=url)
    began_s = time.monotonic()
    contacts = client.crm.contacts.get_all(properties=list(PROPERTIES))
    took_s = time.monotonic() - began_s
    print(json.dumps({"contacts": len(contacts), "seconds": took_s, "cpu_s": time.process_time()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
