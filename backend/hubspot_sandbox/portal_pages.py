"""The portal as a person sees it: the front page and a contact's page. HTML only, nothing is decided here."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from hubspot_sandbox.kinds import COMPANY
from hubspot_sandbox.moments import iso
from hubspot_sandbox.pages import account, page
from hubspot_sandbox.portal import PEOPLE, Portal
from hubspot_sandbox.records import Contact
from hubspot_sandbox.statistics import Served, Statistics
from hubspot_sandbox.switchboard import NO_RECEIVER, PhoneCall, Switchboard, Told

EDITED = {
    "firstname": "First name",
    "lastname": "Last name",
    "phone": "Phone",
    "mobilephone": "Mobile",
    "company": "Company",
    "email": "E-mail",
}
NUMBERS = {"phone": "hs_calculated_phone_number", "mobilephone": "hs_calculated_mobile_number"}
CLIPPED = 90
SHOWN_CALLS = 4

STYLE = """
main { overflow-wrap: anywhere; }
h2 { margin-top: 0; }
section { min-width: 0; }
.counts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0 0 1.5rem; padding: 0; list-style: none;
  color: var(--soft); font-size: .9rem; }
.counts strong { color: var(--ink); font-variant-numeric: tabular-nums; }
.notice { padding: .6rem 1rem; margin: 0 0 1.25rem; border-left: 4px solid var(--good); background: var(--ground); }
.notice.wrong { border-color: var(--bad); }
.panels, .stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
.panels { margin-bottom: 2rem; }
.stack { align-content: start; }
@media (min-width: 56rem) { .panels { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); } }
.panel { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; }
.soft { color: var(--soft); font-size: .85rem; }
.nowrap { white-space: nowrap; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 0 0 .75rem; }
.fields label, .search label { display: block; padding: 0; font-size: .85rem; color: var(--soft); cursor: default; }
input:not([type=radio]), select { display: block; width: 100%; height: 2.3rem; font: inherit; font-size: .9rem;
  padding: 0 .6rem; color: var(--ink); background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; }
main.wide button, .button { display: inline-block; white-space: nowrap; font-size: .85rem; font-weight: 600;
  line-height: 1.4; padding: .3rem .8rem; border-radius: 4px; border: 1px solid var(--line); color: var(--link);
  text-decoration: none; }
main.wide button:hover:enabled, .button:hover { border-color: var(--link); }
main.wide button.primary { background: var(--strong); border-color: var(--strong); color: #fff; }
main.wide button.grave { color: var(--mark); }
main.wide button:disabled { color: var(--soft); cursor: not-allowed; opacity: .7; }
form { margin: 0; }
.actions { gap: .4rem; }
.calls { list-style: none; padding: 0; margin: .75rem 0 0; font-size: .85rem; }
.calls > li { border-top: 1px solid var(--hair); padding: .6rem 0; }
.calls ul { list-style: none; padding: 0; margin: .2rem 0 .4rem; color: var(--soft); }
.log { list-style: none; padding: 0; margin: 0; font-size: .8rem; font-variant-numeric: tabular-nums; overflow: auto;
  max-height: 19rem; }
.log li { display: grid; grid-template-columns: 4.2rem 2.2rem minmax(0, 1fr) auto; gap: .5rem; padding: .2rem .1rem;
  border-top: 1px solid var(--hair); }
.log li:first-child { border-top: 0; }
.log .path { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.s2, .s3 { color: var(--good); } .s4 { color: var(--warn); font-weight: 600; } .s5, .s0 { color: var(--bad);
  font-weight: 600; }
.search { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 .75rem; font-size: .9rem; }
main.wide .search button { height: 2.3rem; }
.search a { padding: .5rem 0; }
.search label { flex: 1 1 16rem; max-width: 26rem; }
.contacts { border-collapse: collapse; width: 100%; font-size: .85rem; }
.contacts th { color: var(--soft); font-weight: 600; }
.contacts th, .contacts td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--hair);
  vertical-align: top; }
.contacts td:last-child { padding-right: 0; }
.contacts .name { font-weight: 600; text-decoration: none; }
.contacts .name:hover { text-decoration: underline; }
main.wide .contacts button, .contacts .button { padding: .05rem .5rem; font-size: .8rem; font-weight: 500; }
.contacts .actions { flex-wrap: nowrap; }
.number { display: flex; flex-wrap: wrap; gap: .15rem .5rem; align-items: center; margin-bottom: .25rem; }
.pager { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; margin: 1rem 0 0; font-size: .9rem; }
.values { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .2rem 1rem; margin: 0;
  font-size: .85rem; }
.values dt { color: var(--soft); } .values dd { margin: 0; }
@media (max-width: 46rem) { body { padding: 0; } main { border: 0; border-radius: 0; padding: 1.25rem 1rem; }
  .contacts thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  .contacts tr { display: block; padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .contacts td { display: block; border: 0; padding: .1rem 0; } .contacts td:empty { display: none; }
  .log li { grid-template-columns: 4.2rem 2.2rem minmax(0, 1fr); } .log .took { display: none; } }
"""

# What has not changed is left alone: no flicker, no lost focus, no lost scrolling.
SCRIPT = """
const shown = {};
async function refresh() {
  if (document.hidden) return;
  const answer = await fetch('/activity', { cache: 'no-store' }).catch(() => null);
  if (!answer || !answer.ok) return;
  for (const [id, html] of Object.entries(await answer.json())) {
    if (shown[id] === html) continue;
    const box = document.getElementById(id);
    if (shown[id] !== undefined || box.innerHTML !== html) {
      const focused = box.contains(document.activeElement) ? document.activeElement.id : '';
      const scrolled = box.scrollTop;
      box.innerHTML = html;
      box.scrollTop = scrolled;
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    shown[id] = html;
  }
}
setInterval(refresh, 1000);
"""
SCRIPT_HASH = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


@dataclass(frozen=True)
class Notice:
    text: str
    wrong: bool = False


@dataclass(frozen=True)
class Shown:
    """The contacts of one page: those that `query` finds, or all, or all archived ones. `total` is None for a search,
    which ends with the page.
    """

    contacts: Sequence[Contact]
    query: str
    archived: bool
    number: int  # of the page, from 1
    first: int  # of the contacts, from 1
    has_more: bool
    total: int | None

    def link(self, number: int) -> str:
        given = {"q": self.query, "archived": "1" if self.archived else "", "page": str(number) if number > 1 else ""}
        return f"/?{urlencode({name: value for name, value in given.items() if value})}".rstrip("?")


def front(portal: Portal, statistics: Statistics, switchboard: Switchboard, shown: Shown, notice: Notice | None) -> str:
    live = activity(portal, statistics, switchboard)
    back = escape(shown.link(shown.number))
    return page(
        portal.name,
        f"""<h1>{escape(portal.name)}</h1>
<p class="account">A local stand-in for HubSpot. {account(portal)}</p>
{_notice(notice)}<ul class="counts" id="counts">{live["counts"]}</ul>
<div class="panels">
<section class="panel" aria-labelledby="phone"><h2 id="phone">Phone</h2>{_ring_form(switchboard, back)}
<ul class="calls" id="calls">{live["calls"]}</ul></section>
<section class="panel" aria-labelledby="asked"><h2 id="asked">Recent requests <span class="soft">UTC</span></h2>
<ol class="log" id="requests" tabindex="0" aria-label="Recent requests, newest first">{live["requests"]}</ol></section>
</div>
<section aria-labelledby="people"><h2 id="people">{"Archived contacts" if shown.archived else "Contacts"}</h2>
{_search(portal, shown)}{_contacts(shown, portal, back)}{_pager(shown)}</section>
<script>{SCRIPT}</script>""",
        style=STYLE,
        wide=True,
    )


def activity(portal: Portal, statistics: Statistics, switchboard: Switchboard) -> dict[str, str]:
    """Give what changes by itself, by the id of the element it stands in."""
    counts = {
        "contacts": len(portal.live_ids),
        "archived": len(portal.archived_ids),
        "companies": len(portal.table(COMPANY).live_ids),
        "owners": len(portal.owners),
        "requests": statistics.count(),
        "over the limit": statistics.throttled,
    }
    return {
        "counts": "".join(f"<li><strong>{count:,}</strong> {what}</li>" for what, count in counts.items()),
        "calls": "".join(map(_call, switchboard.calls[:SHOWN_CALLS])),
        "requests": "".join(map(_request, statistics.recent)) or '<li class="soft">None yet</li>',
    }


def record(portal: Portal, contact: Contact, values: dict[str, str], notice: Notice | None) -> str:
    """Give a contact's page; `values` are what its form is filled with."""
    fields = "".join(
        f'<label>{label}<input name="{name}" value="{escape(values.get(name, ""))}" autocomplete="off"></label>'
        for name, label in EDITED.items()
    )
    path = path_of(portal, contact)
    forms = _restore(path) if contact.archived_at_ms is not None else _forms(path, fields)
    return page(
        name_of(contact),
        f"""<p class="soft"><a href="/">{escape(portal.name)}</a></p>
<h1>{escape(name_of(contact))}</h1>
<p class="account">Contact {contact.id}{", archived" if contact.archived_at_ms is not None else ""}</p>
{_notice(notice)}<div class="panels"><div class="stack">{forms}</div>
<section class="panel" aria-labelledby="all"><h2 id="all">All its properties</h2>{_values(contact)}</section></div>""",
        style=STYLE,
        wide=True,
    )


def path_of(portal: Portal, contact: Contact) -> str:
    """Give where a contact's page is, at HubSpot too."""
    return f"/contacts/{portal.id}/record/0-1/{contact.id}"


def name_of(contact: Contact) -> str:
    properties = contact.properties
    named = " ".join(filter(None, (properties.get("firstname"), properties.get("lastname"))))
    return named or properties.get("email") or f"Contact {contact.id}"


def _notice(notice: Notice | None) -> str:
    if notice is None:
        return ""
    return f'<p class="notice{" wrong" if notice.wrong else ""}" role="status">{escape(notice.text)}</p>\n'


def _ring_form(switchboard: Switchboard, back: str) -> str:
    """The rows' Ring buttons belong to this form; it comes before them, so that Enter in it rings what is typed."""
    off = "" if switchboard.has_receiver else " disabled"
    last = switchboard.calls[0].to if switchboard.calls else None
    people = "".join(
        f'<option value="{escape(each.email)}"{" selected" if each.email == last else ""}>{escape(each.name)}</option>'
        for each in PEOPLE
    )
    missing = "" if switchboard.has_receiver else f'<p class="soft">{escape(NO_RECEIVER)}</p>'
    return f"""{missing}<form method="post" action="/ring" id="ring"><input type="hidden" name="back" value="{back}">
<div class="fields"><div><label for="to">Ring</label><select name="to" id="to">{people}</select></div>
<div><label for="typed">from the number</label>
<input name="typed" id="typed" type="tel" autocomplete="off" placeholder="+1 212 555 0100"></div></div>
<div class="actions"><button class="primary"{off}>Ring</button>
<button name="number" value=""{off}>Ring with number withheld</button></div></form>"""


def _call(call: PhoneCall) -> str:
    told = "".join(f"<li>{each.state}: {escape(_answer(each))}</li>" for each in call.told)
    offered = {"answer": "Answer"} if call.state == "ringing" else {}
    if not call.is_over:
        offered["hang-up"] = "Hang up"
    buttons = "".join(
        f'<form method="post" action="/calls/{call.id}/{action}">'
        f'<button id="{action}-{call.id}">{label}</button></form>'
        for action, label in offered.items()
    )
    return (
        f"<li><strong>{escape(call.number) or 'Withheld number'}</strong> to {escape(call.to)}<ul>{told}</ul>"
        f'<div class="actions">{buttons}</div></li>'
    )


def _answer(told: Told) -> str:
    if told.answer is None:
        return "on its way"
    text = " ".join(told.answer.text.split())
    clipped = text if len(text) <= CLIPPED else f"{text[:CLIPPED]}…"
    status = told.answer.status
    return f"nobody answered, {clipped}" if status is None else f"answered {status} {clipped}".rstrip()


def _request(served: Served) -> str:
    path = escape(f"{served.method} {served.path}")
    return (
        f'<li><time>{_clock(served.at_ms)}</time><span class="s{served.status // 100}">{served.status or "—"}</span>'
        f'<span class="path" title="{path}">{path}</span><span class="took">{served.took_ms:.0f} ms</span></li>'
    )


def _search(portal: Portal, shown: Shown) -> str:
    other = '<a href="/">All contacts</a>' if shown.archived else f'<a href="/?archived=1">{_archived(portal)}</a>'
    if shown.archived:
        return f"<p>{other}</p>"
    return f"""<form class="search" method="get" action="/" role="search"><label>Search by name, e-mail, phone or id
<input type="search" name="q" value="{escape(shown.query)}" autocomplete="off"></label>
<button>Search</button> {other}</form>"""


def _archived(portal: Portal) -> str:
    return f"{len(portal.archived_ids):,} archived"


def _contacts(shown: Shown, portal: Portal, back: str) -> str:
    if not shown.contacts:
        return f'<p class="soft">{"Nobody is found." if shown.query else "There is nobody here."}</p>'
    rows = "".join(_row(contact, portal, back) for contact in shown.contacts)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Name", "Phones", "E-mail", "Changed (UTC)", "Actions"))
    return f'<table class="contacts"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _row(contact: Contact, portal: Portal, back: str) -> str:
    properties = contact.properties
    path = path_of(portal, contact)
    company = " · ".join(filter(None, (properties.get("company"), str(contact.id))))
    changed_at = iso(contact.archived_at_ms or contact.modified_at_ms)
    cells = (
        f'<a class="name" href="{path}">{escape(name_of(contact))}</a><div class="soft">{escape(company)}</div>',
        "".join(_number(contact, properties, name, calculated) for name, calculated in NUMBERS.items()),
        escape(properties.get("email", "")),
        f'<time class="soft nowrap" datetime="{changed_at}">{changed_at[:16].replace("T", " ")}</time>',
        _row_actions(contact, path, back),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _number(contact: Contact, properties: dict[str, str], name: str, calculated: str) -> str:
    text = properties.get(name)
    if text is None:
        return ""
    if contact.archived_at_ms is not None:
        return f'<div class="number">{escape(text)}</div>'
    label = escape(f"Ring from {text}, {name_of(contact)}")
    number = escape(properties.get(calculated) or text)
    button = f'<button form="ring" name="number" value="{number}" aria-label="{label}">Ring</button>'
    return f'<div class="number"><span>{escape(text)}</span>{button}</div>'


def _row_actions(contact: Contact, path: str, back: str) -> str:
    name = escape(name_of(contact))
    hidden = f'<input type="hidden" name="back" value="{back}">'
    if contact.archived_at_ms is not None:
        restore = f'<button aria-label="Restore {name}">Restore</button>'
        return f'<form method="post" action="{path}/restore">{hidden}{restore}</form>'
    return f"""<div class="actions"><a class="button" href="{path}#edit" aria-label="Edit {name}">Edit</a>
<a class="button" href="{path}#merge" aria-label="Merge {name}">Merge</a><form method="post" action="{path}/archive">
{hidden}<button class="grave" aria-label="Delete {name}">Delete</button></form></div>"""


def _pager(shown: Shown) -> str:
    if not shown.contacts:
        return ""
    last = shown.first + len(shown.contacts) - 1
    total = "" if shown.total is None else f" of {shown.total:,}"
    links = [f"<span>{shown.first:,} to {last:,}{total}</span>"]
    if shown.number > 1:
        links.append(f'<a href="{escape(shown.link(shown.number - 1))}" rel="prev">Previous</a>')
    if shown.has_more:
        links.append(f'<a href="{escape(shown.link(shown.number + 1))}" rel="next">Next</a>')
    return f'<nav class="pager" aria-label="Pages">{" ".join(links)}</nav>'


def _forms(path: str, fields: str) -> str:
    return f"""<section class="panel" aria-labelledby="edit"><h2 id="edit">Edit</h2>
<form method="post" action="{path}/edit"><div class="fields">{fields}</div>
<div class="actions"><button class="primary">Save</button></div></form></section>
<section class="panel" aria-labelledby="merge"><h2 id="merge">Merge</h2>
<form method="post" action="{path}/merge"><div class="fields"><label>into the contact with the id
<input name="into" inputmode="numeric" required pattern="[0-9]+" autocomplete="off"></label></div>
<p class="soft">That contact's values win. Both give way to a new contact with a new id.</p>
<div class="actions"><button>Merge</button></div></form></section>
<section class="panel" aria-labelledby="delete"><h2 id="delete">Delete</h2>
<form method="post" action="{path}/archive"><p class="soft">It can be restored from the archived contacts.</p>
<div class="actions"><button class="grave">Delete</button></div></form></section>"""


def _restore(path: str) -> str:
    return f"""<section class="panel" aria-labelledby="restore"><h2 id="restore">Archived</h2>
<form method="post" action="{path}/restore"><div class="actions"><button class="primary">Restore</button></div></form>
</section>"""


def _values(contact: Contact) -> str:
    moments = {"createdate": iso(contact.created_at_ms), "lastmodifieddate": iso(contact.modified_at_ms)}
    listed: Iterable[tuple[str, str]] = sorted({**contact.properties, **moments}.items())
    return (
        '<dl class="values">'
        + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in listed)
        + "</dl>"
    )


def _clock(at_ms: int) -> str:
    return iso(at_ms)[11:19]
