// Windows of an image: see window.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/serial.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

namespace {

/// Clock edges from a beat's turn in the loops to its place in the buffer, and from there to its
/// word.
constexpr int kPlaceEdges = 2;
constexpr int kWordEdges = 3;

constexpr std::array<const char*, 5> kEndNames = {"pixel_ended", "kernel_row_ended", "window_ended",
                                                  "row_ended", "image_ended"};

/// What the windows of one row of the output need of the buffer, whose first row is the first one
/// that they or later ones read.
struct RowNeeds {
  int held = 0;   ///< rows that must have come
  int freed = 0;  ///< rows that are not read again after them
};

std::vector<RowNeeds> row_needs(const WindowSpec& spec) {
  const auto first = [&](int y) {
    return std::clamp(y * spec.stride - spec.pad_top, 0, spec.height);
  };
  std::vector<RowNeeds> needs;
  for (int y = 0; y < spec.out_height(); ++y) {
    const int base = first(y);
    const int end = std::min(y * spec.stride - spec.pad_top + spec.extent(), spec.height);
    const int next = y + 1 == spec.out_height() ? spec.height : first(y + 1);
    needs.push_back({std::max(end, next) - base, next - base});
  }
  return needs;
}

/// The loops of the output, from the inmost; `last` of each, and whether it is the last of all
/// inside it too.
struct Loops {
  Signal steps;
  rtl::Counter beat, kernel_x, kernel_y, x, y;
  Signal pixel_ends, kernel_row_ends, window_ends, row_ends, image_ends;
  [[nodiscard]] std::array<Signal, 5> ends() const {
    return {pixel_ends, kernel_row_ends, window_ends, row_ends, image_ends};
  }
};

Loops loops_of(Module& m, const WindowSpec& spec, const Signal& steps) {
  Loops loops;
  loops.steps = steps;
  loops.beat = rtl::counter(m, "beat", spec.pixel_beats(), steps);
  loops.pixel_ends = m.net("pixel_ends", steps & loops.beat.last);
  loops.kernel_x = rtl::counter(m, "kernel_x", spec.kernel, loops.pixel_ends);
  loops.kernel_row_ends = m.net("kernel_row_ends", loops.pixel_ends & loops.kernel_x.last);
  loops.kernel_y = rtl::counter(m, "kernel_y", spec.kernel, loops.kernel_row_ends);
  loops.window_ends = m.net("window_ends", loops.kernel_row_ends & loops.kernel_y.last);
  loops.x = rtl::counter(m, "x", spec.out_width(), loops.window_ends);
  loops.row_ends = m.net("row_ends", loops.window_ends & loops.x.last);
  loops.y = rtl::counter(m, "y", spec.out_height(), loops.row_ends);
  loops.image_ends = m.net("image_ends", loops.row_ends & loops.y.last);
  return loops;
}

/// A number that goes from one beat to the next through the loops.
struct Walk {
  std::string name;
  int width = 0;
  int start = 0;
  int modulus = 0;  ///< 0: 2^width
  /// What is added within a pixel, and where it, a row of the kernel, a window, a row of windows,
  /// and all of the image ends.
  std::array<int, 6> steps{};
};

/// What `walk` is told of the beat that is at its place: that there is one, and what ends with it.
struct Turn {
  Signal go;     ///< beats move
  Signal steps;  ///< one moves on
  std::array<Signal, 5> ends;
};

/// The register NAME_q: the number of the beat that was `turn` a clock edge ago.
Signal walk(Module& m, const Walk& walk, const Turn& turn, const Signal& steps) {
  const int modulus = walk.modulus == 0 ? 1 << walk.width : walk.modulus;
  const auto wrapped = [&](int value) { return ((value % modulus) + modulus) % modulus; };
  // Beside what is added its difference to the modulus, so that both sums are made at once.
  const auto chosen = [&](const std::string& name, int width, int less) {
    const auto step = [&](std::size_t i) {
      return m.constant(width, to_bits(BigInt(wrapped(walk.steps[i]) - less), width));
    };
    Signal delta = step(0);
    bool is_constant = true;
    for (std::size_t i = 0; i < 5; ++i) {
      if (wrapped(walk.steps[i + 1]) == wrapped(walk.steps[i])) continue;
      is_constant = false;
      delta = m.net(fmt::format("{}_step_{}", name, i), mux(turn.ends[i], step(i + 1), delta));
    }
    return is_constant ? delta : delayed(m, name + "_delta", delta, 1, false, turn.go);
  };
  const Signal q =
      m.reg(walk.name + "_q", walk.width, {.enable = steps, .reset_value = wrapped(walk.start)});
  const Signal sum = m.net(walk.name + "_sum", q + chosen(walk.name, walk.width, 0));
  if (walk.modulus == 0) {
    m.drive(q, sum);
    return q;
  }
  const int wide = walk.width + 1;
  const Signal less_modulus =
      m.net(walk.name + "_wrapped",
            zero_extend(q, wide) + chosen(walk.name + "_wrapped", wide, walk.modulus));
  m.drive(q, m.net(walk.name + "_d", mux(less_modulus.top(), sum, less_modulus.low(walk.width))));
  return q;
}

/// 1 where a row or a column is one of the image's.
Signal inside(Module& m, const std::string& name, const Signal& place, int count, int most,
              int pad) {
  if (pad == 0 && most < count) return m.constant(1, 1);
  return m.net(name, less(place, m.constant(place.width(), count)));
}

/// Where the beats of a pixel are: an address, and whether it is in the image.
struct Place {
  Signal address, is_inside;
};

Place place_of(Module& m, const WindowSpec& spec, const Turn& turn, const Signal& steps, int rows) {
  const int beats = spec.pixel_beats();
  const int row_beats = spec.width * beats;
  const int back = (spec.kernel - 1) * spec.dilation;  // to the first pixel of a row of the kernel
  const int d = spec.dilation;
  const int s = spec.stride;
  const int bits = rtl::address_bits(rows * row_beats);
  const int last_x = (spec.out_width() - 1) * s;
  const int last_y = (spec.out_height() - 1) * s;
  const int home_x = -back - last_x;
  m.section("The row of the buffer, the place in the row, and the pixel's coordinates");
  const Signal row = walk(m,
                          {"row",
                           bits,
                           -spec.pad_top * row_beats,
                           rows * row_beats,
                           {0, 0, d * row_beats, -back * row_beats, (s - back) * row_beats,
                            (spec.height - back - last_y) * row_beats}},
                          turn, steps);
  // Within a pixel it is one on; where the pixel ends it is in the last of its beats.
  const int end = 1 - beats;
  const Signal offset = walk(m,
                             {"offset",
                              bits,
                              -spec.pad_left * beats,
                              0,
                              {1, end + d * beats, end - back * beats, end + (s - back) * beats,
                               end + home_x * beats, end + home_x * beats}},
                             turn, steps);
  const int most_x = last_x - spec.pad_left + back;
  const int most_y = last_y - spec.pad_top + back;
  const auto coordinate_bits = [](int count, int most, int pad) {
    return bit_length(BigInt(std::max(count, most) + pad));
  };
  const Signal x = walk(m,
                        {"pixel_x",
                         coordinate_bits(spec.width, most_x, spec.pad_left),
                         -spec.pad_left,
                         0,
                         {0, d, -back, s - back, home_x, home_x}},
                        turn, steps);
  const Signal y = walk(m,
                        {"pixel_y",
                         coordinate_bits(spec.height, most_y, spec.pad_top),
                         -spec.pad_top,
                         0,
                         {0, 0, d, -back, s - back, -back - last_y}},
                        turn, steps);
  const Signal in_row = inside(m, "is_in_row", x, spec.width, most_x, spec.pad_left);
  const Signal in_column = inside(m, "is_in_column", y, spec.height, most_y, spec.pad_top);
  return {m.net("address", row + offset), m.net("is_inside", in_row & in_column)};
}

/// A number for each row of windows: the commonest, and the others by a case.
Signal by_row(Module& m, const std::string& name, const std::vector<int>& values, int width,
              const Signal& y) {
  std::map<int, int> counts;
  for (const int value : values) ++counts[value];
  const auto commonest =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const Signal usual = m.constant(width, commonest->first);
  std::vector<std::pair<Signal, Signal>> others;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (values[k] == commonest->first) continue;
    others.emplace_back(m.constant(y.width(), static_cast<int>(k)), m.constant(width, values[k]));
  }
  return others.empty() ? usual : m.net(name, select_case(y, others, usual));
}

/// Drives `has_rows`, a register: the rows that the next windows read are there. What a row of
/// windows needs is chosen while the one before it leaves, so that choices and comparisons end in
/// registers. `row_comes`: one more is there. Rows that are done, where a row of windows ends.
Signal frees_of(Module& m, const std::vector<RowNeeds>& needs, const Loops& loops,
                const Signal& has_rows, const Signal& row_comes, int count_bits) {
  const std::size_t rows = needs.size();
  const auto kept = [&](const std::string& name, const auto& number_of) {
    std::vector<int> next;
    for (std::size_t y = 0; y < rows; ++y) next.push_back(number_of((y + 1) % rows));
    const bool is_constant =
        std::all_of(next.begin(), next.end(), [&](int value) { return value == next[0]; });
    if (is_constant) return m.constant(count_bits, next[0]);
    const Signal q = m.reg(name + "_q", count_bits,
                           {.enable = loops.row_ends, .reset_value = number_of(std::size_t{0})});
    m.drive(q, by_row(m, name, next, count_bits, loops.y.value));
    return q;
  };
  const Signal wanted = kept("rows_wanted", [&](std::size_t y) { return needs[y].held; });
  const Signal next_wanted = kept("rows_wanted_next", [&](std::size_t y) {
    return needs[y].freed + needs[(y + 1) % rows].held;
  });
  const Signal done = kept("rows_done", [&](std::size_t y) { return needs[y].freed; });
  const Signal frees = m.net("frees", done & replicate(loops.row_ends, count_bits));
  const Signal held = m.reg("rows_held_q", count_bits);
  const Signal more = m.net("rows_held_and_new", held + zero_extend(row_comes, count_bits));
  m.drive(held, m.net("rows_held_d", more - frees));
  m.drive(has_rows,
          m.net("has_rows_d", mux(loops.row_ends, ~less(more, next_wanted), ~less(more, wanted))));
  return frees;
}

void describe(Module& m, const WindowSpec& spec) {
  BlockHeader header(m, "the windows of an image as a stream of their terms");
  header.equation(
      fmt::format("y[oy][ox][ky][kx][c] = x[{0} oy + {1} ky - {2}][{0} ox + {1} kx - {3}][c]",
                  spec.stride, spec.dilation, spec.pad_top, spec.pad_left));
  header.entry("Formats",
               fmt::format("x, y: {} = {}", spec.format.name(), spec.format.description()));
  header.entry("Sizes", fmt::format("image of {} rows, {} columns and {} channels; {} x {} windows "
                                    "of {} x {} pixels; 0 beyond the image",
                                    spec.height, spec.width, spec.channels, spec.out_height(),
                                    spec.out_width(), spec.kernel, spec.kernel));
  header.entry("Input",
               fmt::format("x: {} channels of a pixel a beat, {} beats a pixel, row by row",
                           spec.lanes, spec.pixel_beats()));
  header.entry("Output",
               fmt::format("y: the same, {} beats a window, y_last_o on the last", spec.beats()));
  header.entry("Buffer", fmt::format("{} rows", window_rows(spec)));
  header.entry("Timing", "one beat a cycle where no stream waits and the rows come in time");
  header.stream_entries();
}

}  // namespace

int window_rows(const WindowSpec& spec) {
  const std::vector<RowNeeds> needs = row_needs(spec);
  int rows = 2;
  for (std::size_t k = 0; k < needs.size(); ++k) {
    rows = std::max(rows, needs[k].freed + needs[(k + 1) % needs.size()].held);
    rows = std::max(rows, needs[k].held + 1);
  }
  return rows;
}

std::shared_ptr<Module> window(const WindowSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  describe(m, spec);
  m.clocked(rtl::Reset::kAsyncLow);
  const int data_bits = spec.lanes * spec.format.bits();
  const Stream x = input_stream(m, "x", {.data_bits = data_bits});
  const int rows = window_rows(spec);
  const int row_beats = spec.width * spec.pixel_beats();
  m.section("Rows come into the buffer while one is free");
  const int count_bits = bit_length(BigInt(rows));
  const Signal rows_taken = m.reg("rows_taken_q", count_bits);
  m.drive(x.ready, ~equal(rows_taken, m.constant(count_bits, rows)));
  const Signal takes = m.net("takes", moves(x));
  const rtl::Counter in_row = rtl::counter(m, "in_beat", row_beats, takes);
  const rtl::Counter in_place = rtl::counter(m, "in_place", rows * row_beats, takes);
  const Signal row_comes = m.net("row_comes", takes & in_row.last);

  m.section("Windows leave once all their rows are there");
  const Signal go = m.wire("go", 1);
  const Signal has_rows = m.reg("has_rows_q", 1);
  const Loops loops = loops_of(m, spec, m.net("steps", has_rows & go));
  const Signal frees = frees_of(m, row_needs(spec), loops, has_rows,
                                delayed(m, "row_came", row_comes, 1), count_bits);
  // What ends with a beat, then what that adds to its place, each in a register.
  Turn turn{.go = go};
  for (std::size_t i = 0; i < 5; ++i) {
    turn.ends[i] = delayed(m, kEndNames[i], loops.ends()[i], 1, false, go);
  }
  const Signal valid = delayed(m, "valid", loops.steps, kPlaceEdges, true, go);
  const Place place = place_of(m, spec, turn, m.net("place_steps", valid & go), rows);

  m.section("Address, word, and a register behind it");
  const int buffer = m.memory(
      "rows",
      {.depth = rows * row_beats, .width = data_bits, .collision = rtl::Collision::kAnything});
  m.write(buffer, takes, in_place.value, x.data);
  // A row is free once its last word has been read, later than the windows left it.
  const Signal read = m.net("rows_read", delayed(m, "frees", frees, kPlaceEdges + 1, true, go) &
                                             replicate(go, count_bits));
  m.drive(rows_taken,
          m.net("rows_taken_d", rows_taken + zero_extend(row_comes, count_bits) - read));
  const Signal address = delayed(m, "address", place.address, 1, false, go);
  const Signal word = m.read(buffer, "word", address, go, true);
  const Signal is_inside = delayed(m, "is_inside", place.is_inside, kWordEdges, false, go);
  const Signal last = delayed(m, "last", loops.window_ends, kPlaceEdges + kWordEdges, true, go);
  const Signal data = m.net("data", word & replicate(is_inside, data_bits));
  const Signal offered = delayed(m, "offered", valid, kWordEdges, true, go);
  output_stream(m, "y", skid(m, "y", {offered, go, data, last}));
  return module;
}

}  // namespace fewbit::blocks
