// Expressions: see expression.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/expression.h"

#include <algorithm>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

using Kind = Expression::Kind;

std::string_view to_string(Operand operand) {
  switch (operand) {
    case Operand::kA:
      return "a";
    case Operand::kB:
      return "b";
    case Operand::kC:
      return "c";
    case Operand::kScaleA:
      return "scale_a";
    case Operand::kScaleB:
      return "scale_b";
    case Operand::kShift:
      return "shift";
    case Operand::kZeroPoint:
      return "zero_point";
    case Operand::kRandom:
      return "random";
  }
  FEWBIT_CHECK(false, "unknown operand {}", static_cast<int>(operand));
}

bool Expression::is_flat(Kind of) const {
  const auto is_operand = [](const Expression& part) { return part.kind == Kind::kOperand; };
  return kind == of && std::all_of(parts.begin(), parts.end(), is_operand);
}

const Expression* Expression::find(Kind of) const {
  if (kind == of) return this;
  for (const Expression& part : parts) {
    if (const Expression* found = part.find(of)) return found;
  }
  return nullptr;
}

std::vector<Operand> Expression::operands() const {
  if (kind == Kind::kOperand) return {operand};
  std::vector<Operand> all;
  for (const Expression& part : parts) {
    for (const Operand one : part.operands()) {
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
  }
  return all;
}

namespace {

/// Prints an expression; for a request where there is one.
class Formula {
 public:
  explicit Formula(const OperatorSpec* spec) : spec_(spec) {}

  std::string of(const Expression& e, const std::string& index = "") const {
    switch (e.kind) {
      case Kind::kOperand: {
        const bool has_vectors = spec_ != nullptr && spec_->outputs > 1 && e.operand == Operand::kA;
        return std::string(to_string(e.operand)) + "_i" + (has_vectors ? "[p]" : "") + index;
      }
      case Kind::kProduct:
        return product(e, index);
      case Kind::kSum: {
        const bool lanes_first = e.parts[0].find(Kind::kLaneSum) != nullptr;  // they come last
        return of(e.parts[lanes_first ? 1 : 0], index) + " + " +
               of(e.parts[lanes_first ? 0 : 1], index);
      }
      case Kind::kDifference:
        return of(e.parts[0], index) + " - " + of(e.parts[1], index);
      case Kind::kMaximum:
        return "max(" + of(e.parts[0], index) + ", " + of(e.parts[1], index) + ")";
      case Kind::kMinimum:
        return "min(" + of(e.parts[0], index) + ", " + of(e.parts[1], index) + ")";
      case Kind::kLaneSum:
        return spec_ == nullptr
                   ? "sum over lanes of " + of(e.parts[0], "[k]")
                   : fmt::format("sum of {}, k < {}", of(e.parts[0], "[k]"), spec_->lanes);
      case Kind::kShifted:
        return of(e.parts[0], index) + " / 2^" + of(e.parts[1], index);
      case Kind::kBlock:
        return of(e.parts[0], "[k]") + " / scale_o";
      case Kind::kAffine:
        return "(" + of(e.parts[0], "[k]") + " - min) / (max - min) * steps";
    }
    FEWBIT_CHECK(false, "unknown expression {}", static_cast<int>(e.kind));
  }

 private:
  /// A sum over lanes comes last, where it needs no parentheses.
  std::string product(const Expression& e, const std::string& index) const {
    std::string text;
    for (const bool last : {false, true}) {
      for (const Expression& part : e.parts) {
        if (is_absent(part) || (part.kind == Kind::kLaneSum) != last) continue;
        text += (text.empty() ? "" : " * ") + of(part, index);
      }
    }
    return text;
  }
  bool is_absent(const Expression& e) const {
    return spec_ != nullptr && e.kind == Kind::kOperand && !operand_format(*spec_, e.operand);
  }

  const OperatorSpec* spec_;
};

}  // namespace

std::string formula(const Expression& expression) { return Formula(nullptr).of(expression); }

std::string formula(const OperatorSpec& spec) { return Formula(&spec).of(spec.expression()); }

}  // namespace fewbit
