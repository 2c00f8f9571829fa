"""The table judge x format x operator x mode.

SPDX-License-Identifier: Apache-2.0
"""

import collections
import dataclasses

import formats
from formats import ROUNDINGS, facts

_COLUMNS = ("exact", *ROUNDINGS, "stochastic")
_FAMILIES = {
    **{name: "8-bit FNUZ, IEEE-like, UE4M3" for name in formats.OTHER_8BIT},
    **{name: "all-finite ExMy, 3 to 8 bits" for name in formats.ALL_FINITE},
    **{name: f"P3109, {facts(name).bits} bits" for name in formats.P3109},
    **{name: "integers" for name in formats.INTEGERS},
}


def _detail(request):
    options = [request.overflow or "-", request.subnormals]
    options += [f"{request.lanes} lanes" if request.lanes > 1 else "", request.scale]
    options.append(request.scale_policy)
    return request.formats, " ".join(filter(None, options))


def _family(request):
    if (
        request.op == "decode"
        or request.op == "convert"
        or set(request.operands) == {request.result}
    ):
        name = request.result or request.operands[0]
        return (_FAMILIES.get(name, name),)
    if request.subnormals:
        return ("subnormals flushed",)
    return ("exact results" if request.result is None else "mixed formats",)


def _outcome(cell):
    """Cases that agree or differ as listed; what differs otherwise shouts."""
    text = f"{cell['compared']:,}"
    if cell["known"]:
        text += f" ({cell['known']:,} known)"
    return text + (f" **{cell['failed']} FAILED**" if cell["failed"] else "")


def _markdown(header, lines):
    """Columns padded, so that the table can be read as text."""
    widths = [max(len(line[i]) for line in (header, *lines)) for i in range(len(header))]
    form = lambda line: "| " + " | ".join(x.ljust(w) for x, w in zip(line, widths)) + " |"
    return "\n".join([form(header), form(["-" * w for w in widths]), *map(form, lines)])


def _table(rows, key, header):
    """One line per key, operator and judge; one column per rounding; cells: cases compared."""
    cells = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    for row in rows:
        line = (*key(row.request), row.request.op, row.judge)
        column = "stochastic" if row.request.is_stochastic else row.request.rounding or "exact"
        cell = cells[line][column]
        cell["compared"] += row.compared
        cell["known"] += sum(row.known.values())
        cell["failed"] += len(row.failures)
    lines = [
        [*line, *(_outcome(modes[column]) if column in modes else "" for column in _COLUMNS)]
        for line, modes in cells.items()
    ]
    return _markdown([*header, "operator", "judge", *_COLUMNS], lines)


def failures(rows):
    """One text per failure."""
    return [
        f"{row.judge}: {row.request.header(row.compared)}: {text}"
        for row in rows
        for text in row.failures
    ]


@dataclasses.dataclass
class Report:
    """All that was compared and found."""

    rows: list
    differences: tuple  # quirks.DIFFERENCES
    probes: tuple  # quirks.PROBES
    versions: dict  # of the judges
    notes: list  # failures of any kind, as texts

    def summary(self):
        """Families of formats, overflow modes added up."""
        return _table(self.rows, _family, ["format"])

    def details(self):
        return _table(self.rows, _detail, ["format", "overflow"])

    def known_differences(self):
        """Every listed quirk with the number of cases."""
        counts = collections.Counter()
        for row in self.rows:
            counts.update(row.known)
        lines = [[d.key, f"{counts[d.key]:,} cases", d.reason] for d in self.differences]
        lines += [[p.key, "not asked", p.reason] for p in self.probes]
        return _markdown(["known difference", "where", "reason"], lines)

    def document(self):
        """build/oracles/oracles.md."""
        judges = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        notes = "\n".join(f"- {note}" for note in self.notes) or "none"
        parts = [
            "# fewbit's model before judges from outside",
            f"Made by `make verify-oracles`. Judges: {judges}. Cells: cases compared; *known*: "
            "cases that differ for a listed reason.",
            "## Failures",
            notes,
            "## Summary",
            self.summary(),
            "## Known differences",
            self.known_differences(),
            "## Every format and overflow mode",
            self.details(),
        ]
        return "\n\n".join(parts) + "\n"
