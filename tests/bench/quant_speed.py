"""Speed and memory of `fewbit quant` beside onnxruntime, on the 10,000 test images: make bench-quant.
SPDX-License-Identifier: Apache-2.0
"""
import gzip
import json
import os
import pathlib
import statistics
import sys
import time

import numpy
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path('/usr/share/datasets/fashion-mnist')
PAIRS = ('int8', 'e4m3fn', 'e5m2f', 'mxfp4')
BATCH = 32
REPEATS = 3


def images():
    raw = gzip.decompress((DATA / 't10k-images-idx3-ubyte.gz').read_bytes())
    return (numpy.frombuffer(raw, numpy.uint8, offset=16).reshape(-1, 1, 28, 28) / 255).astype(numpy.float32)


def runtime_seconds(network, pictures, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(network), options, providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    start = time.perf_counter()
    for first in range(0, len(pictures), BATCH):
        session.run(None, {name: pictures[first:first + BATCH]})
    return time.perf_counter() - start


def fewbit(binary, network, threads, formats):
    """Seconds in float and quantized, and the peak memory of the process in MiB."""
    command = [binary, 'quant', 'run', '--json', '--network', str(network),
               '--calibration-images', str(DATA / 'train-images-idx3-ubyte.gz'),
               '--images', str(DATA / 't10k-images-idx3-ubyte.gz'),
               '--labels', str(DATA / 't10k-labels-idx1-ubyte.gz'), '--jobs', str(threads),
               '--unsigned', 'off', '--format-weights', formats, '--format-activations', formats]
    reader, writer = os.pipe()
    child = os.posix_spawn(binary, command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)])
    os.close(writer)
    with os.fdopen(reader) as output:
        text = output.read()
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f'{command}: status {status}')
    result = json.loads(text)
    return result['float']['seconds'], result['quantized']['seconds'], usage.ru_maxrss / 1024


def main():
    binary, threads = sys.argv[1], int(sys.argv[2])
    pictures = images()
    print(f'10,000 images, {threads} threads, median of {REPEATS} (least-most), seconds; peak memory of fewbit')
    for name in ('resnet', 'mobilenet', 'vit'):
        network = ROOT / f'quant/networks/{name}.onnx'
        runs = {'onnxruntime': [], 'float': [], **{pair: [] for pair in PAIRS}}
        memory = 0
        for _ in range(REPEATS):  # by turns, so that all see the same load
            runs['onnxruntime'].append(runtime_seconds(network, pictures, threads))
            for pair in PAIRS:
                in_float, quantized, peak = fewbit(binary, network, threads, pair)
                runs['float'].append(in_float)
                runs[pair].append(quantized)
                memory = max(memory, peak)
        cells = [f'{kind} {statistics.median(seconds):.2f} ({min(seconds):.2f}-{max(seconds):.2f})'
                 for kind, seconds in runs.items()]
        print(f'{name}: {"; ".join(cells)}; {memory:.0f} MiB', flush=True)


if __name__ == '__main__':
    main()
