"""A local HubSpot to develop, demonstrate, test and measure against. It is a package of its own: whatever talks to
it talks HTTP, exactly as to HubSpot, and only the base URLs differ.

From a shell: `python -m hubspot_sandbox --port 0 --contacts 5000` (`--help` has the rest). From Python:

    with hubspot_sandbox.running(contacts=200, seed=7) as hubspot:
        hubspot.url                                  # both HUBSPOT_API_URL and HUBSPOT_APP_URL
        hubspot.options.client_id                    # and client_secret, portal_id
        tokens = hubspot.grant("rep")                # without a browser: tokens.token, tokens.grant.refresh_token
        for contact in hubspot.portal.live():        # contact.id, contact.properties, contact.value("lastmodifieddate")
            ...
        ada = hubspot.create(firstname="Ada", phone="+1 212 555 0100")
        hubspot.edit(ada.id, phone="")               # "" or None clears; at_ms= sets the moment of the change
        hubspot.archive(ada.id)                      # then .restore(ada.id), .gdpr_delete(ada.id), .merge(ada.id, ...)
        works = hubspot.create_company(name="Analytical Works", phone="(212) 555-0100")
        hubspot.edit_company(works.id, phone="")     # contacts name it by `associatedcompanyid`
        hubspot.advance(1800)                        # every access token has now expired
        hubspot.fault("list", 500, times=2, skip=3)  # the fourth and fifth page fail
        hubspot.fault("search", 429, retry_after_s=1)
        hubspot.fault("get", delay_ms=200)           # slow, then as usual
        hubspot.change_options(latency_ms=250, index_lag_s=3, general_limit=110)
        hubspot.revoke_all()                         # every grant and token ends at once
        hubspot.uninstall()                          # as the customer does: access tokens live on for a while
        hubspot.requests.count("list", 200)          # also .count(), .by_endpoint, .recent

`running(csv=path)` takes contacts from a HubSpot export, `running(options=Options(...))` chooses how it behaves. The
people who can be signed in are "admin" (Dana Whitlock), "rep" (Sam Ortiz) and "rep-without-access" (Robin Vale, whom
the consent page refuses). The same is to be had over HTTP under `/__sandbox`, and `/` is a page for a person. The
README beside this file has all of it.
"""

from hubspot_sandbox.csv_import import CsvRefused, read_contacts_csv
from hubspot_sandbox.door import RunningSandbox, running
from hubspot_sandbox.options import Options

__all__ = ["CsvRefused", "Options", "RunningSandbox", "read_contacts_csv", "running"]
