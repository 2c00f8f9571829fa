"""Colours as eyes see them: contrast (WCAG 2.1), and how far two are apart, also for who does not see red or green.

Of those: the matrices of Machado, Oliveira and Fernandes (2009) for full protanopia and deuteranopia, on linear RGB.
SPDX-License-Identifier: Apache-2.0
"""
import math

EYES = {
    'usual': ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    'protanopia': ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    'deuteranopia': ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}
TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def linear(colour):
    """#rrggbb as linear RGB, 0 to 1."""
    parts = (int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055)**2.4 for c in parts]


def times(matrix, vector):
    return [sum(x * y for x, y in zip(row, vector)) for row in matrix]


def luminance(colour):
    return times(TO_XYZ, linear(colour))[1]


def contrast(one, other):
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def lab(colour, eyes):
    seen = [min(1, max(0, part)) for part in times(EYES[eyes], linear(colour))]
    x, y, z = (t**(1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
               for t in (part / white for part, white in zip(times(TO_XYZ, seen), WHITE)))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other, eyes):
    """CIE 1976: 2.3 is just noticeable."""
    return math.dist(lab(one, eyes), lab(other, eyes))
