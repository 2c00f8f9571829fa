"""Layers, search and quantizers of quant/training. Needs torch; the comparison with `fewbit quant run` needs $FEWBIT."""
# SPDX-License-Identifier: Apache-2.0
import fractions
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np
import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import controller as controllers  # noqa: E402
import costs  # noqa: E402
import fliqs  # noqa: E402
import models  # noqa: E402
import quantized  # noqa: E402
import runs  # noqa: E402
import train  # noqa: E402

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
torch.set_num_threads(1)


def values_of(name):
    """All finite numbers of a format, read from its name alone: an independent reading."""
    if name.startswith("int"):
        most = (1 << int(name[3:]) - 1) - 1
        return [fractions.Fraction(v) for v in range(-most, most + 1)]
    if name.startswith("uint"):
        return [fractions.Fraction(v) for v in range(1 << int(name[4:]))]
    unsigned = name.startswith("u")
    exponent, fraction = (int(x) for x in name.strip("uf").lstrip("e").split("m"))
    numbers = set()
    for field in range(1 << exponent):
        for part in range(1 << fraction):
            significand = part + (1 << fraction if field else 0)
            numbers.add(fractions.Fraction(significand << max(field - 1, 0)))
    return sorted(numbers if unsigned else numbers | {-v for v in numbers})


class Layers(unittest.TestCase):
    def test_units_are_the_nearest_numbers(self):
        torch.manual_seed(1)
        for name in ("int4", "uint4", "e2m1", "ue2m2f", "e1m2f", "e2m0f", "e3m1f"):
            numbers = values_of(name)
            grid = quantized.grid_of(name, False)
            self.assertEqual(grid.max, numbers[-1], name)
            x = torch.randn(60) * float(numbers[-1]) / 2
            units = grid.units(x * 0.25, 0.25)
            for value, unit in zip(x.tolist(), units.tolist()):
                exact = fractions.Fraction(value)
                least = min(abs(exact - number) for number in numbers)
                self.assertIn(fractions.Fraction(unit), numbers, name)
                self.assertEqual(abs(exact - fractions.Fraction(unit)), least, (name, value, unit))

    def test_the_unsigned_relative(self):
        for name, relative in (("int4", "uint4"), ("e2m1", "ue2m2f"), ("e4m3fn", "e4m3fn"), ("uint4", "uint4")):
            self.assertEqual(quantized.unsigned_relative(name), relative)

    def test_the_scale_has_the_least_squared_error(self):
        torch.manual_seed(2)
        rows = torch.randn(3, 50)
        numbers = np.array([float(v) for v in values_of("e2m1")])
        for row, scale in zip(rows.double().numpy(), quantized.choose_scales(quantized.grid_of("e2m1", False), rows)):
            def error(candidate):
                return (np.abs(row[:, None] - numbers * candidate).min(1) ** 2).sum()
            whole = np.abs(row).max() / numbers[-1]
            self.assertAlmostEqual(error(scale), min(error(whole * step / 40) for step in range(4, 49)), places=12)

    def test_gradients_are_those_of_the_rounded_operands(self):
        """Away from the ends of the range they are the gradients of a layer of the rounded numbers."""
        torch.manual_seed(3)
        convolution = nn.Conv2d(4, 6, 3, 2, 1, groups=2, bias=False)
        for layer, shape in ((convolution, (2, 4, 9, 9)), (nn.Linear(5, 7), (2, 3, 5))):
            model = nn.Sequential(layer)
            x = torch.randn(shape, requires_grad=True)
            layers = quantized.prepare(model, x.detach())
            quantized.set_formats(layers, [quantized.Formats("e2m1", "int4")])
            model.train()
            y = model(x)
            plan = layer.plan(x, layer.weight, True)
            units = plan.left_grid.units(x, plan.left_scale)
            by_row = torch.from_numpy(plan.right_scales).float().view(-1, *[1] * (layer.weight.dim() - 1))
            left = (units * plan.left_scale).requires_grad_()
            right = (plan.right_grid.units(layer.weight, plan.right_scales) * by_row).detach().requires_grad_()
            expected = (functional.linear(left, right, layer.bias) if isinstance(layer, nn.Linear)
                        else functional.conv2d(left, right, None, 2, 1, 1, 2))
            torch.testing.assert_close(y, expected)
            out = torch.randn_like(y)
            y.backward(out)
            expected.backward(out)
            inside = units.abs() < plan.left_grid.max
            torch.testing.assert_close(x.grad[inside], left.grad[inside])
            beyond = x.detach().abs() > plan.left_grid.max * plan.left_scale * 1.001
            self.assertTrue((x.grad[beyond] == 0).all() and inside.any())
            inside = layer.weight.detach().abs() < by_row * plan.right_grid.max
            torch.testing.assert_close(layer.weight.grad[inside], right.grad[inside])
            self.assertTrue((layer.weight.grad[layer.weight.detach().abs() > by_row * plan.right_grid.max * 1.001]
                             == 0).all())

    def test_a_step_costs_at_most_three_float_steps(self):
        images = torch.rand(128, 1, 28, 28)
        model = models.ResNet()

        def seconds(steps):
            begun = time.process_time()
            for _ in range(steps):
                model.zero_grad()
                model(images).sum().backward()
            return time.process_time() - begun
        seconds(1)
        in_float = min(seconds(1) for _ in range(4))
        layers = quantized.prepare(model, images)
        quantized.set_formats(layers, [quantized.Formats("e2m1", "e2m1")] * len(layers))
        model.train()
        seconds(1)
        ratio = min(seconds(1) for _ in range(4)) / in_float
        print(f"a step in e2m1 costs {ratio:.2f} float steps of CPU time")
        self.assertLess(ratio, 3)


class Everything(nn.Module):
    """The results of all layers of a network for each image, side by side."""

    def __init__(self, model, layers):
        super().__init__()
        self.model, self.results = model, []
        for layer in layers:
            layer.register_forward_hook(lambda _, __, result: self.results.append(result.flatten(1)))

    def forward(self, x):
        self.results.clear()
        self.model(x)
        return torch.cat(self.results, 1)


@unittest.skipUnless(os.environ.get("FEWBIT"), "make test-training gives the program")
class Equality(unittest.TestCase):
    """`fewbit quant run --formats` gives the same bits, layer by layer, as the exported torch network."""

    def run_both(self, model, formats, last):
        """The root mean square of the difference of the results of the layers before `last`, 20 images."""
        images, _ = train.load(DATA, "train")
        images = images[:64]
        layers = quantized.prepare(model, images)
        model.train()
        for _ in range(3):  # running means that are no constants
            model(images)
        quantized.fold(model)
        layers = quantized.record(model, images)
        edges = quantized.edge_layers(layers)
        quantized.set_formats(layers, [quantized.EDGE if edge else formats[i % len(formats)]
                                       for i, edge in enumerate(edges)])
        model.eval()
        tapped = Everything(model, layers[:last])
        test, _ = train.load(DATA, "t10k")
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            own = layers[:last]
            quantized.set_formats(layers[last:], [None] * len(layers[last:]))
            file = pathlib.Path(folder) / "net"
            quantized.write(tapped, own, file, test)
            np.save(f"{folder}/expected.npy", tapped(test[:20]).numpy())
            done = subprocess.run(
                [os.environ["FEWBIT"], "quant", "run", "--network", f"{file}.onnx", "--formats", f"{file}.formats",
                 "--activation-scales", f"{file}.scales", "--images", DATA / "t10k-images-idx3-ubyte.gz", "--labels",
                 f"{folder}/expected.npy", "--metric", "rmse", "--limit", "20", "--calibration-images",
                 DATA / "train-images-idx3-ubyte.gz", "--jobs", "1", "--json"],
                capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertGreater(said["float"]["value"], 1e-3)  # rounding changes something
        lefts = [quantized.grid_of(layer.formats.activations, layer.left.nonnegative).format.name
                 for layer in layers[:last]]
        self.assertEqual([row["left"] for row in said["quantized"]["layers"]], lefts)
        return said["quantized"]["value"]

    def test_resnet_and_mobilenet(self):
        pairs = [quantized.Formats("e2m1", "int4"), quantized.Formats("int3", "e2m0f"),
                 quantized.Formats("e4m3fn", "e1m3f")]
        torch.manual_seed(4)
        # All layers before the mean over the image, whose sum in binary32 has an order of its own.
        self.assertEqual(self.run_both(models.ResNet((8, 12, 16)), pairs, -1), 0)
        self.assertEqual(self.run_both(models.MobileNet(), pairs, -1), 0)


    def test_costs(self):
        """By hand: 8 of 10 layers count; the macs of int4 and e2m1 have 40 and 48 LUTs in docs/findings.md's data."""
        images = torch.rand(32, 1, 28, 28)
        layers = quantized.prepare(models.ResNet(), images)
        edges = quantized.edge_layers(layers)
        with tempfile.TemporaryDirectory() as folder:
            setting = costs.Setting(database=costs.published_database(pathlib.Path(folder)),
                                    network=str(pathlib.Path(__file__).resolve().parents[2] / "networks/resnet.onnx"))
            for model, expected in (("bits", (4, 4)), ("operations", (16, 16)), ("luts", (40, 48))):
                table = costs.table(model, layers, edges, ("int4", "e2m1"), setting)
                for option, cost in enumerate(expected):
                    self.assertAlmostEqual(sum(row[option] for row in table), cost)
                self.assertEqual(table[0], [0, 0])
            table = costs.table("accelerator", layers, edges, ("int4", "e2m1"), setting)
            self.assertEqual(len(table), 10)
            self.assertEqual(table[0], [table[0][0]] * 2)  # int8 in both
            self.assertTrue(all(value > 100 for row in table for value in row))
            setting.target = "nowhere"
            with self.assertRaises(SystemExit) as refusal:
                costs.table("luts", layers, edges, ("int4",), setting)
            self.assertEqual(refusal.exception.code, 2)

    def test_what_a_search_found_is_run_by_quant_run(self):
        with tempfile.TemporaryDirectory() as folder:
            words = ["search", "resnet", "--space", "both", "--budget", "40", "--epochs", "6", "--images", "512",
                     "--test-images", "200", "--db", f"{folder}/db", "--output", folder]
            self.assertEqual(fliqs.run(fliqs.parsed(words)), 0)
            database = runs.Runs(f"{folder}/db", fliqs.COLUMNS).database
            (percent, cost, formats), = database.execute("SELECT percent, cost, layers FROM runs").fetchall()
            self.assertEqual(fliqs.run(fliqs.parsed(words)), 0)  # it is there
            self.assertEqual(database.execute("SELECT COUNT(*) FROM runs").fetchone(), (1,))
            self.assertLessEqual(cost, 40 + 1e-6)
            file, = (str(found)[:-5] for found in pathlib.Path(folder).glob("*.onnx"))
            done = subprocess.run(
                [os.environ["FEWBIT"], "quant", "run", "--network", f"{file}.onnx", "--formats", f"{file}.formats",
                 "--activation-scales", f"{file}.scales", "--images", DATA / "t10k-images-idx3-ubyte.gz", "--labels",
                 DATA / "t10k-labels-idx1-ubyte.gz", "--limit", "200", "--calibration-images",
                 DATA / "train-images-idx3-ubyte.gz", "--jobs", "1", "--json"],
                capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)["quantized"]
        self.assertEqual([row["right"] for row in said["layers"]], [weights for weights, _ in json.loads(formats)])
        # The mean before the last layer has an order of its own: an image may differ.
        self.assertLessEqual(abs(said["right"] - percent * 2), 1)


class Search(unittest.TestCase):
    def test_what_is_kept_of_a_run_is_of_its_request_alone(self):
        """Or a run would go on with the formats that another cost has found."""
        words = ["search", "resnet", "--space", "both", "--budget", "40", "--db", "x"]
        plain = fliqs.parsed(words)
        for more in (["--target", "xilinx-usp"], ["--costs", "own.sqlite"], ["--epochs", "5"], ["--delay", "0.5"],
                     ["--test-images", "100"], ["--images", "1280"]):
            other = fliqs.parsed(words + more)
            self.assertNotEqual(runs.key_of(plain), runs.key_of(other), more)
            self.assertNotEqual(fliqs.name_of(plain), fliqs.name_of(other), more)
        elsewhere = fliqs.parsed(words[:-1] + ["y", "--output", "z", "--threads", "2"])
        self.assertEqual(runs.key_of(plain), runs.key_of(elsewhere))
        self.assertEqual(fliqs.name_of(plain), fliqs.name_of(elsewhere))

    def test_the_controller_finds_what_pays(self):
        """Option 1 of each layer loses 0.3 less; two of four layers may have it."""
        controller = controllers.Controller([[1, 2]] * 4, 6, 600, 5, rate=0.05)
        for _ in range(600):
            choice = controller.draw()
            controller.learn(choice, 2 - 0.3 * sum(choice[:2]) - 0.01 * sum(choice[2:]))
        self.assertEqual(controller.best(), [1, 1, 0, 0])
        self.assertEqual(controllers.within(controller), [1, 1, 0, 0])

    def test_delay_reward_and_entropy(self):
        controller = controllers.Controller([[1, 3], [2, 2]], 4, 100, 1)
        self.assertAlmostEqual(controller.reward(0.5, [1, 0]), -0.5 - 0.25)
        before = [logits.detach().clone() for logits in controller.logits]
        for _ in range(25):
            controller.learn(controller.draw(), 1.0)
        for old, new in zip(before, controller.logits):
            self.assertTrue(torch.equal(old, new))  # the delay is a quarter
        self.assertEqual(controller.entropy_weight(), 0)
        for _ in range(75):
            controller.learn(controller.draw(), 1.0)
        self.assertAlmostEqual(controller.entropy_weight(), 0.5)

    def test_a_run_that_was_ended_goes_on_with_the_same_numbers(self):
        with tempfile.TemporaryDirectory() as folder:
            arguments = fliqs.parsed(["search", "resnet", "--space", "both", "--budget", "40", "--epochs", "4",
                                      "--images", "256", "--db", f"{folder}/db", "--output", folder])
            images, labels = train.load(DATA, "train")
            images, labels = images[:256], labels[:256]
            whole = fliqs.Run(arguments, images, labels)
            whole.train(pathlib.Path(folder) / "whole.state")
            self.assertEqual(whole.step, 8)
            cost = sum(row[option] for row, option in zip(whole.costs, whole.choice))
            self.assertLessEqual(cost, 40 + 1e-6)
            for stop in (3, 0):
                part = fliqs.Run(arguments, images, labels)
                part.train(pathlib.Path(folder) / "part.state", stop)
            self.assertEqual(part.choice, whole.choice)
            for own, other in zip(whole.model.state_dict().values(), part.model.state_dict().values()):
                self.assertTrue(torch.equal(own, other))


if __name__ == "__main__":
    unittest.main()
