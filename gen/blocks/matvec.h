// matvec: a matrix in memory times a stream of vectors, exact.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/matvec_spec.h"

namespace fewbit::blocks {

/// Receives `x`: `lanes` codes a beat, lane 0 lowest, `last` on the last of the beats() of a
/// vector; lanes beyond the terms may carry any code. Sends `y`: the sums of `rows` outputs a beat,
/// output 0 lowest, each of sum_format().bits, `last` on the last of the groups() of a vector; rows
/// beyond the outputs are 0. Registered.
///
/// In the long run a vector takes beats() x groups() cycles, where neither stream waits. Where
/// there are several groups, a vector comes in while the one before it is multiplied. The rows
/// have no enable: the last beat of a sum enters where the sum has a place behind the rows.
std::shared_ptr<rtl::Module> matvec(const MatvecSpec& spec);

/// With load_bits the weights come over the stream `w`, and load_done_o, load_length_error_o and
/// load_checksum_error_o say what became of it: see WeightLoader. No vector comes in before they
/// are there; a packet of weights waits until the vectors that have come in are multiplied, and
/// where one waits the next vector does.

/// Sums that have a place: as many as full rate needs.
int matvec_places(const MatvecSpec& spec);

/// Word g x beats() + b of the weights: of the rows of group g the terms of beat b, row 0 lowest,
/// and in a row lane 0 lowest; the zero code where there is no weight.
std::vector<BigInt> matvec_words(const MatvecSpec& spec);

}  // namespace fewbit::blocks
