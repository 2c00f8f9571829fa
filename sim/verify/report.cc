// Verification reports as text and JSON.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fewbit/sim/verify/verify.h"

namespace fewbit::verify {
namespace {

std::string hex(const BigInt& value) { return "0x" + to_hex(value); }

/// "0x7e (448)"; the code alone where it stands for no number.
std::string with_meaning(const BigInt& code, const std::string& decoded) {
  return decoded.empty() ? hex(code) : fmt::format("{} ({})", hex(code), decoded);
}

std::string coverage(const VerifyReport& report) {
  std::string text = fmt::format("{} vectors", report.vectors);
  if (report.operands_possible > 0) {
    text += fmt::format(", {} of {:.0f} operands ({})", report.operands_applied,
                        report.operands_possible, report.exhaustive ? "exhaustive" : "sampled");
  }
  text += fmt::format(", seed {}", report.seed);
  if (static_cast<double>(report.worst_sum_applied) < report.worst_sum_terms) {
    text += fmt::format(", worst-case sums of {} of {:.0f} terms", report.worst_sum_applied,
                        report.worst_sum_terms);
  }
  if (report.recoveries > 0) text += fmt::format(", {} recoveries from X", report.recoveries);
  return text + fmt::format(", {:.2f} s", report.seconds);
}

nlohmann::ordered_json to_json(const Mismatch& mismatch) {
  nlohmann::ordered_json json = {{"cycle", mismatch.cycle}, {"phase", mismatch.phase}};
  for (const OperandValue& operand : mismatch.operands) {
    json[operand.name] = hex(operand.code);
    if (!operand.decoded.empty()) json[operand.name + "_decoded"] = operand.decoded;
  }
  json["port"] = mismatch.port;
  json["expected"] = hex(mismatch.expected);
  json["got"] = mismatch.got_unknown ? "X" : hex(mismatch.got);
  if (!mismatch.expected_decoded.empty()) {
    json["expected_decoded"] = mismatch.expected_decoded;
    if (!mismatch.got_unknown) json["got_decoded"] = mismatch.got_decoded;
  }
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const VerifyReport& report) {
  nlohmann::ordered_json json = {{"label", report.label},
                                 {"passed", report.passed},
                                 {"exhaustive", report.exhaustive},
                                 {"vectors", report.vectors},
                                 {"operands_applied", report.operands_applied},
                                 {"operands_possible", report.operands_possible}};
  if (report.worst_sum_terms > 0) {
    json["worst_sum_terms"] = report.worst_sum_terms;
    json["worst_sum_applied"] = report.worst_sum_applied;
  }
  if (report.recoveries > 0) json["recoveries"] = report.recoveries;
  json["mismatch_count"] = report.mismatch_count;
  json["mismatches"] = nlohmann::ordered_json::array();
  for (const Mismatch& mismatch : report.mismatches) {
    json["mismatches"].push_back(to_json(mismatch));
  }
  json["seed"] = report.seed;
  json["seconds"] = report.seconds;
  return json;
}

std::string to_text(const VerifyReport& report) {
  if (report.passed) return fmt::format("PASS {}: {}\n", report.label, coverage(report));
  std::string text = fmt::format("FAIL {}: {} mismatches in {}\n", report.label,
                                 report.mismatch_count, coverage(report));
  constexpr const char* kRow = "  {:>9}  {:<24}  {:<8}  {:<26}  {:<26}  {}\n";
  if (!report.mismatches.empty()) {
    text += fmt::format(kRow, "cycle", "phase", "port", "expected", "got", "operands");
  }
  for (const Mismatch& m : report.mismatches) {
    std::string operands;
    for (const OperandValue& operand : m.operands) {
      operands += fmt::format("{}{} {}", operands.empty() ? "" : ", ", operand.name,
                              with_meaning(operand.code, operand.decoded));
    }
    text +=
        fmt::format(kRow, m.cycle, m.phase, m.port, with_meaning(m.expected, m.expected_decoded),
                    m.got_unknown ? "X" : with_meaning(m.got, m.got_decoded), operands);
  }
  if (report.mismatch_count > report.mismatches.size()) {
    text += fmt::format("  ... {} more\n", report.mismatch_count - report.mismatches.size());
  }
  return text;
}

}  // namespace fewbit::verify
