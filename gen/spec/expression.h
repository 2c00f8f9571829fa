// Expression: what an operator computes, as a value. Ranges, special results, the formulas of
// headers, the order of operands, models and proofs read it; each brings arithmetic of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fewbit {

struct OperatorSpec;

/// A number that an operation is given. kShift is a count, kRandom are bits;
/// kZeroPoint is added to what has been rounded, outside the expression.
enum class Operand { kA, kB, kC, kScaleA, kScaleB, kShift, kZeroPoint, kRandom };
inline constexpr int kOperandCount = 8;

/// "a", "scale_a"; its port is a_i, scale_a_i.
std::string_view to_string(Operand operand);

/// An exact value made of operands. An operand that the request leaves out (b of requant) is left
/// out of its product.
struct Expression {
  enum class Kind {
    kOperand,
    kProduct,     ///< of all parts
    kSum,         ///< of both parts
    kDifference,  ///< the first part less the second
    kMaximum,     ///< the larger one of both parts; -0 is below +0
    kMinimum,     ///< the smaller one
    kLaneSum,     ///< of the part in all lanes; operands in it have a number for each lane
    kShifted,     ///< the first part / 2^second
    kBlock,       ///< the part, lane by lane, over a scale of the whole block, another result
    kAffine,      ///< the part, lane by lane, in steps between the block's least and largest
  };
  Kind kind = Kind::kOperand;
  Operand operand = Operand::kA;  ///< kOperand
  std::vector<Expression> parts;

  /// It is of this kind, and all parts are operands.
  [[nodiscard]] bool is_flat(Kind of) const;
  /// The first of this kind in it, itself perhaps; nullptr where there is none.
  [[nodiscard]] const Expression* find(Kind of) const;
  /// Its operands, each once, in the order in which they come.
  [[nodiscard]] std::vector<Operand> operands() const;
  /// It is the larger or the smaller one of two.
  [[nodiscard]] bool chooses() const { return kind == Kind::kMaximum || kind == Kind::kMinimum; }
};

/// "sum over lanes of a_i[k] * b_i[k]".
std::string formula(const Expression& expression);
/// The same for a request: without the operands that it lacks, "sum of a_i[k] * b_i[k], k < 4".
std::string formula(const OperatorSpec& spec);

}  // namespace fewbit
