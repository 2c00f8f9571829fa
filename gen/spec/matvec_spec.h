// MatvecSpec: a matrix times a stream of vectors: formats, shape, parallelism and weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// What the user wrote; empty or absent = default.
struct MatvecRequest {
  std::string weights_format{};
  std::string activations_format{};
  long long outputs = 1;  ///< C
  long long terms = 1;    ///< K
  long long rows = 1;     ///< P
  long long lanes = 1;    ///< S
  std::vector<Code> weights{};
  std::optional<long long> load_bits{};  ///< weights come over a stream, so many bits a beat
  long long taken_in = 1;                ///< cycles in which who receives takes a beat of sums
  std::optional<long long> latency{};
  std::string dsp{};
  std::string name{};
  Fabric fabric = Fabric::kIce40;
};

/// y[c] = sum over k of w[c][k] x[k], exact; c < outputs, k < terms. `rows` of them are computed at
/// a time, from `lanes` terms in each cycle; neither needs to divide what it is a part of.
struct MatvecSpec {
  Format weight = IntFormat{};      ///< finite, with a zero
  Format activation = IntFormat{};  ///< finite, with a zero
  int outputs = 1;
  int terms = 1;
  int rows = 1;               ///< 1 to outputs
  int lanes = 1;              ///< 1 to terms, at most 64
  std::vector<Code> weights;  ///< w[c][k] is number c * terms + k; none where they are loaded
  int load_bits = 0;          ///< of a beat of the stream that brings weights; 0: contents
  int taken_in = 1;           ///< a beat of sums keeps its place for so many cycles
  OperatorSpec dot;           ///< of `lanes` products; an accumulator where there are several beats
  std::string module_name;

  /// Beats of a vector: terms / lanes, rounded up.
  [[nodiscard]] int beats() const { return (terms + lanes - 1) / lanes; }
  /// Beats of its sums: outputs / rows, rounded up.
  [[nodiscard]] int groups() const { return (outputs + rows - 1) / rows; }
  [[nodiscard]] bool is_loaded() const { return load_bits > 0; }
  /// Beats of a word of weights where they are loaded.
  [[nodiscard]] int load_parts() const {
    return (rows * lanes * weight.bits() + load_bits - 1) / load_bits;
  }
  /// Beats of the packet that loads all words: those of the words, and two sums.
  [[nodiscard]] long long load_beats() const { return 1LL * beats() * groups() * load_parts() + 2; }
  /// Of each sum: the least that holds any sum of so many products, in units of 2^lsb_exponent.
  [[nodiscard]] IntFormat sum_format() const;
};

/// Checks every field. With load_bits, 8 to 64, there are no weights. Latency is that of the dot
/// product, 4 where not given.
Result<MatvecSpec> make_matvec_spec(const MatvecRequest& request);

}  // namespace fewbit
