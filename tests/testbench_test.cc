// Test benches to take along: by Icarus on every operator, and a sample by Verilator; the DPI-C
// models on the same vectors. `make test-integration` runs them all by Verilator and by cocotb.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/tests/testbench_requests.h"

namespace fewbit {
namespace {

using testing::expect_pass;
using ::testing::HasSubstr;
using testing::write_bench;

TEST(TestBench, PassesByIcarusOnEveryOperator) {
  std::vector<OperatorSpec> specs = testing::operators_of_benches();
  for (const OperatorSpec& spec : testing::clocked_benches()) specs.push_back(spec);
  for (const OperatorSpec& spec : specs) {
    const ScratchDirectory folder = ScratchDirectory::make().value();
    write_bench(spec, folder.path());
    expect_pass(testing::run_by_icarus(spec.module_name(), folder.path()), spec.module_name());
  }
}

TEST(TestBench, VerilatorHasNothingToSayAndASamplePasses) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  std::vector<OperatorSpec> specs = testing::operators_of_benches();
  for (const OperatorSpec& spec : testing::clocked_benches()) specs.push_back(spec);
  for (const OperatorSpec& spec : specs) {
    const std::string name = spec.module_name();
    write_bench(spec, folder.path());
    const ProcessResult lint =
        testing::run_in(folder.path(), {"verilator", "--lint-only", "--timing", "--top-module",
                                        name + "_tb", "-f", name + "_tb.f"});
    EXPECT_EQ(lint.exit_code, 0) << name;
    EXPECT_EQ(lint.log(), "") << name;
  }
  for (const std::size_t sample : {2U, 5U}) {
    const std::string name = testing::clocked_benches()[sample].module_name();
    expect_pass(testing::run_by_verilator(name, folder.path()), name);
  }
}

/// The text of a file with one line changed.
void flip_last_digit(const std::filesystem::path& path, std::size_t line) {
  std::string text = read_file(path).value();
  std::size_t at = 0;
  for (; line > 0; --line) at = text.find('\n', at) + 1;
  char& digit = text[text.find('\n', at) - 1];
  digit = digit == '0' ? '1' : '0';
  ASSERT_TRUE(write_file(path, text).ok());
}

TEST(TestBench, AWrongResultALostFileAndALateOneFail) {
  for (const OperatorSpec& spec :
       {testing::operators_of_benches()[0], testing::clocked_benches()[1]}) {
    const std::string name = spec.module_name();
    const ScratchDirectory folder = ScratchDirectory::make().value();
    write_bench(spec, folder.path());
    flip_last_digit(folder.path() / (name + "_tb_results.hex"), 77);
    ProcessResult run = testing::run_by_icarus(name, folder.path());
    EXPECT_NE(run.exit_code, 0);
    EXPECT_THAT(run.log(), HasSubstr("operation 77 ("));
    EXPECT_THAT(run.log(), HasSubstr("FAIL " + name + ": 1 mismatches"));

    write_bench(spec, folder.path());
    std::filesystem::remove(folder.path() / (name + "_tb_results.hex"));
    run = testing::run_by_icarus(name, folder.path());
    EXPECT_NE(run.exit_code, 0);
    EXPECT_THAT(run.log(), HasSubstr("FAIL " + name));
  }
  // A design of another latency, and one that never answers.
  OperatorSpec spec = testing::clocked_benches()[0];
  const std::string name = spec.module_name();
  for (const bool is_late : {true, false}) {
    const ScratchDirectory folder = ScratchDirectory::make().value();
    write_bench(spec, folder.path());
    OperatorSpec other = spec;
    other.requested_latency = 3;
    std::string text = ops::emit_variant(other, name, {}).files.back().text;
    if (!is_late) {
      const std::string assign = "assign valid_o = ";
      ASSERT_NE(text.find(assign), std::string::npos) << text;
      text.replace(text.find(assign), assign.size(), assign + "1'b0 & ");
    }
    ASSERT_TRUE(write_file(folder.path() / (name + ".sv"), text).ok());
    const ProcessResult run = testing::run_by_icarus(name, folder.path());
    EXPECT_NE(run.exit_code, 0);
    EXPECT_THAT(run.log(), HasSubstr(is_late ? "the latency" : "waits in vain"));
  }
}

/// A module that applies the vectors of a test bench to the functions of a package.
std::string dpi_top(const std::vector<OperatorSpec>& specs) {
  std::string body;
  for (std::size_t k = 0; k < specs.size(); ++k) {
    const OperatorSpec& spec = specs[k];
    const std::string package = spec.module_name() + "_dpi_pkg";
    std::string arguments =
        spec.accumulates() ? fmt::format("sum, in{}[k][{}]", k, operand_bits(spec)) : "";
    int low = 0, out = 0;
    for (const OperandPort& port : operand_ports(spec)) {
      arguments += fmt::format("{}in{}[k][{}:{}]", arguments.empty() ? "" : ", ", k,
                               low + port.bits() - 1, low);
      low += port.bits();
    }
    std::string declarations, compared;
    std::vector<c_model::CPort> outputs = c_model::results_of(spec);
    for (const std::string& flag : c_model::flags_of(spec)) outputs.push_back({flag, 1});
    for (const c_model::CPort& port : outputs) {
      declarations += port.bits == 1 && port.name != outputs[0].name
                          ? fmt::format("    bit {};\n", port.name)
                          : fmt::format("    bit [{}:0] {};\n", port.bits - 1, port.name);
      arguments += ", " + port.name;
      out += port.bits;
    }
    int at = 0;
    for (const c_model::CPort& port : outputs) {
      const std::string defined = at == 0 ? fmt::format("out{}[k][{}] && ", k, out) : std::string();
      compared +=
          fmt::format("      if ({}{} != out{}[k][{}:{}]) $fatal(1, \"{} {} %0d\", k);\n", defined,
                      port.name, k, at + port.bits - 1, at, spec.info().name, port.name);
      at += port.bits;
    }
    const int width = low + (spec.accumulates() ? 1 : 0);
    body += fmt::format("  bit [{}:0] in{}[0:9999];\n  bit [{}:0] out{}[0:9999];\n", width - 1, k,
                        out + 1, k);
    body += fmt::format(
        "  initial begin : run{0}\n{1}{2}"
        "    $readmemh(\"{3}_tb_operands.hex\", in{0});\n"
        "    $readmemh(\"{3}_tb_results.hex\", out{0});\n{4}"
        "    for (int k = 0; k < 10000 && out{0}[k][{5}]; ++k) begin\n"
        "      {6}::{7}({8});\n{9}      ++compared;\n    end\n{10}  end\n",
        k, declarations, spec.accumulates() ? "    chandle sum;\n" : "", spec.module_name(),
        spec.accumulates() ? fmt::format("    sum = {}::create();\n", package) : "", out + 1,
        package, spec.accumulates() ? "step" : "eval", arguments, compared,
        spec.accumulates() ? fmt::format("    {}::release_sum(sum);\n", package) : "");
  }
  return "module top;\n  int compared = 0;\n" + body +
         "  initial begin\n    #1 $display(\"compared %0d\", compared);\n    $finish;\n  end\n"
         "endmodule\n";
}

TEST(Dpi, ThePackagesOfEveryOperatorGiveTheSame) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const std::vector<OperatorSpec> specs = testing::operators_of_benches();
  std::vector<TextFile> files = {{"top.sv", dpi_top(specs)}};
  std::vector<std::string> argv = {
      "env", "OBJCACHE=ccache", "verilator", "--binary", "--timing", "--top-module",
      "top", "-Wno-fatal",      "-o",        "run",      "-CFLAGS",  "-O0 -I.."};
  std::size_t lines = 0;
  for (const OperatorSpec& spec : specs) {
    const rtl::EmittedDesign design = ops::emit(spec);
    for (const TextFile& file : testbench::sv_testbench(spec, design.signature)) {
      files.push_back(file);
      if (file.name.ends_with("_results.hex")) {
        lines += static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
      }
    }
    for (const TextFile& file : c_model::dpi_files(spec)) files.push_back(file);
    argv.push_back(spec.module_name() + "_dpi_pkg.sv");
    argv.push_back(spec.module_name() + "_dpi.c");
  }
  ASSERT_TRUE(write_files(folder.path(), files).ok());
  argv.emplace_back("top.sv");
  const ProcessResult built = testing::run_in(folder.path(), argv);
  ASSERT_EQ(built.exit_code, 0) << built.log();
  const ProcessResult run =
      testing::run_in(folder.path(), {(folder.path() / "obj_dir" / "run").string()});
  EXPECT_EQ(run.exit_code, 0) << run.log();
  EXPECT_THAT(run.log(), HasSubstr(fmt::format("compared {}\n", lines))) << run.log();
  EXPECT_GT(lines, 10000U);
}

}  // namespace
}  // namespace fewbit
