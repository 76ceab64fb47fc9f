"""The sandbox's web pages: consent, refusals, and the portal's front page. HTML only, nothing is decided here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import islice

from hubspot_sandbox.moments import iso
from hubspot_sandbox.portal import Contact, Person, Portal
from hubspot_sandbox.traffic import Served

SHOWN_CONTACTS = 25

STYLE = """
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #213343; background: #f5f8fa; }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; }
main { max-width: 34rem; margin: 0 auto; padding: 2rem; background: #fff; border: 1px solid #cbd6e2;
  border-radius: 8px; }
main.wide { max-width: 72rem; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; }
.account { color: #516f90; font-size: .9rem; margin: 0 0 1.25rem; }
ul { padding-left: 1.2rem; margin: 0; }
code { color: #516f90; font-size: .8rem; }
fieldset { border: 1px solid #cbd6e2; border-radius: 6px; margin: 1.5rem 0; padding: .5rem 1rem; }
legend { font-weight: 600; padding: 0 .3rem; }
label { display: flex; gap: .6rem; padding: .35rem 0; cursor: pointer; }
.actions { display: flex; gap: .75rem; }
button { font: inherit; font-weight: 600; padding: .6rem 1.6rem; border-radius: 4px; cursor: pointer;
  border: 1px solid #ff5c35; background: #fff; color: #b83712; }
button.primary { background: #c93700; border-color: #c93700; color: #fff; }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid #00a4bd; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #eaf0f6; vertical-align: top; }
.scroll { overflow-x: auto; }
"""


def consent(
    app: str, portal: Portal, scopes: Sequence[tuple[str, str]], people: Sequence[Person], hidden: Mapping[str, str]
) -> str:
    listed = "".join(f"<li>{escape(label)} <code>{escape(scope)}</code></li>" for scope, label in scopes)
    kept = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(v)}">' for name, v in hidden.items())
    return _page(
        "Connect app",
        f"""<h1>Connect {escape(app)} to your HubSpot account</h1>
<p class="account">{_account(portal)}</p>
<p>The app asks for permission to:</p>
<ul>{listed}</ul>
<form method="post">
{kept}<fieldset><legend>Signed in as</legend>{_choices(people)}</fieldset>
<div class="actions">
<button class="primary" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>""",
    )


def may_not_install(portal: Portal, person: Person, back: str) -> str:
    return _page(
        "Permission needed",
        f"""<h1>You don't have permission to install this app</h1>
<p class="account">{_account(portal)}</p>
<p>{escape(person.name)}, installing an app takes the App Marketplace access permission, which you don't have in this
account. Ask a Super Admin to install the app or to give you that permission.</p>
<p><a href="{escape(back)}">Back to the app</a></p>""",
    )


def problem(message: str) -> str:
    return _page("Authorization failed", f"<h1>We couldn't connect the app</h1><p>{escape(message)}</p>")


def front(portal: Portal, recent: Iterable[Served]) -> str:
    contacts = "".join(map(_contact_row, islice(portal.live(), SHOWN_CONTACTS)))
    requests = "".join(map(_request_row, recent)) or '<tr><td colspan="4">none yet</td></tr>'
    counts = f"{len(portal.live_ids):,} contacts, {len(portal.archived_ids):,} archived, {len(portal.owners)} owners"
    return _page(
        portal.name,
        f"""<h1>{escape(portal.name)}</h1>
<p class="account">A local stand-in for HubSpot. {_account(portal)}</p>
<p>{counts}</p>
<h2>First contacts</h2>
<div class="scroll"><table><thead><tr><th>Record ID</th><th>Name</th><th>Company</th><th>Phone</th><th>Mobile</th>
<th>Email</th><th>Last modified</th></tr></thead><tbody>{contacts}</tbody></table></div>
<h2>Recent requests</h2>
<div class="scroll"><table><thead><tr><th>When</th><th>Request</th><th>Status</th><th>Took</th></tr></thead>
<tbody>{requests}</tbody></table></div>""",
        wide=True,
    )


def _page(title: str, content: str, *, wide: bool = False) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - HubSpot sandbox</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>
<body><main{' class="wide"' if wide else ""}>{content}</main></body></html>
"""


def _account(portal: Portal) -> str:
    return f"{escape(portal.name)} ({escape(portal.hub_domain)}), account {portal.id}"


def _choices(people: Sequence[Person]) -> str:
    return "".join(
        f'<label><input type="radio" name="person" value="{person.key}"{"" if number else " checked"}>'
        f"{escape(person.name)}, {escape(person.role)}</label>"
        for number, person in enumerate(people)
    )


def _contact_row(contact: Contact) -> str:
    name = " ".join(filter(None, (contact.value("firstname"), contact.value("lastname"))))
    values = (contact.value(each) for each in ("company", "phone", "mobilephone", "email", "lastmodifieddate"))
    return _row(str(contact.id), name, *(value or "" for value in values))


def _request_row(served: Served) -> str:
    return _row(iso(served.at_ms), f"{served.method} {served.path}", str(served.status), f"{served.took_ms:.0f} ms")


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
