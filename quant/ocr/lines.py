#!/usr/bin/python3
# Lines of text as images, and the text: data for a recogniser of text.
# SPDX-License-Identifier: Apache-2.0
"""Writes images.npy, float32 [lines, 3, 48, 320] as PP-OCR wants them (-1 black, 1 white, 0 behind the line), and
labels.txt, one line of text for each. A third each are English words, numbers and codes, Chinese characters, in fonts
of Debian, blurred, turned and noisy. The same seed gives the same files."""

import argparse
import pathlib
import random
import string

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HEIGHT, WIDTH = 48, 320
FONTS = pathlib.Path("/usr/share/fonts/truetype")
WORDS = pathlib.Path("/usr/share/dict/american-english")
LATIN = ([f"dejavu/DejaVu{name}.ttf" for name in ("Sans", "Sans-Bold", "SansMono", "Serif", "Serif-Bold")]
         + [f"liberation/Liberation{face}-{style}.ttf" for face in ("Mono", "Sans", "SansNarrow", "Serif")
            for style in ("Regular", "Bold", "Italic")])
CHINESE = ["wqy/wqy-microhei.ttc", "arphic-gbsn00lp/gbsn00lp.ttf", "arphic-gkai00mp/gkai00mp.ttf"]
GB2312_ROWS = range(0xB0, 0xD7)  # the 3,755 common characters, in the order of their sound


def english(chance, words):
    style = chance.choice((str.lower, str.lower, str.capitalize, str.upper))
    return " ".join(style(word) for word in chance.sample(words, chance.randint(1, 4)))


def code(chance, _):
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1950, 2049)
    letters = "".join(chance.choices(string.ascii_uppercase, k=chance.randint(1, 3)))
    return chance.choice((
        f"{day:02}.{month:02}.{year}", f"{year}-{month:02}-{day:02}", f"${chance.randint(1000, 9999999):,}.{day:02}",
        f"{letters}-{chance.randint(10, 99999)}/{month}", f"({chance.randint(100, 999)}) {chance.randint(10**6, 10**7)}",
        f"No. {chance.randint(1, 9999)}: {chance.randint(1, 999) / 10}%", f"{day}:{chance.randint(10, 59)} + {month} = ?"))


def chinese(chance, _):
    def character():
        last = 0xF9 if (row := chance.choice(GB2312_ROWS)) == GB2312_ROWS[-1] else 0xFE
        return bytes((row, chance.randint(0xA1, last))).decode("gb2312")
    return "".join(character() for _ in range(chance.randint(3, 9)))


KINDS = ((english, LATIN), (code, LATIN), (chinese, CHINESE))


def picture(chance, text, font):
    """The line, 48 pixels high, as grey from 0 to 255."""
    face = ImageFont.truetype(str(FONTS / font), chance.randint(24, 56))
    left, top, right, bottom = face.getbbox(text)
    margin = [chance.randint(2, 7) for _ in range(4)]
    dark, light = chance.randint(0, 90), chance.randint(150, 255)
    ink, paper = (dark, light) if chance.random() < 0.8 else (light, dark)
    image = Image.new("L", (right - left + margin[0] + margin[1], bottom - top + margin[2] + margin[3]), paper)
    ImageDraw.Draw(image).text((margin[0] - left, margin[2] - top), text, font=face, fill=ink)
    image = image.rotate(chance.uniform(-1, 1), Image.Resampling.BICUBIC, fillcolor=paper)
    image = image.filter(ImageFilter.GaussianBlur(chance.uniform(0, 1.2)))
    width = max(1, round(image.width * HEIGHT / image.height))
    image = image.resize((width, HEIGHT), Image.Resampling.BILINEAR)
    noise = numpy.random.default_rng(chance.getrandbits(32)).normal(0, chance.uniform(0, 16), (HEIGHT, width))
    return numpy.clip(numpy.asarray(image) + noise, 0, 255)


def line(chance, number, words):
    """Text and picture; of a text that is too long for the width another one is made."""
    make, fonts = KINDS[number % len(KINDS)]
    while True:
        text = make(chance, words)
        pixels = picture(chance, text, chance.choice(fonts))
        if pixels.shape[1] <= WIDTH:
            return text, pixels


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    words = [word for word in WORDS.read_text().split() if word.isascii() and word.isalpha() and len(word) > 1]
    images = numpy.zeros((arguments.lines, 3, HEIGHT, WIDTH), numpy.float32)
    texts = []
    for number in range(arguments.lines):
        text, pixels = line(chance, number, words)
        images[number, :, :, :pixels.shape[1]] = pixels / 127.5 - 1
        texts.append(text)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    numpy.save(arguments.folder / "images.npy", images)
    (arguments.folder / "labels.txt").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


if __name__ == "__main__":
    main()
