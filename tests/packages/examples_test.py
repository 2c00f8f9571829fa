"""The examples of docs/integrate.md, "Tool by tool", as they stand there.

    examples_test.py FEWBIT TOOL...

A block of code whose fence names a file is that file; one of `sh` is run by bash in a folder of its own, behind
that which emits the design. For Vivado and Quartus the script is run by tclsh, with the tool's commands
replaced. The tools are those of the path; Bender's are those of .rust-tools, where that is there, and
SiliconCompiler has an environment of its own.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What stands in for a tool: commands that print what they are called with, and see that files are there.
STUBS = {
    "Vivado": ("vivado.tcl", r"""
proc read_verilog {option path} { if {$option ne "-sv" || ![file exists $path]} { error $path } ; puts $path }
proc synth_design args { puts $args }
proc report_utilization {} {}
"""),
    "Quartus": ("quartus.tcl", r"""
proc project_new args {}
proc project_close {} {}
proc set_global_assignment {option name value} {
  if {$name eq "SYSTEMVERILOG_FILE" && ![file exists $value]} { error $value }
  puts $value
}
"""),
}
# Folders of the tools that are in none of the path's.
FOLDERS = {"Bender": ROOT / ".rust-tools" / "bin", "SiliconCompiler": ROOT / ".siliconcompiler-tools" / "bin"}


def blocks_of(text):
    """(language, file name or "", text) of each block of code."""
    return re.findall(r"^```(\w+) ?([\w./]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(words, folder, environment, text=None):
    done = subprocess.run(words, cwd=folder, env=environment, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit code {done.returncode}\n{text or ''}\n{done.stdout}")
    return done.stdout


def run_example(tool, setup, text, environment):
    scripts = 0
    with tempfile.TemporaryDirectory() as folder:
        run(["bash", "-e"], folder, environment, setup)
        for language, name, code in blocks_of(text):
            if name:
                path = pathlib.Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(code)
            elif language == "sh" and tool not in STUBS:
                run(["bash", "-e"], folder, environment, code)
                scripts += 1
        if tool in STUBS:
            script, stubs = STUBS[tool]
            pathlib.Path(folder, "driver.tcl").write_text(stubs + f"source {script}\n")
            output = run(["tclsh", "driver.tcl"], folder, environment)
            if f"{folder}/rtl/fp8_mul.sv\n" not in output:
                sys.exit(f"{tool} was not given the design:\n{output}")
            scripts += 1
    if scripts == 0:
        sys.exit(f"{tool} has no example")
    print(f"{tool}: passed")


def main():
    fewbit, tools = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    page = (ROOT / "docs" / "integrate.md").read_text(encoding="utf-8").split("\n## Tool by tool\n")[1]
    setup, *rest = re.split(r"^### ", page, flags=re.MULTILINE)
    sections = dict(section.split("\n", 1) for section in rest)
    (_, _, emit), = blocks_of(setup)
    environment = {**os.environ, "PATH": f"{fewbit.parent}:{os.environ['PATH']}", "FEWBIT_SOURCE": str(ROOT)}
    for tool in tools or sections:
        folder = FOLDERS.get(tool)
        if tool == "Bender" and not folder.exists():
            print("Bender: left out, `make rust-tools` has not built it")
            continue
        path = f"{folder}:{environment['PATH']}" if folder else environment["PATH"]
        run_example(tool, emit, sections[tool], {**environment, "PATH": path})


if __name__ == "__main__":
    main()
