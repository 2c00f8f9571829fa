"""The operators of fewbit on arrays of codes.

Each takes operands that carry their format (Array), or pairs (codes, format), broadcasts them as NumPy does,
and gives an Array. Options are those of `fewbit help emit`, with _ for -. Without `result` a result is exact: an
integer or fixed-point number of at most 64 bits, with flags for NaN and infinities where operands have these.
"""
# SPDX-License-Identifier: Apache-2.0
import functools

import numpy as np

from . import _fewbit
from ._arrays import Array, codes_of, words_of
from ._formats import code_dtype, format_of, invalid


@functools.lru_cache(maxsize=256)
def _operation(words):
    return _fewbit.Operation(dict(words))


@functools.lru_cache(maxsize=256)
def _dot_product(words):
    return _fewbit.dot_product(dict(words))


def _operand(name, x):
    """(codes, Format) of an operand."""
    if isinstance(x, Array):
        return x.codes, x.format
    if isinstance(x, tuple) and len(x) == 2:
        fmt = format_of(x[1])
        return codes_of(x[0], fmt), fmt
    raise invalid(name, type(x).__name__, "a fewbit.Array, or (codes, format)")


def _request(op, formats, options):
    words = {"op": op, **options}
    for name, fmt in formats.items():
        words[name] = fmt.name
    if isinstance(words.get("result"), _fewbit.Format):
        words["result"] = words["result"].name
    return words_of(words)


def _flag(values, shape):
    return values.astype(bool).reshape(shape) if values.size else None


def _result(operation, done, shape):
    fmt = operation.format
    codes = done["result"].astype(code_dtype(fmt))
    lanes = operation.lanes
    scale = least = largest = None
    if operation.block == "scale_o":
        scale = Array(done["scales"].reshape(shape), "e8m0")
    elif operation.block == "range_o":
        number = operation.ports[0][1]
        both = done["scales"].reshape(shape)
        least = Array(both & np.uint64((1 << number.bits) - 1), number)
        largest = Array(both >> np.uint64(number.bits), number)
    return Array(codes.reshape(shape + ((lanes,) if lanes > 1 or operation.block else ())), fmt,
                 nan=_flag(done["nan"], shape), pinf=_flag(done["pinf"], shape),
                 ninf=_flag(done["ninf"], shape), scale=scale, least=least, largest=largest)


def _run(operation, operands, shape, first=None):
    """`operands`: an array of codes a port, of `shape` and, where the port has lanes, these behind."""
    count = int(np.prod(shape, dtype=np.int64))
    columns = []
    for (_, _, lanes), codes in zip(operation.ports, operands):
        whole = shape + ((lanes,) if codes.ndim > len(shape) else ())
        columns.append(np.ascontiguousarray(np.broadcast_to(codes, whole), np.uint64).reshape(-1))
    if first is None:
        first = np.zeros(count if operation.accumulates else 0, np.uint8)
    return operation.run(columns, first, count)


def _random(options, operation, shape, operands):
    """Appends the random bits of stochastic rounding, which are a port of their own."""
    random = options.pop("random", None)
    has_port = operation.ports[-1][0] == "random_i"
    if has_port != (random is not None):
        raise invalid("random", "none" if random is None else "given",
                      f"integers of shape {shape} with stochastic rounding, else none")
    if has_port:
        operands.append(codes_of(np.broadcast_to(random, shape), operation.ports[-1][1]))


def _elementwise(op, operands, options):
    """`operands`: name -> Array or pair, in the order of the operator's ports."""
    random = {"random": options.pop("random", None)}
    columns = {name: _operand(name, x) for name, x in operands.items()}
    operation = _operation(_request(op, {name: fmt for name, (_, fmt) in columns.items()
                                         if name != "shift"}, options))
    arrays = [codes for codes, _ in columns.values()]
    shape = np.broadcast_shapes(*(codes.shape for codes in arrays))
    _random(random, operation, shape, arrays)
    fmt = operation.format
    if operation.has_pairs and all(codes.dtype == np.uint8 for codes in arrays):
        out = np.empty(shape, code_dtype(fmt))
        a, b = (np.ascontiguousarray(np.broadcast_to(codes, shape)).reshape(-1) for codes in arrays)
        operation.run_pairs(a, b, out.reshape(-1))
        return Array(out, fmt)
    return _result(operation, _run(operation, arrays, shape), shape)


def mul(a, b, **options):
    """a x b: exact, or rounded into `result`."""
    return _elementwise("mul", {"a": a, "b": b}, options)


def add(a, b, **options):
    """a + b."""
    return _elementwise("add", {"a": a, "b": b}, options)


def sub(a, b, **options):
    """a - b."""
    return _elementwise("sub", {"a": a, "b": b}, options)


def maximum(a, b, **options):
    """The larger one of a and b; a NaN operand gives NaN, with nan="ignore" the other operand."""
    return _elementwise("max", {"a": a, "b": b}, options)


def minimum(a, b, **options):
    """The smaller one of a and b."""
    return _elementwise("min", {"a": a, "b": b}, options)


def convert(a, result, **options):
    """The numbers of a in another format."""
    return _elementwise("convert", {"a": a}, {"result": result, **options})


def fma(a, b, c, **options):
    """a x b + c, rounded once where `result` is given."""
    return _elementwise("fma", {"a": a, "b": b, "c": c}, options)


def requant(a, shift, result, b=None, zero_point=None, **options):
    """a x b / 2^shift in the format `result`; without b, a / 2^shift. shift: integers of shift_bits (5) bits.

    With zero_point that is added to the rounded integer.
    """
    operands = {"a": a} if b is None else {"a": a, "b": b}
    bits = int(options.get("shift_bits") or 5)
    operands["shift"] = (shift, format_of(f"uint{bits}"))
    if zero_point is not None:
        operands["zero_point"] = zero_point
    return _elementwise("requant", operands, {"result": result, **options})


def _lanes(columns):
    """Broadcast shapes of the leading axes, and the last axis, which all have."""
    for name, (codes, _) in columns.items():
        if codes.ndim == 0:
            raise invalid(name, "one number", "an array, whose last axis is the lanes")
    last = {codes.shape[-1] for codes, _ in columns.values()}
    if len(last) != 1:
        raise invalid("lanes", " and ".join(map(str, sorted(last))), "the same last axis for all operands")
    return np.broadcast_shapes(*(codes.shape[:-1] for codes, _ in columns.values())), last.pop()


def _addend(c, formats, shape):
    """The codes of c as a list, none without it, and the shape of the results; its format goes into `formats`."""
    if c is None:
        return [], shape
    codes, formats["c"] = _operand("c", c)
    shape = np.broadcast_shapes(shape, codes.shape)
    return [np.broadcast_to(codes, shape)], shape


def dot(a, b, c=None, **options):
    """The sum of a x b along the last axis, of 1 to 64 lanes: exact, or rounded once into `result`.

    With c, one number for each sum, c plus that sum, rounded once.
    """
    random = {"random": options.pop("random", None)}
    columns = {"a": _operand("a", a), "b": _operand("b", b)}
    shape, lanes = _lanes(columns)
    formats = {name: fmt for name, (_, fmt) in columns.items()}
    addend, shape = _addend(c, formats, shape)
    words = _request("dot", formats, {"lanes": lanes, **options})
    operation = _operation(words)
    arrays = [np.broadcast_to(codes, shape + (lanes,)) for codes, _ in columns.values()] + addend
    _random(random, operation, shape, arrays)
    fast = _dot_product(words) if not operation.accumulates else None
    if fast is None:
        return _result(operation, _run(operation, arrays, shape), shape)
    a, b = (np.ascontiguousarray(codes, np.uint16).reshape(-1) for codes in arrays[:2])
    bits = np.ascontiguousarray(arrays[2], np.uint64).reshape(-1) if len(arrays) == 3 else None
    count = int(np.prod(shape, dtype=np.int64))
    result, flags = np.empty(count, np.uint64), np.empty(count, np.uint8)
    fast.run(lanes, a, b, bits, result, flags)
    fmt = operation.format
    has = dict(zip(("nan", "pinf", "ninf"), operation.flags))
    marks = {name: (flags & 1 << i).astype(bool).reshape(shape) if has[name] else None
             for i, name in enumerate(("nan", "pinf", "ninf"))}
    return Array(result.astype(code_dtype(fmt)).reshape(shape), fmt, **marks)


def mxdot(a, b, scale_a, scale_b, c=None, **options):
    """dot(a, b) x scale_a x scale_b: blocks along the last axis, with a scale for each block; plus c."""
    random = {"random": options.pop("random", None)}
    columns = {"a": _operand("a", a), "b": _operand("b", b)}
    shape, lanes = _lanes(columns)
    scales = [_operand("scale_a", scale_a), _operand("scale_b", scale_b)]
    if scales[0][1] != scales[1][1]:
        raise invalid("scale_b", scales[1][1].name, scales[0][1].name, "the format of scale_a")
    formats = {name: fmt for name, (_, fmt) in columns.items()}
    formats["scale"] = scales[0][1]
    addend, shape = _addend(c, formats, shape)
    operation = _operation(_request("mxdot", formats, {"lanes": lanes, **options}))
    arrays = [np.broadcast_to(codes, shape + (lanes,)) for codes, _ in columns.values()]
    arrays += [np.broadcast_to(codes, shape) for codes, _ in scales] + addend
    _random(random, operation, shape, arrays)
    return _result(operation, _run(operation, arrays, shape), shape)


def mxquant(a, result, **options):
    """Blocks along the last axis in an MX format: elements in `result`, and their `scale` in e8m0."""
    columns = {"a": _operand("a", a)}
    shape, lanes = _lanes(columns)
    operation = _operation(_request("mxquant", {"a": columns["a"][1]},
                                    {"result": result, "lanes": lanes, **options}))
    return _result(operation, _run(operation, [columns["a"][0]], shape), shape)


def squant(a, result, random, **options):
    """Blocks along the last axis as codes from their `least` number to their `largest`, rounded stochastically.

    random: integers of random_bits (8) bits, one for each number. docs/operators.md has the definition.
    """
    columns = {"a": _operand("a", a)}
    shape, lanes = _lanes(columns)
    operation = _operation(_request("squant", {"a": columns["a"][1]},
                                    {"result": result, "lanes": lanes, **options}))
    bits = codes_of(np.broadcast_to(random, shape + (lanes,)), operation.ports[-1][1])
    return _result(operation, _run(operation, [columns["a"][0], bits], shape), shape)


def _accumulated(op, operands, options, running):
    random = {"random": options.pop("random", None)}
    columns = {name: _operand(name, x) for name, x in operands.items()}
    shape = np.broadcast_shapes(*(codes.shape for codes, _ in columns.values()))
    if not shape:
        raise invalid("a", "one number", "an array, whose last axis is summed")
    if int(options.get("interleave") or 1) != 1:
        raise invalid("interleave", options["interleave"], "1", "the last axis is one sum")
    if op in ("acc", "mac") and "acc_width" not in options:
        options.setdefault("terms", max(1, shape[-1]))
    operation = _operation(_request(op, {name: fmt for name, (_, fmt) in columns.items()}, options))
    arrays = [codes for codes, _ in columns.values()]
    _random(random, operation, shape, arrays)
    first = np.zeros(shape, np.uint8)
    first[..., :1] = 1
    sums = _result(operation, _run(operation, arrays, shape, first.reshape(-1)), shape)
    if not running and shape[-1] == 0:
        raise invalid("a", f"shape {shape}", "at least one number to sum")
    return sums if running else sums[..., -1]


def acc(a, *, running=False, **options):
    """The exact sum along the last axis; running: all sums on the way. terms: default the axis' length."""
    return _accumulated("acc", {"a": a}, options, running)


def mac(a, b, *, running=False, **options):
    """The exact sum of a x b along the last axis, as long as one likes."""
    return _accumulated("mac", {"a": a, "b": b}, options, running)


def facc(a, result, *, running=False, **options):
    """The sum along the last axis, rounded into `result` at each step."""
    return _accumulated("facc", {"a": a}, {"result": result, **options}, running)


def fmac(a, b, result, *, running=False, **options):
    """The sum of a x b along the last axis, rounded into `result` at each step."""
    return _accumulated("fmac", {"a": a, "b": b}, {"result": result, **options}, running)
