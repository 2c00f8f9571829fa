"""Talks to the C++ programs of tests/oracles: the model, MPFR and APFloat.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess

import numpy as np

# What a judge answers where it has no answer to one case.
NO_ANSWER = np.uint64(2**64 - 1)


class ServerError(RuntimeError):
    """A program ended, or refused a request."""


class Server:
    """One running program; `ask` sends it a request and returns its answer to each case."""

    def __init__(self, path):
        self.path = path
        self._process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, request, inputs):
        """One uint64 code per case; inputs are one uint64 array per operand."""
        header = request.header(len(inputs[0]))
        stdin, stdout = self._process.stdin, self._process.stdout
        try:
            stdin.write(header.encode() + b"\n")
            for codes in inputs:
                stdin.write(np.ascontiguousarray(codes, dtype="<u8").tobytes())
            stdin.flush()
        except BrokenPipeError as error:
            raise ServerError(f"{self.path}: '{header}': the program has ended") from error
        status = stdout.readline().decode().strip()
        if status != "ok":
            raise ServerError(f"{self.path}: '{header}': {status or 'no answer'}")
        size = 8 * len(inputs[0])
        data = stdout.read(size)
        if len(data) != size:
            raise ServerError(f"{self.path}: '{header}': ended after {len(data)} bytes")
        return np.frombuffer(data, dtype="<u8")

    def version(self):
        """The judge's version, as the program says it."""
        return subprocess.check_output([self.path, "--version"], text=True).strip()
