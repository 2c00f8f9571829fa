// The matrix-vector engine: see matvec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/matvec.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/serial.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/blocks/weight_loader.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

namespace {

/// Clock edges from the address of a beat to the operands of the rows.
constexpr int kReadEdges = 2;
/// And from the sum of a row to the credit that its place gives back, with places in registers and
/// in a memory.
constexpr int kRegisterEdges = 2;
constexpr int kMemoryEdges = 3;
/// So many places are in registers.
constexpr int kMostRegisters = 4;

/// One beat as it goes to the rows: words of both memories, and what it is in its sum.
struct Beat {
  Signal enters;       ///< now; its words are there kReadEdges later
  Signal ends_sum;     ///< the last of a group of rows
  Signal ends_vector;  ///< and the last group
  Signal x, weights;   ///< kReadEdges later
};

/// `idle`: no vector is inside.
Signal weights_at(Module& m, const MatvecSpec& spec, const Signal& address, WeightLoader* loader,
                  const Signal& idle) {
  if (loader != nullptr) return loader->finish(idle, address);
  const std::vector<BigInt> words = matvec_words(spec);
  const int width = spec.rows * spec.lanes * spec.weight.bits();
  if (words.size() == 1) return m.net("weights", m.constant(width, words[0]));
  const int memory = m.memory("weights", {.depth = static_cast<int>(words.size()),
                                          .width = width,
                                          .contents = words,
                                          .in_file = true});
  return m.read(memory, "weights", address, {}, true);
}

/// 1 where the next beat is not the first of its vector.
Signal is_not_first(const Signal& place) {
  return place.width() == 0 ? place.module().constant(1, 0) : reduce_or(place);
}

/// One group: each beat goes through as it comes.
Beat direct_beat(Module& m, const MatvecSpec& spec, const Stream& x, const Signal& has_place,
                 WeightLoader* loader) {
  Beat beat;
  const Signal mid_vector = loader == nullptr ? Signal() : m.wire("mid_vector", 1);
  m.section("A beat enters as it comes, the last of a sum where the sum has a place");
  const Signal has_room = has_place | ~x.last;
  const Signal open =
      m.net("open", loader == nullptr ? has_room : has_room & loader->admits(mid_vector));
  m.drive(x.ready, open);
  beat.enters = m.net("enters", x.valid & open);
  beat.ends_sum = m.net("ends_sum", beat.enters & x.last);
  beat.ends_vector = beat.ends_sum;
  const Signal place = position(m, "beat", spec.beats(), beat.enters, beat.ends_sum);
  if (loader != nullptr) m.drive(mid_vector, is_not_first(place));
  m.section("Weights, and the beat beside them");
  beat.weights = weights_at(m, spec, place, loader, loader == nullptr ? Signal() : ~mid_vector);
  beat.x = delayed(m, "x", x.data, kReadEdges, false);
  return beat;
}

/// Several groups: the vector is read again for each from one half of a buffer, while the next one
/// goes into the other half.
Beat buffered_beat(Module& m, const MatvecSpec& spec, const Stream& x, const Signal& has_place,
                   WeightLoader* loader) {
  Beat beat;
  m.section("Vectors come into one half of the buffer after the other");
  const Signal holds_one = m.reg("holds_one_q", 1);
  const Signal holds_two = m.reg("holds_two_q", 1);
  const Signal mid_vector = loader == nullptr ? Signal() : m.wire("mid_vector", 1);
  m.drive(x.ready, loader == nullptr ? ~holds_two : ~holds_two & loader->admits(mid_vector));
  const Signal takes = m.net("takes", moves(x));
  const Signal comes = m.net("vector_comes", takes & x.last);
  const Signal in_place = position(m, "in_beat", spec.beats(), takes, comes);
  const Signal in_half = toggle(m, "in_half", comes);
  if (loader != nullptr) m.drive(mid_vector, is_not_first(in_place));

  m.section("Beats leave it, the last of a sum where the sum has a place");
  const Signal sum_ends = m.wire("sum_ends", 1);
  beat.enters = m.net("enters", holds_one & (has_place | ~sum_ends));
  const rtl::Counter place = rtl::counter(m, "beat", spec.beats(), beat.enters);
  const rtl::Counter word = rtl::counter(m, "word", spec.beats() * spec.groups(), beat.enters);
  m.drive(sum_ends, place.last);
  beat.ends_sum = m.net("ends_sum", beat.enters & place.last);
  beat.ends_vector = m.net("ends_vector", beat.enters & word.last);
  const Signal half = toggle(m, "half", beat.ends_vector);
  const Signal stays = m.net("stays", ~beat.ends_vector);
  m.drive(holds_one, m.net("holds_one_d", comes | holds_two | (holds_one & stays)));
  m.drive(holds_two, m.net("holds_two_d", stays & (holds_two | (holds_one & comes))));

  m.section("Both memories, with a register behind each");
  const int buffer = m.memory("vectors", {.depth = 2 << in_place.width(),
                                          .width = x.data.width(),
                                          .collision = rtl::Collision::kAnything});
  m.write(buffer, takes, rtl::concat({in_half, in_place}), x.data);
  beat.x = m.read(buffer, "x", rtl::concat({half, place.value}), {}, true);
  beat.weights = weights_at(m, spec, word.value, loader,
                            loader == nullptr ? Signal() : ~holds_one & ~mid_vector);
  return beat;
}

/// The sums of all rows side by side, latency() after their last beat has the words.
Signal sums_of(Module& m, const MatvecSpec& spec, const Beat& beat) {
  m.section("The rows: they have no enable, a sum stands until the next one has its first beat");
  const std::shared_ptr<Module> row = ops::module_of(spec.dot);
  const bool accumulates = spec.dot.accumulates();
  const Signal valid = delayed(m, "valid", beat.enters, kReadEdges);
  Signal first;
  if (accumulates) {
    const Signal starts =
        m.reg("starts_q", 1, {.enable = beat.enters, .reset_value = 1});  // the next beat
    m.drive(starts, beat.ends_sum);
    first = delayed(m, "first", starts, kReadEdges);
  }
  const int sum_bits = spec.sum_format().bits;
  const int row_bits = spec.lanes * spec.weight.bits();
  std::vector<Signal> sums;
  for (int r = 0; r < spec.rows; ++r) {
    std::vector<std::pair<std::string, Signal>> inputs = {
        {"valid_i", valid},
        {"a_i", beat.weights.slice((r + 1) * row_bits - 1, r * row_bits)},
        {"b_i", beat.x}};
    if (accumulates) inputs.emplace_back("first_i", first);
    const auto made = m.instance(row, fmt::format("u_row_{}", r), inputs);
    sums.insert(sums.begin(), made[accumulates ? "acc_o" : "result_o"].low(sum_bits));
  }
  return m.net("sums", rtl::concat(sums));
}

/// Sums that are complete, in their places: one register, or a queue whose ready nobody asks for,
/// as each sum has a place.
Stream stored(Module& m, int places, const Stream& sums) {
  if (places > 1) {
    const FifoOptions options{.depth = places,
                              .has_memory = places > kMostRegisters,
                              .style = rtl::MemoryStyle::kDistributed};
    return fifo(m, "places", sums, options).out;
  }
  const Signal full = m.reg("full_q", 1);
  const auto kept = [&](const std::string& name, const Signal& value) {
    const Signal q = m.reg(name, value.width(), {.enable = sums.valid, .reset = false});
    m.drive(q, value);
    return q;
  };
  m.drive(sums.ready, ~full);
  const Stream stream =
      make_stream(m, "sum", full, kept("sums_q", sums.data), kept("sums_last_q", sums.last));
  m.drive(full, m.net("full_d", sums.valid | (full & ~stream.ready)));
  return stream;
}

void describe(Module& m, const MatvecSpec& spec) {
  BlockHeader header(m, "a matrix in memory times a stream of vectors");
  header.equation(
      fmt::format("y[c] = sum of w[c][k] * x[k], c < {}, k < {}", spec.outputs, spec.terms));
  header.exact_sums(spec.weight, spec.activation, spec.sum_format());
  header.entry("Input", fmt::format("x: {} codes a beat, {} beats a vector, x_last_i on the last; "
                                    "codes beyond the terms may be any",
                                    spec.lanes, spec.beats()));
  header.entry("Output", fmt::format("y: {} sums a beat, {} beats a vector, y_last_o on the last; "
                                     "sums beyond the outputs are 0",
                                     spec.rows, spec.groups()));
  if (spec.is_loaded()) {
    header.entry("Weights",
                 fmt::format("w: packets of {} beats of {} bits: {} words of {} beats, lowest bits "
                             "first, then their Fletcher sums s1 and s2, w_last_i on s2; then "
                             "load_done_o, or what was wrong",
                             spec.load_beats(), spec.load_bits, spec.beats() * spec.groups(),
                             spec.load_parts()));
  } else {
    header.entry(
        "Weights",
        fmt::format("{} words of {} bits, from {}", spec.beats() * spec.groups(),
                    spec.rows * spec.lanes * spec.weight.bits(),
                    spec.beats() * spec.groups() == 1 ? std::string("this text")
                                                      : spec.module_name + "_weights.hex"));
  }
  header.entry("Timing", fmt::format("{} cycles a vector where no stream waits; sums for {} beats "
                                     "have a place",
                                     spec.beats() * spec.groups(), matvec_places(spec)));
  header.stream_entries();
}

}  // namespace

int matvec_places(const MatvecSpec& spec) {
  const auto places = [&](int edges) {
    const int kept = kReadEdges + spec.dot.latency() + edges + spec.taken_in - 1;
    return (kept + spec.beats() - 1) / spec.beats();
  };
  const int in_registers = places(kRegisterEdges);
  return in_registers <= kMostRegisters ? in_registers : places(kMemoryEdges);
}

std::vector<BigInt> matvec_words(const MatvecSpec& spec) {
  std::vector<BigInt> words;
  for (int group = 0; group < spec.groups(); ++group) {
    for (int beat = 0; beat < spec.beats(); ++beat) {
      BigInt word = 0;
      for (int i = spec.rows * spec.lanes; i-- > 0;) {
        const int c = group * spec.rows + i / spec.lanes;
        const int k = beat * spec.lanes + i % spec.lanes;
        word <<= spec.weight.bits();
        if (c >= spec.outputs || k >= spec.terms) continue;  // the zero code
        word |= spec.weights[static_cast<std::size_t>(c) * static_cast<std::size_t>(spec.terms) +
                             static_cast<std::size_t>(k)];
      }
      words.push_back(word);
    }
  }
  return words;
}

std::shared_ptr<Module> matvec(const MatvecSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  describe(m, spec);
  m.clocked(rtl::Reset::kAsyncLow);
  const Stream x =
      input_stream(m, "x", {.data_bits = spec.lanes * spec.activation.bits(), .has_last = true});

  std::optional<WeightLoader> loader;
  if (spec.is_loaded()) loader.emplace(m, spec);
  WeightLoader* const loads = loader ? &*loader : nullptr;

  m.section("Places for sums behind the rows");
  const int places = matvec_places(spec);
  const Signal takes_place = m.wire("takes_place", 1);
  const Signal gives_place = m.wire("gives_place", 1);
  const Signal has_place = credits(m, "place", places, takes_place, gives_place);
  const Beat beat = spec.groups() == 1 ? direct_beat(m, spec, x, has_place, loads)
                                       : buffered_beat(m, spec, x, has_place, loads);
  m.drive(takes_place, beat.ends_sum);

  const Signal sums = sums_of(m, spec, beat);
  m.section("A sum that is complete goes to its place");
  const int edges = kReadEdges + spec.dot.latency();
  const Signal complete = delayed(m, "complete", beat.ends_sum, edges);
  const Signal last = delayed(m, "last", beat.ends_vector, edges);
  const Stream y = stored(m, places, make_stream(m, "complete", complete, sums, last));
  m.drive(gives_place, moves(y));
  output_stream(m, "y", y);
  return module;
}

}  // namespace fewbit::blocks
