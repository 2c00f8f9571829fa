"""Logits of the recogniser of text by fewbit's float engine beside onnxruntime's: make verify-ocr.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import subprocess
import sys

import numpy
import onnx
import onnxruntime

MOST = 1e-4  # difference over the largest magnitude of a line's logits
LINES, SEED = 32, 3


def without_softmax(source, target):
    """The network up to the logits: differences of small probabilities would not be seen behind the softmax."""
    model = onnx.load(source)
    output = model.graph.output[0]
    last = next(node for node in model.graph.node if output.name in node.output)
    assert last.op_type == 'Softmax', last.op_type
    output.name = last.input[0]
    model.graph.node.remove(last)
    onnx.save(model, target)


def main():
    program, models, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    lines = pathlib.Path(__file__).resolve().parents[2] / 'quant' / 'ocr' / 'lines.py'
    subprocess.run(['/usr/bin/python3', lines, folder, '--lines', str(LINES), '--seed', str(SEED)], check=True)
    network, images = folder / 'logits.onnx', folder / 'images.npy'
    without_softmax(models / 'ch_PP-OCRv4_rec_infer.onnx', network)
    session = onnxruntime.InferenceSession(str(network), providers=['CPUExecutionProvider'])
    expected, = session.run(None, {session.get_inputs()[0].name: numpy.load(images)})
    raw = subprocess.run([program, network, images], check=True, capture_output=True).stdout
    got = numpy.frombuffer(raw, numpy.float32).reshape(expected.shape)
    scale = numpy.abs(expected).max(axis=(1, 2), keepdims=True)
    worst = (numpy.abs(got - expected) / scale).max()
    same = (got.argmax(-1) == expected.argmax(-1)).mean()
    print(f'{LINES} lines, logits {expected.shape}: largest difference {worst:.2e} of the largest logit of its line '
          f'(at most {MOST:.0e}); {100 * same:.2f} % of the steps say the same')
    sys.exit(not worst <= MOST)


if __name__ == '__main__':
    main()
