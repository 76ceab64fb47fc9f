"""What the sandbox's web pages share, and those of the consent. HTML only, nothing is decided here."""

from collections.abc import Mapping, Sequence
from html import escape

from hubspot_sandbox.portal import Person, Portal

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  --ink: #213343; --soft: #516f90; --ground: #f5f8fa; --sheet: #fff; --line: #cbd6e2; --hair: #eaf0f6;
  --strong: #c93700; --edge: #ff5c35; --mark: #b83712; --link: #006a80; --good: #00695c; --warn: #8a5a00;
  --bad: #b3261e; --focus: #00a4bd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3ecf4; --soft: #9db3c9; --ground: #121c26; --sheet: #1a2733;
  --line: #3a5068; --hair: #26374a; --edge: #c95a3c; --mark: #ff9d80; --link: #6fd3e4; --good: #6fd6c4;
  --warn: #f0c36a; --bad: #ff9a92; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; }
main { max-width: 34rem; margin: 0 auto; padding: 2rem; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 8px; }
main.wide { max-width: 78rem; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .5rem 0; }
a { color: var(--link); }
.account { color: var(--soft); font-size: .9rem; margin: 0 0 1.25rem; }
ul { padding-left: 1.2rem; margin: 0; }
code { color: var(--soft); font-size: .8rem; }
fieldset { border: 1px solid var(--line); border-radius: 6px; margin: 1.5rem 0; padding: .5rem 1rem; }
legend { font-weight: 600; padding: 0 .3rem; }
label { display: flex; gap: .6rem; padding: .35rem 0; cursor: pointer; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; }
button { font: inherit; font-weight: 600; padding: .6rem 1.6rem; border-radius: 4px; cursor: pointer;
  border: 1px solid var(--edge); background: transparent; color: var(--mark); }
button.primary { background: var(--strong); border-color: var(--strong); color: #fff; }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible, [tabindex]:focus-visible,
summary:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
"""


def consent(
    app: str, portal: Portal, scopes: Sequence[tuple[str, str]], people: Sequence[Person], hidden: Mapping[str, str]
) -> str:
    listed = "".join(f"<li>{escape(label)} <code>{escape(scope)}</code></li>" for scope, label in scopes)
    kept = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(v)}">' for name, v in hidden.items())
    return page(
        "Connect app",
        f"""<h1>Connect {escape(app)} to your HubSpot account</h1>
<p class="account">{account(portal)}</p>
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
    return page(
        "Permission needed",
        f"""<h1>You don't have permission to install this app</h1>
<p class="account">{account(portal)}</p>
<p>{escape(person.name)}, installing an app takes the App Marketplace access permission, which you don't have in this
account. Ask a Super Admin to install the app or to give you that permission.</p>
<p><a href="{escape(back)}">Back to the app</a></p>""",
    )


def problem(message: str) -> str:
    return page("Authorization failed", f"<h1>We couldn't connect the app</h1><p>{escape(message)}</p>")


def page(title: str, content: str, *, style: str = "", wide: bool = False) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - HubSpot sandbox</title><link rel="icon" href="data:,"><style>{STYLE}{style}</style></head>
<body><main{' class="wide"' if wide else ""}>{content}</main></body></html>
"""


def account(portal: Portal) -> str:
    return f"{escape(portal.name)} ({escape(portal.hub_domain)}), account {portal.id}"


def _choices(people: Sequence[Person]) -> str:
    return "".join(
        f'<label><input type="radio" name="person" value="{person.key}"{"" if number else " checked"}>'
        f"{escape(person.name)}, {escape(person.role)}</label>"
        for number, person in enumerate(people)
    )
