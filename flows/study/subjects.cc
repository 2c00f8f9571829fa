// What has to be simulated before a design counts as verified.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/subjects.h"

#include <fmt/format.h>

#include <algorithm>

namespace fewbit::study {
namespace {

constexpr int kOverrideExtraBits = 3;

}  // namespace

std::string label_of(const OperatorSpec& spec) {
  std::string operands = spec.b ? spec.a.name() + " x " + spec.b->name() : spec.a.name();
  if (spec.c) operands += " + " + spec.c->name();
  if (spec.lanes > 1) operands += fmt::format(" ({} lanes)", spec.lanes);
  const std::string result = spec.result ? " -> " + spec.result->name() : "";
  return fmt::format("{} {}{} {}", to_string(spec.kind), operands, result, to_string(spec.arch));
}

std::vector<verify::Subject> subjects_of(const OperatorSpec& spec,
                                         const rtl::EmittedDesign& design) {
  std::vector<verify::Subject> subjects = {{spec, design, {}, label_of(spec)}};
  const rtl::PortSignature* result = design.signature.find(rtl::PortRole::kResult);
  if (spec.accumulates_exactly() && result != nullptr && !result->width_parameter.empty()) {
    verify::Subject wider = subjects[0];
    wider.spec.acc_width += kOverrideExtraBits;
    wider.parameters[result->width_parameter] = wider.spec.acc_width;
    wider.label += fmt::format(" {}={}", result->width_parameter, wider.spec.acc_width);
    subjects.push_back(std::move(wider));
  }
  return subjects;
}

bool all_passed(const std::vector<verify::VerifyReport>& reports) {
  return !reports.empty() &&
         std::all_of(reports.begin(), reports.end(),
                     [](const verify::VerifyReport& report) { return report.passed; });
}

}  // namespace fewbit::study
