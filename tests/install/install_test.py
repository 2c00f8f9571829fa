"""What `cmake --install` installs is enough for a user's project, by find_package and by pkg-config, and for a shell.

    install_test.py BUILD
"""
# SPDX-License-Identifier: Apache-2.0
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent / "project"
EXPECTED = "fewbit_mul_e2m1_e2m1 144\n"


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


def check_headers(examples):
    """The example includes what docs/library.md names, and what comes with that: results."""
    named = (examples.parent / "library.md").read_text(encoding="utf-8")
    for name in re.findall(r'#include "fewbit/(.*)"', (examples / "verified_cost.cc").read_text(encoding="utf-8")):
        must(f"`{name}`" in named, f"docs/library.md does not name {name}")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        prefix, other = pathlib.Path(folder, "prefix"), pathlib.Path(folder, "moved")
        run("cmake", "--install", build, "--prefix", prefix)
        installed = sorted(str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file())
        must(os.listdir(prefix / "include") == ["fewbit"], f"include/ has {os.listdir(prefix / 'include')}")
        for text in (str(build), str(PROJECT.parents[2])):
            for path in prefix.rglob("*"):
                if path.is_file() and path.suffix in (".cmake", ".pc", ".h", ".1"):
                    must(text not in path.read_text(encoding="utf-8"), f"{path} names {text}")
        prefix.rename(other)  # it may be moved
        examples = next(other.rglob("doc/fewbit/docs/examples"))
        run("cmake", "-S", PROJECT, "-B", f"{folder}/mine", f"-DCMAKE_PREFIX_PATH={other}", f"-DEXAMPLES={examples}")
        run("cmake", "--build", f"{folder}/mine")
        must(run(f"{folder}/mine/mine") == EXPECTED, "a project that finds the package computes something else")
        must(" 256 operand pairs of 256 compared" in run(f"{folder}/mine/verified_cost"), "no verified cost")
        check_headers(examples)

        libraries = next(other.rglob("pkgconfig"))
        environment = dict(os.environ, PKG_CONFIG_PATH=str(libraries))
        flags = run("pkg-config", f"--define-variable=prefix={other}", "--cflags", "--libs", "fewbit", env=environment)
        run("c++", PROJECT / "main.cc", "-o", f"{folder}/second", *flags.split())
        must(run(f"{folder}/second") == EXPECTED, "a program built by pkg-config computes something else")

        around = pathlib.Path(folder, "around")  # a project that adds the tree
        around.mkdir()
        (around / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.22)\nproject(around CXX)\nadd_subdirectory({PROJECT.parents[2]} fewbit)\n"
            "add_executable(around main.cc)\ntarget_link_libraries(around PRIVATE fewbit::ops)\n", encoding="utf-8")
        shutil.copy(PROJECT / "main.cc", around)
        run("cmake", "-G", "Ninja", "-S", around, "-B", around / "build", "-DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON",
            "-DCMAKE_DISABLE_FIND_PACKAGE_yaml-cpp=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON")
        targets = run("ninja", "-C", around / "build", "-t", "targets", "all")
        must("libfewbit_ops.a" in targets and "libfewbit_store.a" not in targets and "arrays_test" not in targets,
             "a project that adds the tree gets something else than its libraries")
        must("-Werror" not in run("ninja", "-C", around / "build", "-t", "commands", "around").splitlines()[-2],
             "warnings are errors in the project around too")

        fewbit = other / "bin" / "fewbit"
        run(fewbit, "emit", "mul", "--a", "int3", "--b", "int3", "-o", f"{folder}/rtl")
        completion = next(other.rglob("bash-completion/completions/fewbit"))

        def complete(line):
            script = (f"source {completion}; COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _fewbit; "
                      "printf '%s\\n' \"${COMPREPLY[@]}\"")
            return run("bash", "-c", script, env=dict(os.environ, PATH=f"{other}/bin:{os.environ['PATH']}")).split()

        for line, among in (("fewbit em", "emit"), ("fewbit emit m", "mul"), ("fewbit emit mul --rou", "--rounding"),
                            ("fewbit emit mul --rounding to_", "to_odd"), ("fewbit emit mul --a e4m3f", "e4m3fn"),
                            ("fewbit cost mul --target ice40", "ice40-hx8k"), ("fewbit sweep st", "status")):
            must(among in complete(line), f"'{line}' completes to {complete(line)}")
        manual = pathlib.Path(folder, "fewbit.1")
        manual.write_bytes(gzip.decompress(next(other.rglob("fewbit.1.gz")).read_bytes()))
        if shutil.which("groff"):
            page = run("groff", "-man", "-Tutf8", "-ww", manual)
            must("minifloat" in page and "warning" not in page, "groff reads the manual with warnings")
        print(f"{len(installed)} files; find_package, pkg-config, completions and manual work")


if __name__ == "__main__":
    main()
