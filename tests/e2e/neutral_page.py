"""An ordinary web page to try the extension on: a customer table like any web tool's, on a loopback port of its own.
It knows nothing of Callbook.
"""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_ROWS = (
    ("Amélie Laurent", "Atelier Brume", "+33 1 23 45 67 89", "Lyon"),
    ("Bruno Costa", "Costa & Filhos", "(21) 2345-6789", "Rio de Janeiro"),
    ("Carla Nowak", "Nowak Logistics", "+48 22 123 45 67", "Warsaw"),
    ("Dinesh Rao", "Rao Textiles", "+91 22 1234 5678", "Mumbai"),
    ("Ellen Fischer", "Fischer Optik", "030 123456", "Berlin"),
    ("Farah Haddad", "Cedar Foods", "+961 1 234 567", "Beirut"),
    ("George Whitman", "Whitman Books", "(212) 555-0146", "New York"),
    ("Hana Sato", "Sato Ceramics", "03-1234-5678", "Tokyo"),
)
_STYLE = """
body { margin: 0; font: 14px/1.4 system-ui, sans-serif; color: #30343b; background: #f4f5f7; }
header { display: flex; gap: 24px; align-items: center; height: 56px; padding: 0 24px; background: #fff;
  border-bottom: 1px solid #dfe2e7; }
header b { flex: 1; }
nav { position: absolute; top: 57px; bottom: 0; width: 176px; padding: 24px; background: #fafbfc;
  border-right: 1px solid #dfe2e7; }
nav a { display: block; padding: 8px 0; }
a { color: inherit; text-decoration: none; }
main { margin-left: 225px; padding: 32px 40px; }
table { width: 100%; border-collapse: collapse; background: #fff; border: 1px solid #dfe2e7; }
th, td { padding: 14px 16px; text-align: left; border-bottom: 1px solid #eceef1; }
th { font-weight: 500; color: #6b717b; }
"""
_BARE = "* { all: unset !important; }"
# Its shortcuts come first, and leave a key nothing else to do; `heard` has every key that reached it, by where.
_KEYS = """
  window.heard = [];
  const hear = (where) => ({ type, target }) => heard.push(`${where}: ${type} in ${target.nodeName}`);
  for (const type of ['keydown', 'keypress', 'keyup']) {
    window.addEventListener(type, (event) => { event.preventDefault(); hear('first')(event); }, true);
    document.addEventListener(type, hear('document'), true);
    document.addEventListener(type, hear('document'));
    window.addEventListener(type, hear('window'));
  }
"""
# Whoever comes after it hears of no key at all, and a key does nothing.
_DEAF = """
  for (const type of ['keydown', 'keypress', 'keyup']) {
    window.addEventListener(type, (event) => { event.preventDefault(); event.stopImmediatePropagation(); }, true);
  }
"""
# What it does not know does not stay.
_TIDY = """
  new MutationObserver(() => {
    for (const one of document.documentElement.children) if (!/^(HEAD|BODY)$/.test(one.nodeName)) one.remove();
  }).observe(document.documentElement, { childList: true });
"""
_SCRIPTS = {"/keys": _KEYS, "/deaf": _DEAF, "/tidy": _TIDY}


@contextmanager
def neutral_pages(port: int = 0) -> Iterator[str]:
    """The address of the page while it is served. Every path shows the same table, under a title that names the path;
    `http://localhost:PORT/` is the same page on another origin. `/strict` allows nothing to be loaded or styled,
    `/bare` takes every style from every element, by force; `/rtl` is written from right to left, `/keys` has shortcuts
    of its own, `/deaf` keeps every key from everybody, `/tidy` removes what it does not know.
    """
    with ThreadingHTTPServer(("127.0.0.1", port), _Handler) as server:
        thread = Thread(target=server.serve_forever, name="neutral page", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            self._answer(204, b"")
        else:
            self._answer(200, _page(self.path, _BARE if self.path == "/bare" else _STYLE).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Silent: the page is scenery."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/strict":
            self.send_header("Content-Security-Policy", "default-src 'none'")
        self.end_headers()
        self.wfile.write(body)


def _page(path: str, style: str) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in _ROWS)
    direction = "rtl" if path == "/rtl" else "ltr"
    script = f"<script>{_SCRIPTS[path]}</script>" if path in _SCRIPTS else ""
    return f"""<!doctype html>
<html lang="en" dir="{direction}">
<head><meta charset="utf-8"><title>Customers {html.escape(path)}</title><style>{style}</style>{script}</head>
<body>
<header><b>Ledgerly</b><a href="/today">Today</a><a href="/reports">Reports</a><a href="/help">Help</a></header>
<nav><a href="/customers">Customers</a><a href="/orders">Orders</a><a href="/invoices">Invoices</a></nav>
<main><h1>Customers</h1>
<table><thead><tr><th>Name</th><th>Company</th><th>Phone</th><th>City</th></tr></thead><tbody>{rows}</tbody></table>
</main></body></html>
"""
