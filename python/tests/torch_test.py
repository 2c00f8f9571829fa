"""fewbit.torch: values of the model, memory shared, the straight-through gradient. Needs torch."""
# SPDX-License-Identifier: Apache-2.0
import unittest

import numpy as np
import torch

import fewbit
import fewbit.torch


class FakeQuantization(unittest.TestCase):
    def test_values_and_gradients(self):
        x = torch.tensor([0.3, -1.1, 1000.0, -5.0], requires_grad=True)
        y = fewbit.quantize(x, "e2m1")
        np.testing.assert_array_equal(y.detach().numpy(), fewbit.quantize(x.detach().numpy(), "e2m1"))
        (y * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
        self.assertEqual(x.grad.tolist(), [1, 2, 0, 4])  # 1000 is outside the range of e2m1
        x.grad = None
        fewbit.torch.fake_quantize(x, "e2m1", clip_gradient=False).sum().backward()
        self.assertEqual(x.grad.tolist(), [1, 1, 1, 1])

    def test_dtypes_and_strides(self):
        x = torch.randn(6, 5, dtype=torch.float64)
        for tensor in (x, x.T, x[::2, 1:], x.float(), x.half()):
            y = fewbit.quantize(tensor, "e4m3fn")
            self.assertEqual(y.dtype, tensor.dtype)
            np.testing.assert_array_equal(y.numpy(), fewbit.quantize(tensor.numpy(), "e4m3fn"))
        half = x.to(torch.bfloat16)
        self.assertEqual(fewbit.quantize(half, "e4m3fn").dtype, torch.bfloat16)
        np.testing.assert_array_equal(fewbit.encode(half, "e4m3fn"), fewbit.encode(half.float().numpy(), "e4m3fn"))
        np.testing.assert_array_equal(fewbit.encode(x, "e4m3fn"), fewbit.encode(x.numpy(), "e4m3fn"))

    def test_a_network_learns_through_it(self):
        torch.manual_seed(1)
        x = torch.randn(256, 8)
        y = x @ torch.randn(8, 1)
        layer = torch.nn.Linear(8, 1)
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)

        def loss_of():
            weight = fewbit.quantize(layer.weight, "e4m3fn")
            return torch.nn.functional.mse_loss(torch.nn.functional.linear(x, weight, layer.bias), y)

        before = loss_of().item()
        for _ in range(200):
            optimizer.zero_grad()
            loss = loss_of()
            loss.backward()
            optimizer.step()
        self.assertLess(loss_of().item(), before / 50)

    def test_units_with_a_scale_for_each_row(self):
        torch.manual_seed(2)
        x = torch.randn(3, 1000) * torch.tensor([[0.1], [1.0], [7.0]])
        scales = np.array([0.03, 0.4, 1.7])
        for name, most in (("e2m1", 12), ("int4", 7), ("ue2m2f", 28), ("e4m3fn", 448 * 512)):
            grid = fewbit.torch.Grid(name)
            self.assertEqual(grid.max, most)
            units = grid.units(x, scales).numpy()
            step = {"e2m1": 0.5, "ue2m2f": 0.25, "e4m3fn": 2.0 ** -9}.get(name, 1.0)
            exact = x.double().numpy() * (1 / scales)[:, None] * step
            expected = fewbit.quantize(exact, name, overflow="saturate") / step
            np.testing.assert_array_equal(units, np.maximum(expected, -most))
        np.testing.assert_array_equal(fewbit.torch.Grid("bipolar").units(x, 1.0).numpy(), np.where(x < 0, -1, 1))

    def test_units_refuse_what_they_cannot_take(self):
        grid = fewbit.torch.Grid("e2m1")
        for x, scale in ((torch.zeros(3), np.ones(2)), (torch.zeros(3, dtype=torch.float64), 1.0)):
            with self.assertRaises(fewbit.RequestError):
                grid.units(x, scale)
        for name in ("e8m0", "binary32"):
            with self.assertRaises(fewbit.RequestError):
                fewbit.torch.Grid(name)


if __name__ == "__main__":
    unittest.main()
