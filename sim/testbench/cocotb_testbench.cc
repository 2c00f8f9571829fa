// The test bench in Python, for cocotb.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fewbit/sim/testbench/operations.h"
#include "fewbit/sim/testbench/testbench.h"

namespace fewbit::testbench {
namespace {

using rtl::ModuleSignature;
using rtl::PortRole;

/// "[("a_i", 0, 8), ("b_i", 8, 8)]": port, lowest bit in the line, bits.
std::string fields(const std::vector<Field>& ports) {
  std::string text;
  for (const Field& field : ports) {
    text += fmt::format("{}(\"{}\", {}, {})", text.empty() ? "" : ", ", field.port, field.low,
                        field.bits);
  }
  return "[" + text + "]";
}

constexpr const char* kHead = R"("""{module} under cocotb 2, against the vectors beside this file.

`python3 {file}` builds and runs it by Icarus; SIM=verilator chooses another simulator.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import random
import sys
from pathlib import Path

import cocotb
from cocotb.triggers import Timer

FOLDER = Path(__file__).resolve().parent
MODULE = "{module}"
SOURCES = {sources}
# Port, its lowest bit in a line of the vectors, its bits.
OPERANDS = {operands}
RESULTS = {results}
DEFINED = 1 << {defined}  # in a line of the results: what result_o or acc_o is means something


def lines(name):
    return [int(line, 16) for line in (FOLDER / name).read_text().split()]


def part(line, low, bits):
    return line >> low & (1 << bits) - 1


def drive(dut, line):
    for port, low, bits in OPERANDS:
        getattr(dut, port).value = part(line, low, bits)


def check(dut, k, operation, result):
    for port, low, bits in RESULTS:
        expected = part(result, low, bits)
        if port == RESULTS[0][0] and not result & DEFINED:
            continue
        got = getattr(dut, port).value
        assert got == expected, f"operation {{k}} ({{operation:x}}): {{port}} is {{got}}, not {{expected:x}}"

)";

constexpr const char* kCombinational = R"(
@cocotb.test()
async def every_operation(dut):
    operations = lines("{operands_file}")
    results = lines("{results_file}")
    assert len(operations) == len(results) == {count}
    for k, (operation, result) in enumerate(zip(operations, results)):
        drive(dut, operation)
        await Timer(1, "step")
        check(dut, k, operation, result)
)";

constexpr const char* kClocked = R"(LATENCY = {latency}
ELASTIC = {elastic}  # valid and ready
RESET = {reset}  # port, active level
TAG_BITS = {tag_bits}


async def edge(dut):
    dut.clk_i.value = 1
    await Timer(5, "step")
    dut.clk_i.value = 0


async def start(dut):
    """Idle for as long as a design without a reset needs, in reset where there is one."""
    dut.clk_i.value = 0
    dut.valid_i.value = 0
    if ELASTIC:
        dut.ready_i.value = 1
    if TAG_BITS:
        dut.tag_i.value = 0
    drive(dut, 0)
    if RESET:  # an asynchronous reset acts when it begins
        getattr(dut, RESET[0]).value = 1 - RESET[1]
        await Timer(1, "step")
        getattr(dut, RESET[0]).value = RESET[1]
    for _ in range(LATENCY + 4):
        await Timer(5, "step")
        await edge(dut)
    if RESET:
        getattr(dut, RESET[0]).value = 1 - RESET[1]


@cocotb.test()
async def every_operation(dut):
    operations = lines("{operands_file}")
    results = lines("{results_file}")
    assert len(operations) == len(results) == {count}
    choice = random.Random(1)
    tags = [choice.getrandbits(64) & (1 << TAG_BITS) - 1 for _ in operations]
    await start(dut)
    sent = received = cycle = idle = 0
    sent_at = []
    offered = False
    waiting = LATENCY + 4  # cycles after the last result
    while waiting > 0:
        if not offered:  # an offered operand stays until it is taken
            valid = sent < len(operations) and choice.random() < 0.75
            dut.valid_i.value = int(valid)
            if valid:
                drive(dut, operations[sent])
                if TAG_BITS:
                    dut.tag_i.value = tags[sent]
        ready = not ELASTIC or received == len(operations) or choice.random() < 0.75
        if ELASTIC:
            dut.ready_i.value = int(ready)
        await Timer(5, "step")
        if dut.valid_o.value == 1 and ready:
            assert received < sent, "valid_o, without an operation"
            check(dut, received, operations[received], results[received])
            if TAG_BITS:
                assert dut.tag_o.value == tags[received], f"operation {{received}}: tag_o"
            if not ELASTIC:
                assert cycle == sent_at[received] + LATENCY, f"operation {{received}}: the latency"
            received += 1
            idle = 0
        offered = valid and ELASTIC and dut.ready_o.value != 1
        if valid and not offered:
            sent_at.append(cycle)
            sent += 1
        waiting -= received == len(operations)
        idle += 1
        assert idle < 8 * (LATENCY + 64), f"operation {{received}}: no valid_o"
        await edge(dut)
        cycle += 1
)";

constexpr const char* kRunner = R"(

def run():
    from cocotb_tools.runner import get_results, get_runner

    runner = get_runner(os.environ.get("SIM", "icarus"))
    build = FOLDER / f"cocotb_{{MODULE}}"
    runner.build(sources=[FOLDER / name for name in SOURCES], hdl_toplevel=MODULE, build_dir=build, always=True)
    results = runner.test(hdl_toplevel=MODULE, test_module=Path(__file__).stem, build_dir=build, test_dir=FOLDER,
                          results_xml=str(build / "results.xml"))
    tests, failed = get_results(results)
    return 0 if tests > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(run())
)";

}  // namespace

std::vector<TextFile> cocotb_testbench(const OperatorSpec& spec, const ModuleSignature& signature) {
  const Operations operations = operations_of(spec, signature);
  const std::string file = "test_" + signature.module + ".py";
  std::string sources;
  for (const rtl::FileSignature& source : signature.files) {
    sources += fmt::format("{}\"{}\"", sources.empty() ? "" : ", ", source.name);
  }
  std::string text = fmt::format(fmt::runtime(kHead), fmt::arg("module", signature.module),
                                 fmt::arg("file", file), fmt::arg("sources", "[" + sources + "]"),
                                 fmt::arg("operands", fields(operations.operands)),
                                 fmt::arg("results", fields(operations.results)),
                                 fmt::arg("defined", operations.result_bits - 2));
  const rtl::PortSignature* reset = signature.find(PortRole::kReset);
  const std::string reset_text =
      reset == nullptr
          ? "None"
          : fmt::format("(\"{}\", {})", reset->name, signature.reset == "sync_high" ? 1 : 0);
  text += fmt::format(
      fmt::runtime(spec.is_clocked() ? kClocked : kCombinational),
      fmt::arg("latency", signature.latency_cycles),
      fmt::arg("elastic", signature.find(PortRole::kReady) == nullptr ? "False" : "True"),
      fmt::arg("reset", reset_text), fmt::arg("tag_bits", spec.tag_bits),
      fmt::arg("operands_file", operations.operands_file.name),
      fmt::arg("results_file", operations.results_file.name), fmt::arg("count", operations.count));
  return {{file, text + fmt::format(fmt::runtime(kRunner))},
          operations.operands_file,
          operations.results_file};
}

}  // namespace fewbit::testbench
