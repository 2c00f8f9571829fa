# Text of Debian's documentation as classes of characters, in windows; a tenth of it is held out.
# SPDX-License-Identifier: Apache-2.0
"""
  text.py FOLDER

writes what `fewbit quant run` takes: held-out.npy and held-out-labels.npy, calibration.npy.

Packages: debian-reference-en, debian-policy, debian-faq (GPL-2+ and the like; see their copyright files). A class is a newline
or a character of ASCII from the blank on. Everything else is brought there: compatible letters without
their marks, typographic quotes and dashes, else "?". The texts are joined in the order below and parted into
blocks of BLOCK characters; of each ten blocks the last is held out. So nothing but this rule chooses."""

import gzip
import hashlib
import pathlib
import sys
import unicodedata

import numpy

SOURCES = ("/usr/share/debian-reference/debian-reference.en.txt.gz",
           "/usr/share/doc/debian-policy/policy.txt.gz",
           "/usr/share/doc/debian/FAQ/debian-faq.en.txt.gz")
SHA256 = "126075b363e1dfe995de12b39ab59c19421876a31e933a4b8298ca541fbab05f"  # of all classes: Debian 12
CLASSES = 96
BEFORE = 2  # characters in front of a window, which the first embeddings see
TOKENS = 128
BLOCK = 32 * TOKENS + BEFORE
EVERY = 10
CALIBRATION = 256  # windows

LOOKS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-",
                       "•": "*", "…": "...", "├": "|", "│": "|", "└": "|", "─": "-", "→": "->"})


def classes_of(text):
    """0 for a newline, 1 for the blank, ..., 95 for "~", as bytes."""
    text = unicodedata.normalize("NFKD", text.translate(LOOKS)).replace("\t", " ")
    text = "".join(c for c in text if not unicodedata.combining(c) and c not in "\r\f\u200b\ufeff")
    codes = numpy.frombuffer(text.encode("ascii", "replace"), numpy.uint8)
    legal = (codes == 10) | ((codes >= 32) & (codes < 127))
    codes = numpy.where(legal, codes, ord("?"))
    return numpy.where(codes == 10, 0, codes - 31).astype(numpy.uint8)


def load():
    """Classes of what is trained with, as one array, and of the held-out blocks, [blocks, BLOCK]."""
    everything = numpy.concatenate(
        [classes_of(gzip.open(source, "rt", encoding="utf-8").read()) for source in SOURCES])
    found = hashlib.sha256(everything.tobytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"text: the documentation has the SHA-256 {found}, not {SHA256}: other versions of "
                 "debian-reference-en, debian-policy or debian-faq")
    blocks = everything[:len(everything) // BLOCK * BLOCK].reshape(-1, BLOCK)
    held = numpy.arange(len(blocks)) % EVERY == EVERY - 1
    return blocks[~held].reshape(-1), blocks[held]


def windows(blocks):
    """All windows of blocks, [windows, BEFORE + TOKENS], and the class behind each of their TOKENS."""
    starts = range(0, BLOCK - BEFORE - TOKENS, TOKENS)  # the last one would have no character behind it
    inputs = [blocks[:, s:s + BEFORE + TOKENS] for s in starts]
    labels = [blocks[:, s + BEFORE + 1:s + BEFORE + TOKENS + 1] for s in starts]
    return numpy.concatenate(inputs), numpy.concatenate(labels)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    training, held = load()
    inputs, labels = windows(held)
    numpy.save(folder / "held-out.npy", inputs.astype(numpy.float32))
    numpy.save(folder / "held-out-labels.npy", labels.astype(numpy.int64))
    calibration, _ = windows(training.reshape(-1, BLOCK))
    chosen = calibration[::len(calibration) // CALIBRATION][:CALIBRATION]
    numpy.save(folder / "calibration.npy", chosen.astype(numpy.float32))
    print(f"{inputs.shape[0]} windows of {TOKENS} characters held out, {len(training)} characters to train with")


if __name__ == "__main__":
    main()
