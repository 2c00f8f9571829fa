"""encode, decode and quantize: values by hand and by fractions, every kind of array, wrong inputs."""
# SPDX-License-Identifier: Apache-2.0
import fractions
import pickle
import threading
import unittest

import numpy as np

import fewbit


def nearest(x, values):
    """The code whose value is nearest to x, ties to the even code. values: code -> Fraction, all finite."""
    x = fractions.Fraction(x)
    best = min(abs(x - value) for value in values.values())
    codes = [code for code, value in values.items() if abs(x - value) == best]
    codes = [code for code in codes if code % 2 == 0] or codes
    # Both zeros are nearest to what rounds to zero: the sign of x decides.
    return codes


def finite_values(name, bits, exponent_bits, fraction_bits, bias, largest):
    """code -> value of a minifloat, from its definition."""
    del name
    values = {}
    for code in range(1 << bits):
        sign, magnitude = code >> (bits - 1), code & ((1 << (bits - 1)) - 1)
        field, fraction = magnitude >> fraction_bits, magnitude & ((1 << fraction_bits) - 1)
        assert field < 1 << exponent_bits
        if field == 0:
            value = fractions.Fraction(fraction) * fractions.Fraction(2) ** (1 - bias - fraction_bits)
        else:
            value = fractions.Fraction(fraction + (1 << fraction_bits)) * \
                fractions.Fraction(2) ** (field - bias - fraction_bits)
        if value <= largest:
            values[code] = -value if sign else value
    return values


FORMATS = {"e2m1": finite_values("e2m1", 4, 2, 1, 1, 6), "e4m3fn": finite_values("e4m3fn", 8, 4, 3, 7, 448),
           "e3m2": finite_values("e3m2", 6, 3, 2, 3, 28)}


class Values(unittest.TestCase):
    def test_values_are_those_of_the_definition(self):
        for name, values in FORMATS.items():
            codes = np.array(sorted(values))
            decoded = fewbit.decode(codes, name)
            self.assertEqual(decoded.dtype, np.float32)
            self.assertEqual([fractions.Fraction(float(x)) for x in decoded],
                             [values[code] for code in sorted(values)])

    def test_numbers_go_to_the_nearest_value(self):
        chance = np.random.default_rng(1)
        for name, values in FORMATS.items():
            largest = float(max(values.values()))
            grid = np.array(sorted(float(value) for value in values.values()))
            middles = (grid[1:] + grid[:-1]) / 2
            numbers = np.concatenate([grid, middles, np.nextafter(middles, 9e9), np.nextafter(middles, -9e9),
                                      chance.uniform(-largest, largest, 300), chance.normal(0, 0.01, 300)])
            for dtype in (np.float64, np.float32):
                x = numbers.astype(dtype)
                x = x[np.abs(x) <= largest]
                codes = fewbit.encode(x, name, overflow="saturate")
                for number, code in zip(x, codes):
                    self.assertIn(int(code), nearest(float(number), values), (name, dtype, number))
                np.testing.assert_array_equal(fewbit.quantize(x, name, overflow="saturate"),
                                              fewbit.decode(codes, name).astype(dtype))

    def test_known_answers(self):
        self.assertEqual(fewbit.encode(448.0, "e4m3fn"), 0x7E)
        self.assertTrue(np.isnan(fewbit.quantize(np.float32(np.nan), "e4m3fn")))
        self.assertEqual(fewbit.quantize(np.float32(1e9), "e5m2"), np.inf)
        self.assertEqual(fewbit.quantize(np.float32(1e9), "e5m2", overflow="saturate"), 57344)
        self.assertEqual(fewbit.quantize(-0.1, "e2m1"), 0)
        self.assertTrue(np.signbit(fewbit.quantize(-0.1, "e2m1")))
        self.assertEqual(list(fewbit.encode([-3.5, -2.5, 2.5, 200, -200], "int8")), [252, 254, 2, 127, 128])
        self.assertEqual(list(fewbit.quantize([-3.5, -2.5, 2.5], "int8", rounding="toward_zero")), [-3, -2, 2])
        # 1 + 2^-9 in binary32 and in binary64 is above the middle between two values of e4m8: one rounding.
        x = 1 + 2.0**-4 + 2.0**-40
        self.assertEqual(fewbit.quantize(np.array([x]), "e4m3fn")[0], 1.125)
        self.assertEqual(fewbit.quantize(np.array([x], np.float32), "e4m3fn")[0], 1.0)

    def test_formats_without_a_table(self):
        x = np.array([0.1, -1e30, np.nan, 3e38], np.float64)
        np.testing.assert_array_equal(fewbit.quantize(x, "binary32"), x.astype(np.float32).astype(np.float64))
        np.testing.assert_array_equal(fewbit.encode(x[:2], "binary32"), x[:2].astype(np.float32).view(np.uint32))

    def test_stochastic_rounding_takes_its_bits(self):
        x = np.full(256, 1.0 + 1 / 32)  # a quarter of the way from 1 to 1.125
        values = fewbit.quantize(x, "e4m3fn", rounding="stochastic_a", random=np.arange(256))
        self.assertEqual((values == 1.125).sum(), 64)
        self.assertEqual((values == 1.0).sum(), 192)
        for wrong in (None, np.arange(255), np.arange(256) + 1, np.full(256, 0.5)):
            with self.assertRaises(fewbit.RequestError):
                fewbit.encode(x, "e4m3fn", rounding="stochastic_a", random=wrong)


class Arrays(unittest.TestCase):
    def setUp(self):
        self.x = np.random.default_rng(2).normal(0, 3, (6, 8, 4)).astype(np.float32)
        self.expected = fewbit.encode(self.x.copy(), "e4m3fn")

    def test_strides_and_byte_orders(self):
        x, expected = self.x, self.expected
        np.testing.assert_array_equal(fewbit.encode(x.T, "e4m3fn"), expected.T)
        np.testing.assert_array_equal(fewbit.encode(x[::-1, ::3, 1:], "e4m3fn"), expected[::-1, ::3, 1:])
        np.testing.assert_array_equal(fewbit.encode(np.broadcast_to(x[0], (5, 8, 4)), "e4m3fn"),
                                      np.broadcast_to(expected[0], (5, 8, 4)))
        np.testing.assert_array_equal(fewbit.encode(x.astype(">f4"), "e4m3fn"), expected)
        np.testing.assert_array_equal(fewbit.encode(np.asfortranarray(x), "e4m3fn"), expected)
        buffer = np.zeros(x.nbytes + 1, np.uint8)
        unaligned = buffer[1:].view(np.float32).reshape(x.shape)
        unaligned[...] = x
        np.testing.assert_array_equal(fewbit.encode(unaligned, "e4m3fn"), expected)
        read_only = x.copy()
        read_only.flags.writeable = False
        np.testing.assert_array_equal(fewbit.encode(read_only, "e4m3fn"), expected)
        large = np.random.default_rng(3).normal(size=(300, 700)).astype(np.float32)  # many pieces
        np.testing.assert_array_equal(fewbit.encode(large.T, "e5m2"), fewbit.encode(large, "e5m2").T)

    def test_shapes_that_are_easily_forgotten(self):
        self.assertEqual(fewbit.encode(np.float32(1), "e4m3fn").shape, ())
        self.assertEqual(fewbit.encode([], "e4m3fn").shape, (0,))
        self.assertEqual(fewbit.quantize(np.zeros((3, 0, 2), ">f8"), "e4m3fn").shape, (3, 0, 2))
        self.assertEqual(fewbit.decode(np.zeros((0, 4), np.uint8), "e4m3fn").shape, (0, 4))

    def test_dtypes(self):
        half = self.x.astype(np.float16)
        np.testing.assert_array_equal(fewbit.encode(half, "e4m3fn"),
                                      fewbit.encode(half.astype(np.float64), "e4m3fn"))
        self.assertEqual(fewbit.quantize(half, "e4m3fn").dtype, np.float16)
        self.assertEqual(fewbit.quantize(self.x.astype(">f4"), "e4m3fn").dtype, np.float32)
        self.assertEqual(fewbit.quantize([1, 2, 3], "e2m1").dtype, np.float64)
        self.assertEqual(fewbit.encode(True, "int4"), 1)
        self.assertEqual(fewbit.encode(self.x, "bfloat16").dtype, np.uint16)
        for wrong in (np.zeros(2, complex), np.array(["a"]), np.array([object()]), np.zeros(2, np.longdouble),
                      [1 << 60], np.datetime64("2020-01-01"), [[1, 2], [3]]):
            with self.assertRaises(ValueError) as caught:
                fewbit.encode(wrong, "e4m3fn")
            self.assertEqual(caught.exception.field, "x")
            self.assertTrue(caught.exception.legal)

    def test_wrong_requests_say_field_value_and_legal(self):
        for call, field in ((lambda: fewbit.encode(1.0, "e4m3"), "format"),
                            (lambda: fewbit.encode(1.0, 5), "format"),
                            (lambda: fewbit.encode(1.0, "e4m3fn", rounding="up"), "--rounding"),
                            (lambda: fewbit.encode(1.0, "e4m3fn", overflow="wrap"), "--overflow"),
                            (lambda: fewbit.encode(1.0, "e4m3fn", subnormals="flush"), "subnormals"),
                            (lambda: fewbit.decode([256], "e4m3fn"), "codes"),
                            (lambda: fewbit.decode([-1], "e4m3fn"), "codes"),
                            (lambda: fewbit.decode([0.5], "e4m3fn"), "codes"),
                            (lambda: fewbit.encode(1.0, "bipolar"), "--result"),
                            (lambda: fewbit.encode(1.0, "int100_lsb0"), "format")):
            with self.assertRaises(fewbit.RequestError) as caught:
                call()
            error = caught.exception
            self.assertIsInstance(error, ValueError)
            self.assertEqual(error.field, field, str(error))
            self.assertTrue(error.legal, str(error))

    def test_arrays_carry_their_format(self):
        a = fewbit.array(self.x, "e4m3fn")
        self.assertEqual(a.format, fewbit.Format("e4m3fn"))
        self.assertEqual(a.shape, self.x.shape)
        np.testing.assert_array_equal(np.asarray(a), fewbit.quantize(self.x, "e4m3fn"))
        np.testing.assert_array_equal(a[1, ::2].codes, self.expected[1, ::2])
        self.assertEqual(pickle.loads(pickle.dumps(a.format)), a.format)
        self.assertIn("e4m3fn", repr(a))

    def test_threads(self):
        found = []

        def work(seed):
            x = np.random.default_rng(seed).normal(size=200000).astype(np.float32)
            name = ("e4m3fn", "e5m2", "e3m2", "int6")[seed % 4]
            found.append(np.array_equal(fewbit.decode(fewbit.encode(x, name), name), fewbit.quantize(x, name)))

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [True] * 8)


if __name__ == "__main__":
    unittest.main()
