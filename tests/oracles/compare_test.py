"""Tests of the comparison itself: a planted difference, a stale entry, a missing judge.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import unittest

import numpy as np

import compare
import formats
import report
import verify_oracles
from cases import Request
from judge_gfloat import Gfloat
from judge_ml_dtypes import MlDtypes
from judge_onnx import Onnx
from judge_softfloat import SoftFloat
from operands import elements, f64, operand_triples, operands_of, packed
from servers import NO_ANSWER

MUL = Request("mul", ("e4m3fn", "e4m3fn"), "e4m3fn", "ties_to_even", "nan")
TO_ZERO = Request("mul", ("e4m3fn", "e4m3fn"), "e4m3fn", "toward_zero", "nan")
STOCHASTIC = Request("convert", ("binary16",), "e5m2", "stochastic_c", "infinity", random_bits=2)
RUNNING = Request("facc", ("e5m2",), "e5m2", "ties_to_even", "infinity")
INFINITY_TO_FNUZ = Request("convert", ("binary16",), "e4m3fnuz", "ties_to_even", "onnx_saturate")
NAN_TO_E2M1 = Request("convert", ("binary16",), "e2m1", "ties_to_even", "saturate")


class Reader(Gfloat):
    """Stands in for the judge that gives values to codes."""

    name = "mpfr"

    def answer(self, request, inputs):
        return super().answer(request, inputs) if request.op == "decode" else None


class Model:
    """Answers what a judge answers, but for planted changes."""

    def __init__(self, judge, change=lambda codes: None):
        self._judge, self._change = judge, change

    def ask(self, request, inputs):
        codes = self._judge.answer(request, inputs).copy()
        self._change(codes)
        return codes


def rows(model, judge, request):
    return compare.Bench(model, [Reader(), judge]).rows(request)


def plant(position, code):
    def change(codes):
        codes[position] = code

    return change


class CompareTest(unittest.TestCase):
    def test_equal_answers_pass(self):
        (row,) = rows(Model(MlDtypes()), Gfloat(), MUL)
        self.assertEqual((row.judge, row.compared, row.not_asked), ("gfloat", 65536, 0))
        self.assertEqual((row.known, row.failures), ({}, []))

    def test_one_wrong_code_is_found(self):
        position = 0x38 * 256 + 0x39  # 1 x 1.125
        (row,) = rows(Model(MlDtypes(), plant(position, 0x3A)), Gfloat(), MUL)
        self.assertEqual(len(row.failures), 1)
        self.assertIn(
            "1 unexplained differences: a=0x38 b=0x39: fewbit 0x3a, judge 0x39", *row.failures
        )
        self.assertEqual(len(report.failures([row])), 1)
        self.assertIn("65,536 **1 FAILED**", report.Report([row], (), (), {}, []).summary())

    def test_a_number_for_nan_is_found(self):
        (row,) = rows(Model(MlDtypes(), plant(0x7F * 256, 0x7E)), Gfloat(), MUL)
        self.assertIn("a=0x7f b=0x0: fewbit 0x7e, judge 0x", *row.failures)

    def test_either_nan_code_is_nan(self):
        (row,) = rows(Model(MlDtypes(), plant(0x7F * 256, 0xFF)), Gfloat(), MUL)
        self.assertEqual(row.failures, [])

    def test_a_code_outside_of_the_format_is_found(self):
        (row,) = rows(Model(MlDtypes(), plant(0, 0x100)), Gfloat(), MUL)
        self.assertIn("fewbit 0x100, judge 0x0", *row.failures)

    def test_a_known_difference_is_counted(self):
        def largest_for_nan(codes):
            codes[0x7C01:0x8000] = 7
            codes[0xFC01:] = 7

        (row,) = rows(Model(MlDtypes(), largest_for_nan), MlDtypes(), NAN_TO_E2M1)
        self.assertEqual((row.known, row.failures), ({"nan-without-code": 2046}, []))

    def test_one_wrong_random_decision_is_found(self):
        position = 3 * 65536 + 0x3C40  # R = 3; 1 and a quarter of the step to 1.25
        (row,) = rows(Model(Gfloat()), Gfloat(), STOCHASTIC)
        self.assertEqual((row.compared, row.failures), (4 * 65536, []))
        (row,) = rows(Model(Gfloat(), plant(position, 0x3C)), Gfloat(), STOCHASTIC)
        self.assertIn("a=0x3c40 r=0x3: fewbit 0x3c, judge 0x3d", *row.failures)

    def test_stochastic_modes_differ(self):
        answers = [
            Gfloat().answer(dataclasses.replace(STOCHASTIC, rounding=mode), operands_of(STOCHASTIC))
            for mode in formats.STOCHASTIC
        ]
        for i in range(3):
            self.assertTrue((answers[i] != answers[i - 1]).any())

    def test_one_wrong_step_of_a_sum_is_found(self):
        (row,) = rows(Model(MlDtypes()), Gfloat(), RUNNING)
        self.assertEqual((row.compared, row.failures), (65536, []))
        (row,) = rows(Model(MlDtypes(), plant(1000, 0x100)), Gfloat(), RUNNING)
        self.assertIn("1 unexplained differences", *row.failures)

    def test_sums_of_products(self):
        request = Request("fmac", ("binary16",) * 2, "binary16", "toward_zero", "infinity")
        (row,) = rows(Model(SoftFloat()), Gfloat(), request)
        self.assertGreater(row.compared, 60000)
        self.assertEqual(row.failures, [])

    def test_onnx_infinities_are_a_known_difference(self):
        def nan_for_infinity(codes):
            codes[[0x7C00, 0xFC00]] = 0x80

        (row,) = rows(Model(Onnx(), nan_for_infinity), Onnx(), INFINITY_TO_FNUZ)
        self.assertEqual((row.known, row.failures), ({"onnx-infinity-fnuz": 2}, []))
        (row,) = rows(Model(Onnx()), Onnx(), INFINITY_TO_FNUZ)
        self.assertIn("onnx-infinity-fnuz did not occur in 2 cases", *row.failures)

    def test_a_known_difference_that_no_longer_occurs_fails(self):
        (row,) = rows(Model(Gfloat()), Gfloat(), TO_ZERO)
        self.assertEqual(len(row.failures), 1)
        self.assertIn("directed-overflow did not occur in 10048 cases", *row.failures)

    def test_a_judge_without_any_answer_fails(self):
        class Silent(Gfloat):
            def answer(self, request, inputs):
                return np.full(len(inputs[0]), NO_ANSWER)

        (row,) = rows(Model(MlDtypes()), Silent(), MUL)
        self.assertEqual(row.failures, ["the judge has no answer to any case"])


class CoverageTest(unittest.TestCase):
    def test_missing_judges_are_named(self):
        requests = [Request("decode", ("e2m1",)), MUL]
        seen = rows(Model(MlDtypes()), Gfloat(), MUL)
        texts = verify_oracles.missing_coverage(requests, seen, formats)
        self.assertIn("decode 0 a=e2m1: no judge", texts)
        self.assertIn("e2m1: decode has only the judges []; three are needed", texts)
        self.assertIn("binary3p2ue: gfloat did not judge convert", texts)
        self.assertIn("fma: softfloatpy did not judge it", texts)
        self.assertIn("binary8p3se: gfloat did not judge stochastic_b", texts)
        self.assertIn("e4m3fnuz: onnx did not judge onnx_saturate", texts)

    def test_every_p3109_format_is_listed(self):
        self.assertEqual(len(formats.P3109), sum(2 * (2 * bits - 1) for bits in range(3, 9)))
        self.assertEqual(len(set(formats.P3109)), len(formats.P3109))


class OperandsTest(unittest.TestCase):
    def test_pairs_are_all_pairs(self):
        x, y = operands_of(MUL)
        self.assertEqual(len({(int(a), int(b)) for a, b in zip(x, y)}), 65536)

    def test_elements_are_packed_and_taken_apart(self):
        rows = np.array([[1, 2], [3, 63], [5, 6]], np.uint64)
        self.assertEqual(list(packed(rows, "e3m2")), [1 + (3 << 6) + (5 << 12), 0x6FC2])
        self.assertTrue((elements(packed(rows, "e3m2"), "e3m2", 3) == rows).all())

    def test_addends_cancel_products(self):
        x, y, z = (
            f64(Gfloat().answer(Request("decode", ("binary16",)), (codes,)))
            for codes in operand_triples("binary16", "binary16", "binary16")
        )
        with np.errstate(invalid="ignore"):
            cancelled = np.abs(x * y + z) < np.abs(z) / 256
        self.assertGreater(np.mean(cancelled & (z != 0)), 0.1)

    def test_dense_values_hold_what_rounding_turns_on(self):
        request = Request("convert", ("binary64",), "e4m3fn", "ties_to_even", "nan")
        values = set(operands_of(request)[0].view(np.float64))
        tie, beyond = 1.0625, 464.0  # of 1 and 1.125; of 448 and the next value
        for value in (1.0, tie, beyond, 480.0, 2.0**-10, np.inf, 2.0**-149):
            self.assertLessEqual({value, -value}, values)
        for side in (0, np.inf):
            self.assertIn(np.nextafter(tie, side), values)
            self.assertIn(float(np.nextafter(np.float32(tie), np.float32(side))), values)


if __name__ == "__main__":
    unittest.main()
