"""Quantizers of gradients: codes, expectation, variance; bipolar layers. Needs torch."""
# SPDX-License-Identifier: Apache-2.0
import fractions
import math
import pathlib
import sys
import tempfile
import unittest

import torch
from torch.nn import functional

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import fqt  # noqa: E402
import one_bit  # noqa: E402
import runs  # noqa: E402

torch.set_num_threads(1)
DRAWS = 2000


def rows_of(sigma, count=16, width=24, seed=1):
    """Rows whose scales are lognormal."""
    generator = torch.Generator().manual_seed(seed)
    scales = torch.exp(sigma * torch.randn(count, 1, generator=generator))
    return torch.randn(count, width, generator=generator) * scales


def statistics_of(rows, how, seed=2):
    """Mean, and variance of single draws, over DRAWS quantizations."""
    generator = torch.Generator().manual_seed(seed)
    total, squares = torch.zeros_like(rows, dtype=torch.float64), torch.zeros_like(rows, dtype=torch.float64)
    for _ in range(DRAWS):
        values = one_bit.quantized_rows(rows, how, generator).double()
        total += values
        squares += values * values
    mean = total / DRAWS
    return mean, (squares / DRAWS - mean * mean).clamp(min=0)


class Quantizers(unittest.TestCase):
    def test_codes_are_the_definition(self):
        """In exact fractions, of rows of one magnitude, whose numbers are whole as they are."""
        generator = torch.Generator().manual_seed(3)
        rows = torch.randint(-1000, 1000, (6, 20), generator=generator).float() / 64
        rows[5] = 0.75  # all alike
        for bits in (1, 2, 4, 8):
            random = torch.randint(0, 256, rows.shape, generator=generator)
            codes = one_bit.affine_codes(rows, bits, random)
            for row, own, r in zip(rows.tolist(), codes.tolist(), random.tolist()):
                exact = [fractions.Fraction(x) for x in row]
                least, span = min(exact), max(exact) - min(exact)
                expected = [0 if span == 0 else math.floor(
                    (x - least) / span * (2 ** bits - 1) + fractions.Fraction(2 * k + 1, 512))
                    for x, k in zip(exact, r)]
                self.assertEqual(own, expected)

    def test_small_numbers_beside_large_ones_and_subnormal_rows(self):
        rows = torch.tensor([[1.0, 2.0 ** -40, -1.0, 0.0], [2.0 ** -149, 0.0, 2.0 ** -148, 2.0 ** -149]])
        random = torch.full((2, 4), 128)
        self.assertEqual(one_bit.affine_codes(rows, 1, random).tolist(), [[1, 1, 0, 1], [1, 0, 1, 1]])

    def test_the_mean_is_the_number(self):
        rows = rows_of(1)
        for how in (one_bit.Gradients(1), one_bit.Gradients(2), one_bit.Gradients(4),
                    one_bit.Gradients(2, "unbiased"), one_bit.Gradients(4, "unbiased")):
            mean, variance = statistics_of(rows, how)
            # 384 numbers: the largest deviation of so many normal ones is below 5 but for one case in 4,500; where a
            # code is rarely another one, as many as 8 of the draws more. A code is off by up to 2^-9 of its step in
            # the mean, by the 8 random bits.
            step = (rows.amax(1) - rows.amin(1))[:, None].double() / (2 ** how.bits - 1)
            kept = one_bit.probabilities(rows, how.bits)[:, None] if how.pruning == "unbiased" else 1.0
            allowed = 5 * (variance / DRAWS).sqrt() + step / 512 + 8 * step / DRAWS / kept
            self.assertTrue(((mean - rows).abs() <= allowed).all(), how)

    def test_the_variance_of_the_affine_quantizer(self):
        """Between two codes at distance s, at the share f of the way, it is f (1 - f) s^2."""
        rows = rows_of(0)
        for bits in (1, 2, 4):
            _, variance = statistics_of(rows, one_bit.Gradients(bits))
            least, span = rows.amin(1, keepdim=True), (rows.amax(1) - rows.amin(1))[:, None]
            place = (rows - least).double() / span * (2 ** bits - 1)
            share = place - place.floor()
            expected = (share * (1 - share) * (span / (2 ** bits - 1)) ** 2).sum()
            self.assertLess(abs(float(variance.sum() / expected) - 1), 0.03, bits)

    def test_the_published_pruning_is_biased(self):
        rows = rows_of(1)
        how = one_bit.Gradients(4, "biased")
        mean, _ = statistics_of(rows, how)
        importance = rows.abs().amax(1)
        kept = importance >= importance.sort(descending=True).values[3]
        self.assertEqual(int(kept.sum()), 4)
        self.assertTrue((mean[~kept] == 0).all())
        step = (rows.amax(1) - rows.amin(1))[:, None] / 15
        self.assertTrue(((mean - rows).abs() <= 0.1 * step)[kept].all())

    def test_probabilities_are_those_of_ranges(self):
        for sigma in (0, 1, 3):
            rows = rows_of(sigma, 32)
            p = one_bit.probabilities(rows, 4)
            self.assertAlmostEqual(float(p.sum()), 8, places=9)
            ranges = (rows.amax(1) - rows.amin(1)).double()
            ratios = (p / ranges)[p < 1]
            self.assertLess(float(ratios.max() / ratios.min()), 1 + 1e-9)
            self.assertTrue((p[ranges >= ranges[p >= 1].min()] == 1).all() if (p >= 1).any() else True)

    def test_pruning_pays_where_rows_differ(self):
        """The error of 4 bits of a quarter of the rows against 1 bit of all (docs/training.md)."""
        rows = rows_of(2, 64)

        def error(how):
            generator = torch.Generator().manual_seed(5)
            size = (rows.double() ** 2).sum()
            return sum(float(((one_bit.quantized_rows(rows, how, generator) - rows) ** 2).sum() / size)
                       for _ in range(100)) / 100
        plain = error(one_bit.Gradients(1))
        self.assertLess(error(one_bit.Gradients(4, "unbiased")), plain / 10)
        self.assertLess(error(one_bit.Gradients(4, "biased")), plain / 10)


class Script(unittest.TestCase):
    def test_a_small_run_becomes_a_row(self):
        with tempfile.TemporaryDirectory() as folder:
            for bits, pruning in ((0, "none"), (2, "unbiased")):
                words = ["run", "--bits", str(bits), "--pruning", pruning, "--images", "256", "--float-epochs", "2",
                         "--epochs", "1", "--test-images", "200", "--db", f"{folder}/db", "--output", folder]
                for _ in range(2):
                    self.assertEqual(fqt.run(fqt.parsed(words)), 0)
            rows = runs.Runs(f"{folder}/db", fqt.COLUMNS).database.execute(
                "SELECT bits, steps, float_percent, gradient_error, gradient_bias FROM runs ORDER BY bits").fetchall()
        self.assertEqual([row[:2] for row in rows], [(0, 2), (2, 2)])
        self.assertEqual(rows[0][2], rows[1][2])  # one network in float for both
        self.assertEqual(rows[0][3:], (0, 0))
        self.assertGreater(rows[1][3], 0.1)
        self.assertLess(rows[1][4], 0.1 * rows[1][3])


class Layers(unittest.TestCase):
    def network(self, gradients):
        torch.manual_seed(6)
        model = one_bit.BipolarResNet((4, 8, 8))
        return model, one_bit.make_binary(model, gradients, 7)

    def test_operands_are_bipolar(self):
        model, layers = self.network(one_bit.Gradients(0))
        layer = layers[0]
        x = torch.randn(2, 4, 6, 6)
        signs = torch.where(layer.weight < 0, -1.0, 1.0) * layer.weight.abs().mean((1, 2, 3), keepdim=True)
        torch.testing.assert_close(layer(x), functional.conv2d(torch.where(x < 0, -1.0, 1.0), signs, None, 1, 1))
        self.assertEqual(len(layers), 8)  # two, three and three: a skip where shapes differ

    def test_gradients_of_few_bits_are_right_in_the_mean(self):
        """Of the weights and the input of a layer: the mean over draws is the gradient without quantization."""
        layer = self.network(one_bit.Gradients(0))[1][0]
        x = torch.randn(6, 4, 6, 6)
        out = torch.randn(6, 4, 6, 6)

        def gradients():
            own = x.clone().requires_grad_()
            layer.weight.grad = None
            layer(own).backward(out)
            return own.grad, layer.weight.grad
        exact = gradients()
        for how in (one_bit.Gradients(1), one_bit.Gradients(2, "unbiased"), one_bit.Gradients(2, joint=False)):
            layer.gradients = how
            draws = [gradients() for _ in range(400)]
            for place in range(2):
                own = torch.stack([draw[place] for draw in draws]).double()
                deviation = (own.mean(0) - exact[place]).abs() / (own.std(0) / 20 + 1e-3 * exact[place].std())
                self.assertLess(float(deviation.max()), 5.5, how)
                self.assertGreater(float(own.std(0).mean()), 0)

    def test_a_wrong_setting_is_refused(self):
        for bits, pruning in ((9, "none"), (1, "some")):
            with self.assertRaises(ValueError):
                one_bit.Gradients(bits, pruning)


if __name__ == "__main__":
    unittest.main()
