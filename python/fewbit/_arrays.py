"""Numbers to codes and back."""
# SPDX-License-Identifier: Apache-2.0
import functools
import sys

import numpy as np

from . import _fewbit
from ._formats import code_dtype, format_of, invalid

PIECE = 1 << 15  # elements that are copied at a time where an array is not contiguous


def words_of(options):
    """Options as the command line has them, without those that are not given."""
    return tuple(sorted((name.replace("_", "-"), str(value)) for name, value in options.items()
                        if value is not None))


@functools.lru_cache(maxsize=256)
def _converter(format, words):  # pylint: disable=redefined-builtin
    return _fewbit.Converter(format, dict(words))


def is_torch(x):
    """Whether x is a tensor of torch, which is not imported for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def _numbers(x):
    """x as an array of numbers whose values are kept, and the dtype that results of its kind have."""
    if is_torch(x):
        if str(x.dtype) == "torch.bfloat16":
            x = x.detach().float()
        x = x.detach().cpu().numpy()
    if isinstance(x, Array):
        x = x.values
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise invalid("x", type(x).__name__, "an array of numbers", str(error)) from None
    kind, size = x.dtype.kind, x.dtype.itemsize
    if kind == "f" and size <= 8:
        return x, np.dtype(np.float64 if size == 8 else np.float32)
    if kind in "iub":
        if size == 8 and x.size and max(abs(int(x.max())), abs(int(x.min()))) > 1 << 53:
            raise invalid("x", f"{x.dtype}: {x.max()}", "integers of up to 2^53", "as float64 has them")
        return x, np.dtype(np.float64)
    raise invalid("x", f"dtype {x.dtype}", "float16, float32, float64 or integers")


def _is_plain(x, dtype):
    return x.dtype == dtype and x.flags.c_contiguous and x.flags.aligned and x.dtype.isnative


def _piecewise(run, x, dtype, out):
    """run(contiguous piece of x as dtype, contiguous piece of out) over all elements."""
    if _is_plain(x, dtype):
        run(x.reshape(-1), out.reshape(-1))
        return
    flat, done = out.reshape(-1), 0
    pieces = np.nditer(x, flags=["external_loop", "buffered", "zerosize_ok"], op_flags=["readonly"],
                       op_dtypes=[dtype], casting="unsafe", order="C", buffersize=PIECE)
    for piece in pieces:
        piece = np.ascontiguousarray(piece)
        if piece.size:
            run(piece, flat[done:done + piece.size])
        done += piece.size


def encode(x, fmt, *, rounding=None, overflow=None, subnormals=None, random_bits=None, random=None):
    """The codes of numbers in a format, each rounded once.

    x: array of float16, float32, float64 or integers of up to 2^53; any shape, strides and byte order.
    fmt: name or Format of up to 64 bits. rounding: default ties_to_even. overflow: default infinity where
    the format has one, else saturate. subnormals: keep (default) or flush_outputs. random: for stochastic
    rounding, an integer below 2^random_bits (default 8 bits) for each element, of x's shape.

    Returns an array of x's shape of the narrowest unsigned type that holds the format. A NaN becomes the
    format's NaN; without one the largest finite value, in integers 0. Raises RequestError, a ValueError.
    """
    fmt = format_of(fmt)
    converter = _converter(fmt, words_of({"rounding": rounding, "overflow": overflow,
                                          "subnormals": subnormals, "random-bits": random_bits}))
    x, dtype = _numbers(x)
    codes = np.empty(x.shape, code_dtype(fmt))
    if not converter.random_bits:
        if random is not None:
            raise invalid("random", "given", "none", "the rounding is not stochastic")
        _piecewise(converter.codes, x, dtype, codes)
        return codes
    bits = _random_of(random, x.shape, converter.random_bits)
    converter.codes(np.ascontiguousarray(x, dtype).reshape(-1), codes.reshape(-1), bits.reshape(-1))
    return codes


def _random_of(random, shape, bits):
    if random is None:
        raise invalid("random", "none", f"integers of {bits} bits of shape {shape}",
                      "stochastic rounding takes them")
    random = np.asarray(random)
    if random.dtype.kind not in "iu" or random.shape != shape or (
            random.size and (random.min() < 0 or random.max() >> bits)):
        raise invalid("random", f"{random.dtype} of shape {random.shape}",
                      f"integers of {bits} bits of shape {shape}")
    return np.ascontiguousarray(random, np.uint64)


def quantize(x, fmt, **options):
    """The numbers of x in a format: decode(encode(x, fmt, ...), fmt) in x's own dtype.

    Integers give float64, float16 is what NumPy makes of the exact value; a torch tensor gives one
    (fewbit.torch has gradients).
    """
    if is_torch(x):
        from .torch import fake_quantize  # pylint: disable=import-outside-toplevel
        return fake_quantize(x, fmt, **options)
    fmt = format_of(fmt)
    numbers, dtype = _numbers(x)
    result = np.dtype(np.float64) if numbers.dtype.kind != "f" else numbers.dtype.newbyteorder("=")
    words = {name: options.get(name) for name in ("rounding", "overflow", "subnormals", "random_bits")}
    unknown = set(options) - set(words) - {"random"}
    if unknown:
        raise TypeError(f"quantize() has no argument {unknown.pop()!r}")
    converter = _converter(fmt, words_of(words))
    if converter.random_bits or not converter.has_values(dtype == np.float64):
        return decode(encode(numbers, fmt, **options), fmt, dtype=np.float64).astype(result)
    if options.get("random") is not None:
        raise invalid("random", "given", "none", "the rounding is not stochastic")
    if result == dtype:
        values = np.empty(numbers.shape, dtype)
        _piecewise(converter.values, numbers, dtype, values)
        return values
    values = np.empty(numbers.shape, result)  # float16: through float32, a piece at a time

    def run(piece, out):
        wide = np.empty(piece.shape, dtype)
        converter.values(piece, wide)
        with np.errstate(over="ignore"):
            out[...] = wide
    _piecewise(run, numbers, dtype, values)
    return values


@functools.lru_cache(maxsize=256)
def _values(fmt):
    """The values of all codes of a format of up to 16 bits: float32 where that holds them all."""
    values = np.empty(1 << fmt.bits, np.float64)
    _fewbit.decode(fmt, np.arange(1 << fmt.bits, dtype=np.uint64), values)
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    is_same = np.array_equal(narrow.astype(np.float64), values, equal_nan=True)
    table = narrow if is_same else values
    table.flags.writeable = False
    return table


def codes_of(codes, fmt):
    """Codes as an array of unsigned integers, none above the format's bits."""
    codes = np.asarray(codes)
    if codes.dtype.kind not in "iu":
        raise invalid("codes", f"dtype {codes.dtype}", f"integers of {fmt.bits} bits")
    if codes.dtype.kind == "i" and codes.size and codes.min() < 0:
        raise invalid("codes", int(codes.min()), f"0..{(1 << fmt.bits) - 1}")
    if 8 * codes.dtype.itemsize > fmt.bits and codes.size and int(codes.max()) >> fmt.bits:
        raise invalid("codes", int(codes.max()), f"0..{(1 << fmt.bits) - 1}", fmt.name)
    return codes


def decode(codes, fmt, *, dtype=None):
    """The values of codes: float32 where it holds every value of the format, else float64, or dtype.

    Raises RequestError for codes outside the format, and for values that no float64 has.
    """
    fmt = format_of(fmt)
    codes = codes_of(codes, fmt)
    if fmt.bits <= 16:
        values = _values(fmt)[codes]
    else:
        values = np.empty(codes.shape, np.float64)
        _fewbit.decode(fmt, np.ascontiguousarray(codes, np.uint64).reshape(-1), values.reshape(-1))
    return values if dtype is None else np.asarray(values, dtype)


class Array:
    """Codes with their format, and what an exact operator says beside them.

    codes: unsigned integers. format: Format. nan, pinf, ninf: where the result is none, arrays of bool
    (None where the operator has no such flag; codes are 0 there). scale: of mxquant, an Array of e8m0.
    least, largest: of squant, the numbers that the codes of a block lie between.
    """

    __slots__ = ("codes", "format", "nan", "pinf", "ninf", "scale", "least", "largest")

    def __init__(self, codes, fmt, *, nan=None, pinf=None, ninf=None, scale=None, least=None, largest=None):
        self.format = format_of(fmt)
        self.codes = np.asarray(codes_of(codes, self.format), code_dtype(self.format))
        self.nan, self.pinf, self.ninf, self.scale = nan, pinf, ninf, scale
        self.least, self.largest = least, largest

    @property
    def values(self):
        """The numbers, as decode() gives them; NaN and infinities where flags say so."""
        values = decode(self.codes, self.format)
        for flag, value in ((self.pinf, np.inf), (self.ninf, -np.inf), (self.nan, np.nan)):
            if flag is not None and flag.any():
                values = np.where(flag, values.dtype.type(value), values)
        return values

    @property
    def shape(self):
        return self.codes.shape

    def __len__(self):
        return len(self.codes)

    def __getitem__(self, index):
        def part(x):
            return None if x is None else x[index]
        return Array(self.codes[index], self.format, nan=part(self.nan), pinf=part(self.pinf),
                     ninf=part(self.ninf))

    def __array__(self, dtype=None, copy=None):
        values = self.values
        return values if dtype is None else values.astype(dtype)

    def __repr__(self):
        return f"fewbit.Array({np.array2string(np.asarray(self.values))}, {self.format.name})"


def array(x, fmt, **options):
    """Array(encode(x, fmt, ...), fmt)."""
    return Array(encode(x, fmt, **options), fmt)
