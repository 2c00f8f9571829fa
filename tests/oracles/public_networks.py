"""Networks that others trained, by fewbit's float engine beside onnxruntime: make test-networks.
SPDX-License-Identifier: Apache-2.0

Prints the table of docs/accuracy.md. Exit code 1 where a network differs, or takes too much.
"""
import pathlib
import subprocess
import sys

import numpy
import onnx
import onnxruntime

MOST = 1e-4  # difference over the largest magnitude of an output
SECONDS, MIB = 60, 2048  # of one image
SEED = 5
LIGHT = ('bvlc_alexnet', 'densenet121', 'inception_v1', 'inception_v2', 'resnet50', 'shufflenet', 'squeezenet', 'vgg19',
         'zfnet512')


class Network:
    """One file: `shape` of its images, how they are drawn, and how its other inputs and outputs are wired."""

    def __init__(self, package, path, shape, draw=None, constants=None, states=None, output=None):
        self.package, self.path, self.shape = package, path, shape
        self.draw = draw or (lambda random, shape: random.standard_normal(shape))
        self.constants, self.states, self.output = constants or {}, states or {}, output

    def images(self):
        return self.draw(numpy.random.default_rng(SEED), self.shape).astype(numpy.float32)


def samples(random, shape):
    """Noise and a tone whose loudness changes from step to step."""
    place = numpy.arange(shape[-1]) / 16
    loud = numpy.linspace(0, 0.5, shape[-2])[:, None] if len(shape) > 2 else 0.3
    return 0.02 * random.standard_normal(shape) + loud * numpy.sin(place)


def blocks(random, shape):
    """Black and white squares of 8 x 8 pixels, a little noise."""
    count, channels, rows, columns = shape
    squares = numpy.sign(random.standard_normal((count, 1, rows // 8, columns // 8)))
    return numpy.kron(squares, numpy.ones((1, channels, 8, 8))) + 0.1 * random.standard_normal(shape)


def text_bytes(random, shape):
    """Bytes of a file's beginning, middle and end as Magika takes them; 256 stands for none."""
    return random.integers(32, 127, shape)


def networks():
    for name in LIGHT:
        yield Network('onnx', f'backend/test/data/light/light_{name}.onnx', (1, 3, 224, 224))
    models = 'rapidocr/models/'
    yield Network('rapidocr', models + 'PP-OCRv6_det_small.onnx', (1, 3, 160, 224), blocks)
    yield Network('rapidocr', models + 'PP-OCRv6_rec_small.onnx', (2, 3, 48, 160), blocks)
    yield Network('rapidocr', models + 'ch_ppocr_mobile_v2.0_cls_mobile.onnx', (3, 3, 48, 192), blocks)
    yield Network('magika', 'magika/models/standard_v3_3/model.onnx', (4, 2048), text_bytes)
    moses = 'speechmos/dnsmos_models/'
    yield Network('speechmos', moses + 'bak_ovr.onnx', (2, 901, 161))
    yield Network('speechmos', moses + 'sig.onnx', (2, 901, 161))
    yield Network('speechmos', moses + 'sig_bak_ovr.onnx', (1, 144160), samples)
    voices = 'silero_vad/data/'
    yield Network('silero-vad', voices + 'silero_vad_op18_ifless.onnx', (2, 12, 576), samples,
                  {'sr': numpy.array([16000])}, {'state': 'stateN'}, 'output')
    yield Network('silero-vad', voices + 'silero_vad_openvino_16k.onnx', (2, 12, 576), samples, {},
                  {'state': 'stateN'}, 'output')


# By a small process: what a process has before it becomes another program counts as that program's.
MEASURE = '''
import os, sys, time
start = time.monotonic()
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
if status != 0:
    sys.exit(1)
print(time.monotonic() - start, usage.ru_maxrss, file=sys.stderr)
'''
TYPES = {'tensor(float)': numpy.float32, 'tensor(int32)': numpy.int32, 'tensor(int64)': numpy.int64}


def expected(network, file, images):
    """onnxruntime's outputs; of a network with states step by step, one sequence at a time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=['CPUExecutionProvider'])
    inputs = {one.name: one for one in session.get_inputs()}
    given = {name: value.astype(TYPES[inputs[name].type]).reshape([1] * len(inputs[name].shape) if value.size == 1 else
                                                                  value.shape)
             for name, value in network.constants.items()}
    image, = set(inputs) - set(given) - set(network.states)
    output = network.output or session.get_outputs()[0].name
    names = [output, *network.states.values()]
    kind = TYPES[inputs[image].type]
    if not network.states:
        return session.run([output], {image: images.astype(kind), **given})[0]
    rows = []
    for sequence in images:
        states = {name: numpy.zeros([extent if isinstance(extent, int) else 1 for extent in inputs[name].shape],
                                    numpy.float32) for name in network.states}
        steps = []
        for step in sequence:
            answer, *after = session.run(names, {image: step[None].astype(kind), **given, **states})
            states = dict(zip(network.states, after))
            steps.append(answer[0])
        rows.append(steps)
    return numpy.array(rows)


def got(program, network, file, folder):
    """fewbit's outputs, with seconds and MiB."""
    words = [str(program), str(file), str(folder / 'images.npy'), network.output or '-']
    numpy.save(folder / 'images.npy', network.images())
    for name, value in network.constants.items():
        numpy.save(folder / f'{name}.npy', value)
        words.append(f'{name}={folder / name}.npy')
    words += [f'{state}:{output}' for state, output in network.states.items()]
    with open(folder / 'outputs.raw', 'wb') as raw:
        said = subprocess.run([sys.executable, '-S', '-c', MEASURE, *words], stdout=raw, stderr=subprocess.PIPE,
                              text=True, check=False)
    if said.returncode != 0:
        print(said.stderr, file=sys.stderr)
        return None, 0, 0
    seconds, kib = said.stderr.split()[-2:]
    return numpy.fromfile(folder / 'outputs.raw', numpy.float32), float(seconds), int(kib) / 1024


def up_to_scores(model, path):
    """The network without a softmax that makes probabilities of its scores: a difference is not seen in small ones,
    and grows with the exponential in large ones."""
    output = model.graph.output[0]
    last = next(node for node in model.graph.node if output.name in node.output)
    if last.op_type == 'Softmax':
        output.name = last.input[0]
        model.graph.node.remove(last)
    onnx.save(model, path)
    return path


def row(program, network, original, folder):
    """The cells of the table, and whether all is well."""
    model = onnx.load(original)
    file = up_to_scores(model, folder / original.name)
    operators = next(entry.version for entry in model.opset_import if entry.domain in ('', 'ai.onnx'))
    size = original.stat().st_size / 2**20
    cells = [f'{network.package}: {original.stem}', str(operators), f'{size:.1f}',
             ' x '.join(str(extent) for extent in network.shape)]
    outputs, seconds, mib = got(program, network, file, folder)
    if outputs is None:
        return cells + ['failed', '', ''], False
    judge = expected(network, file, network.images())
    if outputs.size != judge.size:
        return cells + [f'{outputs.size} outputs, {judge.size} in onnxruntime', '', ''], False
    parts = outputs.reshape(len(judge), -1), judge.reshape(len(judge), -1)
    scale = numpy.abs(parts[1]).max(axis=1, keepdims=True)
    worst = (numpy.abs(parts[0] - parts[1]) / numpy.maximum(scale, 1e-30)).max()
    images = len(judge)
    good = worst <= MOST and seconds <= SECONDS * images and mib <= MIB
    return cells + [f'{worst:.0e}', f'{seconds / images:.1f}', f'{mib:.0f}'], bool(good)


def main():
    program, packages, folder = (pathlib.Path(word) for word in sys.argv[1:4])
    folder.mkdir(parents=True, exist_ok=True)
    homes = {'onnx': pathlib.Path(onnx.__file__).parent}
    wanted = sys.argv[4:]  # parts of file names
    print('| network | operator set | MiB | images | largest difference | s an image | memory, MiB |')
    print('|---|---|---|---|---|---|---|')
    failed = []
    for network in networks():
        file = homes.get(network.package, packages) / network.path
        if wanted and not any(part in file.name for part in wanted):
            continue
        cells, good = row(program, network, file, folder)
        print('| ' + ' | '.join(cells) + ' |', flush=True)
        if not good:
            failed.append(file.name)
    if failed:
        print(f'not within {MOST:.0e}, {SECONDS} s and {MIB} MiB: {", ".join(failed)}', file=sys.stderr)
    sys.exit(bool(failed))


if __name__ == '__main__':
    main()
