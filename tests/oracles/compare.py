"""Asks the model and every judge the same request, and compares the answers.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import functools

import numpy as np

from cases import Request
from formats import facts
from judge import exact_result
from operands import all_codes, elements, f64, operands_of
from quirks import DIFFERENCES, Case
from servers import NO_ANSWER

EXAMPLES = 3


@dataclasses.dataclass
class Row:
    """What one judge said to one request."""

    judge: str
    request: Request
    compared: int
    not_asked: int
    known: dict  # key of a difference -> cases
    failures: list  # texts


class Bench:
    """The model, the judges, and the values of codes as MPFR's side reads them."""

    def __init__(self, model, judges):
        self.model = model
        self.judges = judges
        self._reader = next(judge for judge in judges if judge.name == "mpfr")
        self._table = functools.cache(self._decode_all)

    def _decode_all(self, name):
        return f64(self._reader.answer(Request("decode", (name,)), (all_codes(name),)))

    def values(self, name, codes):
        """Codes of a format as binary64 numbers; codes outside of it as infinity."""
        if name is None or name == "binary64":
            return f64(codes)
        if facts(name).bits > 16:
            return f64(self._reader.answer(Request("decode", (name,)), (codes,)))
        table = self._table(name)
        inside = codes < len(table)
        return np.where(inside, table[np.where(inside, codes, 0).astype(np.int64)], np.inf)

    def exact(self, request, inputs):
        """The operator's result before rounding; NaN where binary64 does not have it."""
        if request.op in ("facc", "fmac", "requant", "mxquant"):
            return np.full(len(inputs[0]), np.nan)
        values = [
            self.values(name, elements(codes, name, request.lanes if letter in "ab" else 1))
            for (letter, name), codes in zip(request.ports.items(), inputs)
            if letter != "r"
        ]
        result, is_exact = exact_result(request.op, values)
        return np.where(is_exact, result, np.nan)

    def rows(self, request):
        """One Row per judge that knows the request."""
        inputs = operands_of(request)
        expected = self.model.ask(request, inputs)
        exact = functools.cache(lambda: self.exact(request, inputs))
        rows = []
        for judge in self.judges:
            answers = judge.answer(request, inputs)
            if answers is not None:
                rows.append(self._compare(judge.name, request, inputs, expected, answers, exact))
        return rows

    def _compare(self, judge, request, inputs, expected, answers, exact):
        asked = answers != NO_ANSWER
        row = Row(judge, request, int(asked.sum()), int((~asked).sum()), {}, [])
        if not asked.any():
            row.failures.append("the judge has no answer to any case")
        differ = asked & (expected != answers)
        if differ.any() and request.op != "mxquant":  # whose answers are blocks
            both_nan = np.isnan(self.values(request.result, expected[differ]))
            both_nan &= np.isnan(self.values(request.result, answers[differ]))
            differ[differ] = ~both_nan
        explained = np.zeros(len(differ), bool)
        case = None
        for difference in DIFFERENCES:
            case = case or Case(judge, request, exact(), answers)
            where = difference.where(case)
            if where is None:
                continue
            where = where & asked
            if difference.is_complete and (stale := where & ~differ).any():
                row.failures.append(
                    f"known difference {difference.key} did not occur in {stale.sum()} cases: "
                    + self._examples(request, inputs, expected, answers, stale)
                )
            if (found := where & differ).any():
                row.known[difference.key] = int(found.sum())
            explained |= where
        if (unexplained := differ & ~explained).any():
            row.failures.append(
                f"{unexplained.sum()} unexplained differences: "
                + self._examples(request, inputs, expected, answers, unexplained)
            )
        return row

    def _examples(self, request, inputs, expected, answers, where):
        texts = []
        for i in np.flatnonzero(where)[:EXAMPLES]:
            operands = " ".join(
                (
                    f"{name}={float(f64(codes)[i])!r}"
                    if format_ == "binary64"
                    else f"{name}={codes[i]:#x}"
                )
                for (name, format_), codes in zip(request.ports.items(), inputs)
            )
            texts.append(f"{operands}: fewbit {expected[i]:#x}, judge {answers[i]:#x}")
        return "; ".join(texts)
