// The bench of an Icarus model, and what is put into the designs.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/icarus_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

#include "fewbit/sim/verify/simulator_text.h"

namespace fewbit::verify {
namespace {

constexpr int kControlDigits = 4;

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// The variable that this line assigns with `<=`, or "": one at the start of a statement, where a
/// comparison cannot be.
std::string assigned_in(const std::string& line) {
  const std::size_t arrow = line.find(" <= ");
  if (arrow == std::string::npos) return "";
  std::size_t begin = arrow;
  while (begin > 0 && is_name_character(line[begin - 1])) --begin;
  const std::string name = line.substr(begin, arrow - begin);
  std::string before = line.substr(0, begin);
  while (!before.empty() && before.back() == ' ') before.pop_back();
  const bool starts = before.empty() || before.back() == ')' || before.ends_with("else") ||
                      before.ends_with("begin");
  return starts ? name : "";
}

std::string probes(const std::set<std::string>& registers) {
  std::string text;
  for (const std::string& name : registers) {
    text += fmt::format(
        "  always @(posedge {0}.poison)\n"
        "    {1} = {1} ^ (({{$bits({1}){{{0}.poison_all}}}} | {{32{{$urandom}}}}) & "
        "{{$bits({1}){{1'bx}}}});\n"
        "  always @(posedge {0}.probe)\n"
        "    if (^{1} === 1'bx) $fwrite({0}.response, \"x %m.{1}\\n\");\n",
        kIcarusBench, name);
  }
  return text;
}

/// Takes slices of the stimulus from the top down.
class Slices {
 public:
  explicit Slices(int digits) : bit_(4 * digits) {}
  /// The low `bits` bits of the next `digits` digits, as `width` bits.
  std::string next(int digits, int bits, int width) {
    bit_ -= 4 * digits;
    const std::string slice = fmt::format("stimulus[{}:{}]", bit_ + bits - 1, bit_);
    return bits == width ? slice : fmt::format("{{{}'d0, {}}}", width - bits, slice);
  }

 private:
  int bit_;
};

int stimulus_digits(const Subject& subject) {
  int digits = kControlDigits + tag_digits(subject);
  for (const OperandPort& port : operand_ports(subject.spec)) digits += hex_digits(port.bits());
  return digits;
}

}  // namespace

int tag_digits(const Subject& subject) { return hex_digits(subject.spec.tag_bits); }

std::string with_probes(const std::string& text) {
  std::string result;
  std::set<std::string> registers;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("endmodule")) {
      result += probes(registers);
      registers.clear();
    }
    if (const std::string name = assigned_in(line); !name.empty()) registers.insert(name);
    result += line + "\n";
  }
  return result;
}

std::string bench_text(const std::vector<const Subject*>& subjects) {
  int digits = 1;
  for (const Subject* subject : subjects) digits += stimulus_digits(*subject);
  Slices slices(digits);
  slices.next(1, 4, 4);
  std::string nets, ports, formats, values;
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    const Subject& subject = *subjects[k];
    std::string control;
    for (int bit = 0; bit < kControlDigits; ++bit) {  // the reset is the lowest, and comes first
      const std::string pin = slices.next(1, 1, 1);
      control = control.empty() ? pin : pin + ", " + control;
    }
    ports += fmt::format(",\n    .control{}({{{}}})", k, control);
    const int tag = subject.spec.tag_bits;
    ports += fmt::format(",\n    .tag_in{}({})", k,
                         tag == 0 ? "64'd0" : slices.next(hex_digits(tag), tag, 64));
    const InputLayout layout = input_layout(subject);
    for (const InputLayout::Operand& operand : layout.operands) {
      ports += fmt::format(",\n    .{}{}({})", operand.port, k,
                           slices.next(hex_digits(operand.bits), operand.bits,
                                       64 * static_cast<int>(operand.words)));
    }
    nets += fmt::format("  wire [{}:0] result{};\n  wire [4:0] status{};\n",
                        result_width(subject) - 1, k, k);
    nets += fmt::format("  wire [63:0] scale{0};\n  wire [63:0] tag{0};\n", k);
    ports += fmt::format(
        ",\n    .result{0}(result{0}), .status{0}(status{0}), .scale{0}(scale{0}), "
        ".tag_out{0}(tag{0})",
        k);
    formats += "%h%b";
    values += fmt::format(", result{0}, status{0}", k);
    if (const int bits = block_bits(subject); bits > 0) {
      formats += "%h";
      values += fmt::format(", scale{}[{}:0]", k, 4 * hex_digits(bits) - 1);
    }
    if (tag > 0) {
      formats += "%h";
      values += fmt::format(", tag{}[{}:0]", k, 4 * hex_digits(tag) - 1);
    }
  }
  // The clock comes after the inputs have settled, and what X does to the state is settled before.
  return fmt::format(
      R"(module {0};
  reg [{1}:0] stimulus;
  reg clk = 0, poison = 0, poison_all = 0, probe = 0;
  integer lines, response, got;
{2}  {3} top (
    .clk(clk){4}
  );
  initial begin
    lines = $fopen("stimulus", "r");
    response = $fopen("response", "w");
    got = $fscanf(lines, "%h", stimulus);
    while (got == 1) begin
      poison_all = stimulus[{1} - 1];
      #1 poison = stimulus[{1} - 1] | stimulus[{1} - 2];
      #1 poison = 0;
      clk = stimulus[{1} - 3];
      #1 probe = stimulus[{1}];
      #1 probe = 0;
      $fwrite(response, "{5}\n"{6});
      got = $fscanf(lines, "%h", stimulus);
    end
    $finish(0);
  end
endmodule
)",
      kIcarusBench, 4 * digits - 1, nets, kTopModule, ports, formats, values);
}

}  // namespace fewbit::verify
