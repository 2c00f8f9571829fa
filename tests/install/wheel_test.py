"""The wheel alone is enough for a user: installed in an empty environment, far from the tree, used, checked, removed.

    wheel_test.py FILE.whl PYTHON CONSTRAINTS

PYTHON has mypy and makes the environment; CONSTRAINTS is a requirements file that says which numpy.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = """
import numpy as np, fewbit
x = np.array([0.3, -1.1, 1000.0])
print(fewbit.quantize(x, "e4m3fn").tolist(), fewbit.encode(x, "e4m3fn").tolist())
a, b = fewbit.array([1.5, 2.0], "e2m1"), fewbit.array([3.0, 0.5], "e3m2")
print(fewbit.mul(a, b, result="e4m3fn").values.tolist())
"""
# e4m3fn: 0.3 lies between 0.28125 and 0.3125, 1.1 between 1.0 and 1.125, and 448 is the largest number.
EXPECTED = "[0.3125, -1.125, 448.0] [42, 185, 126]\n[4.5, 1.0]\n"
LIBRARIES = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libpthread.so.0", "ld-linux-x86-64.so.2"}


def run(*words, **options):
    """Its output; ends the test where it fails."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def must(condition, what):
    if not condition:
        sys.exit(what)


def check_libraries(wheel, folder):
    """What the extension asks of the system."""
    with zipfile.ZipFile(wheel) as archive:
        extensions = [name for name in archive.namelist() if re.search(r"\.so(\.|$)", name)]
        must(len(extensions) == 1, f"{wheel.name} has {extensions}")
        path = pathlib.Path(archive.extract(extensions[0], folder))
        metadata = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA"))
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", path)))
    must(needed and needed <= LIBRARIES, f"{path.name} needs {sorted(needed - LIBRARIES)}")
    tag = re.search(r"-manylinux_2_(\d+)_", wheel.name)
    must(tag, f"{wheel.name} has no manylinux tag")
    versions = [int(minor) for minor in re.findall(r"GLIBC_2\.(\d+)", run("readelf", "-V", path))]
    must(versions and max(versions) <= int(tag.group(1)), f"GLIBC_2.{max(versions)}, but the tag is {tag.group(0)}")
    return metadata


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def main():
    wheel, python, constraints = (pathlib.Path(word).absolute() for word in sys.argv[1:4])
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "FEWBIT", "PYTHONHOME")}
    clean["PYTHONDONTWRITEBYTECODE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        metadata = check_libraries(wheel, folder)
        must("Requires-Python: >=3.11" in metadata and "Requires-Dist: numpy" in metadata, metadata)
        environment = pathlib.Path(folder, "environment")
        run(python, "-m", "venv", environment)
        inside = environment / "bin" / "python"
        options = {"cwd": folder, "env": clean}
        pip = [inside, "-m", "pip", "--disable-pip-version-check"]
        run(*pip, "install", "--only-binary", ":all:", "-c", constraints, "numpy", **options)
        before = files_below(environment)
        run(*pip, "install", "--no-index", wheel, **options)
        added = files_below(environment) - before
        must(all(re.search(r"site-packages/fewbit(-[^/]*)?(/|$)", name) for name in added), f"it installs {added}")
        printed = run(inside, "-c", EXAMPLE, **options)
        must(printed == EXPECTED, f"the example prints\n{printed}instead of\n{EXPECTED}")
        missing = run(inside, "-c", "import fewbit\ntry: fewbit.verify('mul', a='e2m1', b='e2m1')\n"
                      "except FileNotFoundError as error: print(error)", cwd=folder, env=dict(clean, PATH=""))
        must("no program `fewbit`" in missing, f"without the program: {missing}")

        shutil.copy(HERE / "typed_example.py", folder)
        run(python, "-m", "mypy", "--strict", "--warn-unused-ignores", "--no-incremental", "--python-executable", inside,
            "typed_example.py", **options)
        purelib = run(inside, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))", **options).strip()
        # torch is not here, the metaclass of Format is pybind11's, and what is private has no types.
        allowed = pathlib.Path(folder, "allowed")
        allowed.write_text("fewbit.torch\nfewbit.Format\nfewbit\\._.*\n", encoding="utf-8")
        run(python, "-m", "mypy.stubtest", "fewbit", "--ignore-missing-stub", "--concise", "--allowlist", allowed,
            cwd=folder, env=dict(clean, PYTHONPATH=purelib))

        run(*pip, "uninstall", "--yes", "fewbit", **options)
        left = files_below(environment) - before
        must(not left, f"left after the removal: {left}")
        print(f"{wheel.name}: {len(added)} files; it works alone, its types hold, and nothing is left of it")


if __name__ == "__main__":
    main()
