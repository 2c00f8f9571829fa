"""The operands of a request: every code where that is possible, else the hard ones and random ones.

SPDX-License-Identifier: Apache-2.0
"""

import functools

import numpy as np

from formats import facts

RANDOM_PAIRS = 50000
RANDOM_TRIPLES = 30000
RANDOM_VECTORS = 20000
SEQUENCES = ("facc", "fmac")  # operators with a running sum
STEPS = 16  # of each of their sums


def f64(codes):
    """Binary64 codes as numbers."""
    return np.ascontiguousarray(codes, dtype=np.uint64).view(np.float64)


def u64(values):
    """Numbers as binary64 codes."""
    return np.ascontiguousarray(values, dtype=np.float64).view(np.uint64)


def elements(codes, name, lanes):
    """Codes that hold several elements, taken apart: one row per lane."""
    if lanes == 1:
        return codes
    bits = facts(name).bits
    shifts = np.arange(lanes, dtype=np.uint64)[:, None] * np.uint64(bits)
    return (codes >> shifts) & np.uint64(2**bits - 1)


def packed(rows, name):
    """Rows of elements as one code per case."""
    codes = np.zeros(rows.shape[1], np.uint64)
    for lane, row in enumerate(rows):
        codes |= row << np.uint64(lane * facts(name).bits)
    return codes


def all_codes(name):
    return np.arange(2 ** facts(name).bits, dtype=np.uint64)


def corner_codes(name):
    """Zero, least and largest subnormals and normals, one, infinity, NaN; their neighbours."""
    f = facts(name)
    sign = 1 << (f.bits - 1)
    binade = 1 << (f.precision - 1)
    one = f.bias * binade
    top = sign - binade
    centres = (0, binade, 2 * binade, one, one + binade // 2, sign // 2, top - binade, top)
    codes = {c + d for c in centres for d in (-2, -1, 0, 1, 2) if 0 <= c + d < sign}
    return np.array(sorted(codes | {c | sign for c in codes}), dtype=np.uint64)


def some_codes(name):
    """Every code up to 16 bits, else corner codes and seeded random ones."""
    f = facts(name)
    if f.bits <= 16:
        return all_codes(name)
    random = np.random.default_rng(f.bits).integers(0, 2**f.bits, 2 * RANDOM_PAIRS, np.uint64)
    return np.concatenate([corner_codes(name), random])


@functools.lru_cache(maxsize=4)
def operand_pairs(a, b):
    """All pairs of formats with up to 16 bits together; else corners crossed, random pairs, and
    random pairs that differ in a few low bits and the sign."""
    bits = facts(a).bits
    if bits + facts(b).bits <= 16:
        x, y = np.meshgrid(all_codes(a), all_codes(b), indexing="ij")
        return x.ravel(), y.ravel()
    rng = np.random.default_rng(bits)
    x, y = np.meshgrid(corner_codes(a), corner_codes(b), indexing="ij")
    random_x = rng.integers(0, 2**bits, 2 * RANDOM_PAIRS, np.uint64)
    random_y = rng.integers(0, 2 ** facts(b).bits, 2 * RANDOM_PAIRS, np.uint64)
    if a == b:
        low_bits = rng.integers(0, 2 ** rng.integers(1, bits - 1, RANDOM_PAIRS), dtype=np.uint64)
        signs = rng.integers(0, 2, RANDOM_PAIRS, np.uint64) << np.uint64(bits - 1)
        random_y[:RANDOM_PAIRS] = random_x[:RANDOM_PAIRS] ^ low_bits ^ signs
    return np.concatenate([x.ravel(), random_x]), np.concatenate([y.ravel(), random_y])


def grid_values(name, codes):
    """Values of magnitude codes as if every one were finite and the exponent field had no end."""
    f = facts(name)
    if f.coding == "int":
        return np.ldexp(codes.astype(np.float64), f.lsb)
    fraction_bits = f.precision - 1
    exponent = (codes >> fraction_bits).astype(np.int64)
    fraction = (codes & ((1 << fraction_bits) - 1)).astype(np.float64)
    hidden = float(2**fraction_bits)
    if f.coding == "scale":
        return np.ldexp(hidden + fraction, exponent - f.bias - fraction_bits)
    significand = np.where(exponent == 0, fraction, hidden + fraction)
    return np.ldexp(significand, np.maximum(exponent, 1) - f.bias - fraction_bits)


@functools.lru_cache(maxsize=4)
def dense_values(name):
    """Every value of a format, every midpoint, the binary32 and binary64 numbers just beside both,
    values beyond the largest and below the least, zeros, infinities, NaN; both signs."""
    f = facts(name)
    last = 2 ** (f.bits - f.is_signed)
    if f.bits <= 16:
        codes = np.arange(last + 3, dtype=np.int64)
    else:
        codes = np.unique(some_codes(name).astype(np.int64) % last)
    values = grid_values(name, codes)
    points = np.concatenate([values, (values + grid_values(name, codes + 1)) / 2])
    beside = [np.nextafter(points, side) for side in (0, np.inf)]
    with np.errstate(over="ignore", under="ignore"):
        single = points.astype(np.float32)
        beside += [np.nextafter(single, np.float32(side)) for side in (0, np.inf)]
    least, largest = values[values > 0][0], values[-1]
    extremes = [least / 4, least / 8, 2.0**-149, 5e-324, 2 * largest, 3 * largest, 1e300, np.inf]
    magnitudes = np.unique(np.concatenate([points, *beside, extremes]))
    codes = np.concatenate([u64(magnitudes), u64(-magnitudes), u64(np.array([0.0, -0.0, np.nan]))])
    return (np.unique(codes),)


def _signed_values(name, codes):
    """Values of a float's codes; special codes count on as numbers."""
    sign = np.uint64(2 ** (facts(name).bits - 1))
    values = grid_values(name, (codes & (sign - np.uint64(1))).astype(np.int64))
    return np.where(codes & sign != 0, -values, values)


def _nearest_code(name, values):
    """The code at or just above each magnitude, with the sign."""
    if name == "binary32":
        with np.errstate(over="ignore"):
            return values.astype(np.float32).view(np.uint32).astype(np.uint64)
    sign = 2 ** (facts(name).bits - 1)
    magnitudes = grid_values(name, np.arange(sign))
    codes = np.searchsorted(magnitudes, np.abs(values)).clip(0, sign - 1).astype(np.uint64)
    return np.where(np.signbit(values), codes | np.uint64(sign), codes)


@functools.lru_cache(maxsize=4)
def operand_triples(a, b, c):
    """All triples of up to 18 bits together; else random ones, corners, and addends that cancel the
    product but for a few low bits."""
    if sum(facts(name).bits for name in (a, b, c)) <= 18:
        grid = np.meshgrid(all_codes(a), all_codes(b), all_codes(c), indexing="ij")
        return tuple(codes.ravel() for codes in grid)
    rng = np.random.default_rng(facts(a).bits + facts(c).bits)
    pick = lambda codes: rng.choice(codes, RANDOM_TRIPLES)
    random = lambda name: rng.integers(0, 2 ** facts(name).bits, RANDOM_TRIPLES, np.uint64)
    triples = [[random(name) for name in (a, b, c)], [pick(corner_codes(x)) for x in (a, b, c)]]
    if "int" not in {facts(name).coding for name in (a, b, c)}:
        x, y = random(a), random(b)
        near = _nearest_code(c, -_signed_values(a, x) * _signed_values(b, y))
        triples.append([x, y, near ^ rng.integers(0, 4, RANDOM_TRIPLES, np.uint64)])
    return tuple(np.concatenate(codes) for codes in zip(*triples))


@functools.lru_cache(maxsize=4)
def operand_vectors(names, lanes):
    """One code per operand: elements that are random; corners; of neighbouring binades; of equal
    magnitudes, each second one with the other sign in the first operand."""
    rng = np.random.default_rng(lanes)
    shape = (lanes, RANDOM_VECTORS // 2)
    vectors = []
    for name in names:
        f = facts(name)
        sign = np.uint64(2 ** (f.bits - 1))
        corners = some_codes(name) if f.coding == "int" else corner_codes(name)
        random = rng.integers(0, 2**f.bits, shape, np.uint64)
        spread = rng.integers(0, 3 * 2 ** (f.precision - 1), shape, np.uint64)
        signs = rng.integers(0, 2, shape, np.uint64) * sign
        near = ((random[0] + spread) % sign) | signs
        equal = np.repeat(rng.integers(0, 2**f.bits, shape[1:], np.uint64)[None], lanes, axis=0)
        if not vectors:
            equal[1::2] ^= sign
        groups = [random, rng.choice(corners, shape), near, equal]
        vectors.append(packed(np.concatenate(groups, axis=1), name))
    return tuple(vectors)


@functools.lru_cache(maxsize=4)
def _sequences(operands):
    """Sums of STEPS addends, of which some stay small; the very first one starts without f."""
    count = STEPS * 4096
    rng = np.random.default_rng(len(operands))
    codes = [rng.integers(0, 2 ** facts(name).bits, count, np.uint64) for name in operands]
    for name, x in zip(operands, codes):
        binade = 2 ** (facts(name).precision - 1)
        small = rng.integers(0, 4 * binade, count, np.uint64)
        ones = facts(name).bias * binade + rng.integers(0, 2 * binade, count, np.uint64)
        sign = rng.integers(0, 2, count, np.uint64) << np.uint64(facts(name).bits - 1)
        kind = np.repeat(rng.integers(0, 8, count // STEPS), STEPS)
        x[:] = np.select([kind == 0, kind < 4, kind < 6], [x, ones | sign, small | sign], ones)
    first = np.tile(np.arange(STEPS) == 0, count // STEPS).astype(np.uint64)
    first[0] = 0
    return (*codes, first)


@functools.lru_cache(maxsize=4)
def _float32_values(name):
    """Binary32 codes that turn on the rounding into a format; corners and random ones."""
    with np.errstate(all="ignore"):
        dense = f64(dense_values(name)[0]).astype(np.float32).view(np.uint32).astype(np.uint64)
    return (np.unique(np.concatenate([dense, some_codes("binary32")[:RANDOM_PAIRS]])),)


def _plain_operands(request):
    operands = request.operands
    if request.op in SEQUENCES:
        return _sequences(operands)
    if request.op == "convert" and operands[0] == "binary64":
        return dense_values(request.result)
    if request.op == "convert" and operands[0] == "binary32":
        return _float32_values(request.result)
    if request.lanes > 1:
        return operand_vectors(operands, request.lanes)
    if len(operands) == 1:
        return (some_codes(operands[0]),)
    return operand_pairs(*operands) if len(operands) == 2 else operand_triples(*operands)


def operands_of(request):
    """One array of codes per input, in the order of request.ports."""
    codes = list(_plain_operands(request))
    for letter, name in list(request.ports.items())[len(codes) :]:
        rng = np.random.default_rng(ord(letter))
        if letter == "r" and request.random_bits <= 2:  # every value with every case
            values = all_codes(name)
            count = len(codes[0])
            codes = [np.tile(x, len(values)) for x in codes]
            codes.append(np.repeat(values, count))
        else:
            codes.append(rng.integers(0, 2 ** facts(name).bits, len(codes[0]), np.uint64))
    return tuple(codes)
