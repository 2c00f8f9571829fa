"""The operators on arrays: against fractions and numbers worked out by hand, and wrong inputs."""
# SPDX-License-Identifier: Apache-2.0
import fractions
import unittest

import numpy as np

import fewbit
from arrays_test import FORMATS, nearest


def exact(array):
    """The values of an Array as fractions."""
    return [fractions.Fraction(float(x)) for x in np.asarray(array.values, np.float64).reshape(-1)]


def some(name, shape, seed):
    codes = np.random.default_rng(seed).choice(sorted(FORMATS[name]), shape)
    return fewbit.Array(codes, name)


class Operators(unittest.TestCase):
    def test_exact_products_and_sums(self):
        a, b, c = some("e4m3fn", 500, 1), some("e3m2", 500, 2), some("e2m1", 500, 3)
        for got, expected in ((fewbit.mul(a, b), [x * y for x, y in zip(exact(a), exact(b))]),
                              (fewbit.add(a, b), [x + y for x, y in zip(exact(a), exact(b))]),
                              (fewbit.sub(a, b), [x - y for x, y in zip(exact(a), exact(b))]),
                              (fewbit.maximum(a, b), [max(x, y) for x, y in zip(exact(a), exact(b))]),
                              (fewbit.minimum(a, b), [min(x, y) for x, y in zip(exact(a), exact(b))]),
                              (fewbit.fma(a, b, c), [x * y + z for x, y, z in
                                                     zip(exact(a), exact(b), exact(c))])):
            self.assertEqual(exact(got), expected)

    def test_rounded_results_are_nearest(self):
        a, b, c = some("e3m2", 300, 4), some("e2m1", 300, 5), some("e4m3fn", 300, 6)
        sums = {"mul": (fewbit.mul(a, b, result="e4m3fn"), [x * y for x, y in zip(exact(a), exact(b))]),
                "add": (fewbit.add(a, b, result="e4m3fn"), [x + y for x, y in zip(exact(a), exact(b))]),
                "fma": (fewbit.fma(a, b, c, result="e4m3fn"),
                        [x * y + z for x, y, z in zip(exact(a), exact(b), exact(c))])}
        for name, (got, numbers) in sums.items():
            for code, number in zip(got.codes, numbers):
                if abs(number) <= 448:
                    self.assertIn(int(code), nearest(number, FORMATS["e4m3fn"]), (name, number))

    def test_dot_products(self):
        a, b = some("e2m1", (40, 5, 16), 7), some("e3m2", (5, 16), 8)  # broadcast
        got = fewbit.dot(a, b)
        self.assertEqual(got.shape, (40, 5))
        wide = np.broadcast_to(np.asarray(b.values, np.float64), (40, 5, 16))
        expected = (np.asarray(a.values, np.float64) * wide).sum(-1)  # exact: few bits
        np.testing.assert_array_equal(got.values, expected)
        rounded = fewbit.dot(a, b, result="e4m3fn", overflow="saturate")
        for code, number in zip(rounded.codes.reshape(-1), expected.reshape(-1)):
            if abs(number) <= 448:
                self.assertIn(int(code), nearest(number, FORMATS["e4m3fn"]))
        c = some("e3m2", (5,), 9)
        with_c = expected + np.asarray(c.values, np.float64)
        added = fewbit.dot(a, b, c, result="e4m3fn", overflow="saturate")
        scaled = fewbit.mxdot(a, b, *[fewbit.Array(np.full((), 127, np.uint8), "e8m0")] * 2, c, result="e4m3fn",
                              overflow="saturate")
        self.assertEqual(added.shape, (40, 5))
        np.testing.assert_array_equal(scaled.codes, added.codes)
        for code, number in zip(added.codes.reshape(-1), with_c.reshape(-1)):
            if abs(number) <= 448:
                self.assertIn(int(code), nearest(number, FORMATS["e4m3fn"]))
        sums = fewbit.mac(a, b)
        np.testing.assert_array_equal(sums.values, expected)
        running = fewbit.mac(a, b, running=True)
        np.testing.assert_array_equal(running.values, (np.asarray(a.values, np.float64) * wide).cumsum(-1))

    def test_accumulators(self):
        a = fewbit.array([[1, 2, 3], [6, -6, 0.5]], "e2m1")
        np.testing.assert_array_equal(fewbit.acc(a).values, [6, 0.5])
        # 256 + 1 is a tie that goes to 256 in a format of eight significant bits, each time anew.
        ones = fewbit.array([256, 1, 1, 1], "bfloat16")
        self.assertEqual(fewbit.facc(ones, "bfloat16").values, 256)
        self.assertEqual(fewbit.facc(ones[::-1], "bfloat16").values, 260)  # 3 + 256 = 259, a tie to 260
        x = fewbit.array([1.5, 2], "e2m1")
        np.testing.assert_array_equal(fewbit.fmac(x, x, "bfloat16", running=True).values, [2.25, 6.25])

    def test_blocks(self):
        x = np.zeros(32)
        x[:4] = [6.0, -3.0, 1.5, 0.7]
        q = fewbit.mxquant(fewbit.array(x * 8, "bfloat16"), "e2m1")
        self.assertEqual(q.scale.values, 8)
        np.testing.assert_array_equal(q.values[:4], [6, -3, 1.5, 0.5])
        got = fewbit.mxdot(q, q, q.scale, q.scale, result="binary32")
        self.assertEqual(float(got.values), 64 * (36 + 9 + 2.25 + 0.25))
        y = fewbit.requant(fewbit.array([100, -7, 6], "int16"), 2, "int4")
        np.testing.assert_array_equal(y.values, [7, -2, 2])  # 25 saturates; -1.75; 1.5 to even
        z = fewbit.requant(fewbit.array([100], "int16"), [3], "int8", b=fewbit.array([5], "uint4"))
        np.testing.assert_array_equal(z.values, [62])  # 62.5, a tie to even

    def test_steps(self):
        x = np.array([[-1, 0.5, 3, 0], [7, 7, 7, 7]])
        q = fewbit.squant(fewbit.array(x, "bfloat16"), "uint2", np.full((2, 4), 8), random_bits=4)
        # Thirds of 4: 0, 1.125, 3, 0.75, and (2 * 8 + 1) / 32 more.
        np.testing.assert_array_equal(q.codes, [[0, 1, 3, 1], [0, 0, 0, 0]])
        np.testing.assert_array_equal(q.least.values, [-1, 7])
        np.testing.assert_array_equal(q.largest.values, [3, 7])
        low = fewbit.squant(fewbit.array(x[0], "int8"), "uint1", [0, 9, 0, 0], random_bits=4)
        np.testing.assert_array_equal(low.codes, [0, 0, 1, 0])

    def test_special_values(self):
        a = fewbit.array([np.inf, np.inf, 1, np.nan], "e4m3ieee")
        b = fewbit.array([0.0, -2, 3, 1], "e4m3ieee")
        product = fewbit.mul(a, b)
        self.assertEqual(list(product.nan), [True, False, False, True])
        self.assertEqual(list(product.ninf), [False, True, False, False])
        np.testing.assert_array_equal(product.values, [np.nan, -np.inf, 3, np.nan])
        sums = fewbit.dot(fewbit.Array(a.codes.reshape(2, 2), "e4m3ieee"), fewbit.Array(b.codes.reshape(2, 2), "e4m3ieee"))
        self.assertEqual(list(sums.nan), [True, True])
        rounded = fewbit.mul(a, b, result="e4m3fn")
        np.testing.assert_array_equal(rounded.values, [np.nan, -448, 3, np.nan])

    def test_broadcasts_and_pairs(self):
        a, b = some("e2m1", (3, 1), 9), some("e2m1", 4, 10)
        got = fewbit.mul(a, b)
        np.testing.assert_array_equal(got.values, a.values * b.values)
        np.testing.assert_array_equal(fewbit.mul((a.codes, "e2m1"), (b.codes, "e2m1")).codes, got.codes)
        self.assertEqual(fewbit.mul(a[:0], b).shape, (0, 4))
        self.assertEqual(fewbit.dot(fewbit.Array(np.zeros((0, 4)).astype(int), "e2m1"), b).shape, (0,))
        wide = fewbit.Array(np.asarray(a.codes, np.int64), "e2m1")
        np.testing.assert_array_equal(fewbit.mul(wide, b).codes, got.codes)
        np.testing.assert_array_equal(fewbit.convert(a, "e4m3fn").values, a.values)

    def test_wrong_requests(self):
        a = some("e2m1", 4, 11)
        for call, field in ((lambda: fewbit.mul(a, [1, 2]), "b"),
                            (lambda: fewbit.mul(a, a, result="e4m3"), "--result"),
                            (lambda: fewbit.mul(a, a, rounding="to_odd"), "--rounding"),
                            (lambda: fewbit.dot(a, a[:2]), "lanes"),
                            (lambda: fewbit.dot(a[0], a[0]), "a"),
                            (lambda: fewbit.mul(a, a, result="e2m1", random=[1]), "random"),
                            (lambda: fewbit.mul((np.array([16]), "e2m1"), a), "codes"),
                            (lambda: fewbit.mul(fewbit.array([1.0], "binary32"),
                                                fewbit.array([1.0], "binary32")), "result")):
            with self.assertRaises(fewbit.RequestError) as caught:
                call()
            self.assertEqual(caught.exception.field, field, str(caught.exception))
            self.assertTrue(caught.exception.legal)
        with self.assertRaises(ValueError):
            fewbit.mul(some("e2m1", 3, 1), some("e2m1", 4, 1))


if __name__ == "__main__":
    unittest.main()
