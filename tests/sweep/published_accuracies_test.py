"""The published accuracies are what this fewbit computes, and docs/accuracy.md and docs/language.md say what is in them.

published_accuracies_test.py FEWBIT SOURCE: evaluates one row of each network anew, on all test images.
SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "flows/sweeps"))
from documents import open_database, put_tables  # noqa: E402

# Of 10,000 images. Quantized sums are exact, but the float network that ranges are chosen by is not: BLAS adds in another
# order on another processor, and an image at the border of two classes may change sides.
ALIKE = 5
AGAIN = {"resnet": ("e2m1", "int4"), "mobilenet": ("int8", "e4m3f"), "vit": ("mxfp4", "mxfp4")}


def check_language(source, folder):
    """The tables of docs/language.md are those of the published pairs."""
    subprocess.run([sys.executable, source / "quant/language.py", source / "docs/data/language.sqlite.xz", "--output",
                    folder], check=True)
    document = folder / "document.md"
    shutil.copy(source / "docs/language.md", document)
    tables = {name: (folder / f"{name}.md").read_text() for name in ("language-float", "language", "language-pairs")}
    put_tables(document, tables)
    assert document.read_text() == (source / "docs/language.md").read_text(), \
        "docs/language.md is not what its tables' command prints: make language-tables"


def main():
    fewbit, source = sys.argv[1], pathlib.Path(sys.argv[2])
    published = source / "docs/data/accuracy.sqlite.xz"
    rows = open_database(published, "accuracy")
    with tempfile.TemporaryDirectory() as folder:
        document = pathlib.Path(folder) / "accuracy.md"
        shutil.copy(source / "docs/accuracy.md", document)
        subprocess.run([sys.executable, source / "flows/sweeps/accuracy_findings.py", published,
                        source / "docs/data/paper.sqlite.xz", "--into", document], check=True)
        assert document.read_text() == (source / "docs/accuracy.md").read_text(), \
            "docs/accuracy.md is not what its tables' command prints: make accuracy-findings"
        check_language(source, pathlib.Path(folder))
        for network, (weights, activations) in AGAIN.items():
            row, = (row for row in rows if (row["network"], row["weights"], row["activations"])
                    == (network, weights, activations) and row["technique"].startswith(" --unsigned off"))
            print(row["command"])
            run = subprocess.run([fewbit, *row["command"].split()[1:], "--json"], check=True, capture_output=True,
                                 text=True, cwd=source)
            result = json.loads(run.stdout)
            for part, column in (("float", "float_right"), ("quantized", "images_right")):
                assert abs(result[part]["right"] - row[column]) <= ALIKE, (part, result[part]["right"], row[column])


if __name__ == "__main__":
    main()
