"""The seconds of a full sync as bars: ours and the official client's, measured on one machine in one go, and those of
others, measured elsewhere under the same latency and limits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench import Circumstances, Row

ELSEWHERE_AT = 100_000
ELSEWHERE_S = {
    "dlt": 270.0,
    "MeltanoLabs' Singer tap": 279.0,
    "singer-io's Singer tap": 335.0,
    "Airbyte's source": 864.0,
}
WIDTH, LEFT, RIGHT, TOP, STEP, BAR = 760, 320, 90, 56, 30, 18
STYLE = """text{font:13px system-ui,sans-serif;fill:#1f2328}.quiet{fill:#59636e}.ours{fill:#e8590c}.beside{fill:#57606a}
.elsewhere{fill:#afb8c1}.title{font-size:15px;font-weight:600}.end{text-anchor:end}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.ours{fill:#ff8c42}.beside{fill:#9198a1}
.elsewhere{fill:#4b535d}}"""


@dataclass(frozen=True)
class Bar:
    name: str
    seconds: float
    kind: str


def svg(rows: Sequence[Row], circumstances: Circumstances) -> str:
    """Of the largest account that the official client has read, too; or of the largest."""
    beside = [row for row in rows if str(row["run"]).startswith("official")]
    contacts = max(int(row["contacts"]) for row in beside or rows)
    bars = list(_bars([row for row in rows if row["contacts"] == contacts], contacts))
    height = TOP + STEP * len(bars) + 34
    longest_s = max(bar.seconds for bar in bars)
    drawn = [line for number, bar in enumerate(bars) for line in _drawn(bar, TOP + STEP * number, longest_s)]
    measured = f"{circumstances.machine.partition(',')[0]}, {circumstances.measured_at[:10]}"
    note = f"150 ms + 1 ms per record, HubSpot's limits. {measured}"
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f"<style>{STYLE}</style>",
            f'<text class="title" x="12" y="28">Seconds until {contacts:,} contacts are read in full</text>',
            *drawn,
            f'<text class="quiet" x="12" y="{height - 12}">{escape(note)}</text>',
            "</svg>\n",
        ]
    )


def _bars(rows: Sequence[Row], contacts: int) -> Iterator[Bar]:
    names = {"sought": "Callbook", "page by page": "Callbook, list page by page"}
    first = sorted((row for row in rows if row["run"] == "full, first"), key=lambda row: float(row["seconds"]))
    yield from (Bar(names[str(row["list"])], float(row["seconds"]), "ours") for row in first)
    official = [row for row in rows if str(row["run"]).startswith("official")]
    yield from (Bar("HubSpot's official client", float(row["seconds"]), "beside") for row in official)
    if contacts == ELSEWHERE_AT:
        yield from (Bar(f"{name} (measured elsewhere)", took_s, "elsewhere") for name, took_s in ELSEWHERE_S.items())


def _drawn(bar: Bar, top: int, longest_s: float) -> Iterator[str]:
    width = max(2, round((WIDTH - LEFT - RIGHT) * bar.seconds / longest_s))
    middle = top + BAR - 5
    yield f'<text class="end" x="{LEFT - 10}" y="{middle}">{escape(bar.name)}</text>'
    yield f'<rect class="{bar.kind}" x="{LEFT}" y="{top}" width="{width}" height="{BAR}" rx="3"/>'
    yield f'<text class="quiet" x="{LEFT + width + 8}" y="{middle}">{bar.seconds:,.0f} s</text>'
