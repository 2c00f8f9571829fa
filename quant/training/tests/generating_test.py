"""The network of characters, its text, and the network that takes noise out. Needs torch."""
# SPDX-License-Identifier: Apache-2.0
import math
import pathlib
import sys
import tempfile
import unittest

import numpy
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import characters  # noqa: E402
import diffusion  # noqa: E402
import text  # noqa: E402

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
torch.set_num_threads(1)


class Text(unittest.TestCase):
    def test_classes(self):
        self.assertEqual(text.classes_of("A\n ~\té—“q”…").tolist(), [34, 0, 1, 95, 1, 70, 14, 3, 82, 3, 15, 15, 15])

    def test_windows_and_what_is_behind_them(self):
        block = numpy.arange(2 * text.BLOCK).reshape(2, text.BLOCK)
        inputs, labels = text.windows(block)
        self.assertEqual(inputs.shape, (62, text.BEFORE + text.TOKENS))
        self.assertTrue((labels[:, :-1] == inputs[:, text.BEFORE + 1:]).all())
        self.assertTrue((labels[:, -1] == inputs[:, -1] + 1).all())

    def test_a_tenth_is_held_out(self):
        training, held = text.load()
        self.assertAlmostEqual(held.size / (held.size + training.size), 0.1, places=2)


class Characters(unittest.TestCase):
    def test_no_character_sees_one_behind_it(self):
        torch.manual_seed(1)
        model = characters.Characters()
        x = torch.randint(0, text.CLASSES, (1, text.BEFORE + text.TOKENS)).float()
        changed = x.clone()
        changed[0, text.BEFORE + 70:] = 5
        with torch.no_grad():
            difference = (model(x) - model(changed)).abs().amax(2)[0]
        self.assertTrue((difference[:70] == 0).all())
        self.assertTrue((difference[70:] > 0).all())

    def test_a_few_steps_learn_something(self):
        torch.manual_seed(1)
        model = characters.Characters()
        line = torch.from_numpy(text.classes_of("to be, or not to be, that is the question. " * 40)).long()
        window = line[:text.BEFORE + text.TOKENS + 1].unsqueeze(0)
        test = window[:, :-1].float(), window[:, text.BEFORE + 1:]
        before, _ = characters.measure(model, *test)
        characters.train(model, line, test, 12, 1)
        after, right = characters.measure(model, *test)
        self.assertAlmostEqual(before, math.log2(text.CLASSES), delta=1)
        self.assertLess(after, before - 1)
        self.assertGreater(right, 10)


class Diffusion(unittest.TestCase):
    def test_one_known_picture_is_found_in_any_number_of_steps(self):
        picture = torch.linspace(-1, 1, 784).reshape(1, 1, 28, 28)

        def knows(inputs):
            share, rest = diffusion.shares(inputs[:, 1, 0, 0])
            noise = (inputs[:, :1] - share * picture) / rest
            return share * noise - rest * picture

        for steps in (1, 3, 20):
            found = diffusion.sample(knows, torch.randn(4, 1, 28, 28), steps)
            self.assertLess((found - picture).abs().max().item(), 1e-5, steps)

    def test_picture_and_noise_follow_from_v(self):
        generator = torch.Generator().manual_seed(2)
        pictures = diffusion.pictures_of(DATA, "t10k", 5)
        times = torch.rand(5, generator=generator)
        inputs, v = diffusion.hidden(pictures, times, generator)
        share, rest = diffusion.shares(times)
        self.assertLess((share * inputs[:, :1] - rest * v - pictures).abs().max().item(), 1e-5)

    def test_a_state_goes_on_as_if_nothing_had_been(self):
        pictures = diffusion.pictures_of(DATA, "train", 100)
        kept, diffusion.KEEP = diffusion.KEEP, 2

        def fitted(folder):
            torch.manual_seed(3)
            return diffusion.fit(diffusion.Denoiser((4, 4)), pictures, pictures[:10], 4, 1, pathlib.Path(folder) / "state.pt")

        try:
            with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
                whole = fitted(one)
                save = torch.save

                def stop(state, file):
                    save(state, file)
                    raise InterruptedError

                torch.save = stop
                try:
                    with self.assertRaises(InterruptedError):
                        fitted(other)
                finally:
                    torch.save = save
                for left, right in zip(whole.parameters(), fitted(other).parameters()):
                    self.assertTrue(torch.equal(left, right))
        finally:
            diffusion.KEEP = kept


if __name__ == "__main__":
    unittest.main()
