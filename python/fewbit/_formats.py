"""Formats and operators by name."""
# SPDX-License-Identifier: Apache-2.0
import functools

import numpy as np

from . import _fewbit


@functools.lru_cache(maxsize=4096)
def _parse(name):
    return _fewbit.Format(name)


def format_of(format):  # pylint: disable=redefined-builtin
    """A Format, or the one of that name."""
    if isinstance(format, _fewbit.Format):
        return format
    if not isinstance(format, str):
        raise invalid("format", format, "a name (fewbit.formats()) or a fewbit.Format")
    return _parse(format)


def invalid(field, value, legal, detail=""):
    """A RequestError to raise."""
    return _fewbit.request_error(field, str(value), legal, detail)


def code_dtype(format):  # pylint: disable=redefined-builtin
    """The narrowest unsigned type that holds the codes of a format."""
    for dtype in (np.uint8, np.uint16, np.uint32, np.uint64):
        if format.bits <= 8 * np.dtype(dtype).itemsize:
            return np.dtype(dtype)
    raise invalid("format", format.name, "up to 64 bits", "on arrays")


def formats():
    """All formats that have a name of their own: name -> (Format, other names, source)."""
    return {format.name: (format, aliases, source) for format, aliases, source in _fewbit.catalogue()}


def operators():
    """All operators: name -> (summary, what it computes)."""
    return {name: (summary, contract) for name, summary, contract in _fewbit.operators()}
