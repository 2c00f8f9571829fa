// Arrays: what the tables say is what the model says, on all codes, around every rounding boundary
// and on random numbers.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <set>

#include "fewbit/sim/arrays/conversion.h"
#include "fewbit/sim/arrays/dot_product.h"
#include "fewbit/sim/arrays/operation.h"

namespace fewbit::arrays {
namespace {

/// Random numbers of all comparisons together; FEWBIT_ARRAYS_NUMBERS asks for more.
std::size_t random_count() {
  const char* text = std::getenv("FEWBIT_ARRAYS_NUMBERS");
  return text == nullptr ? 2000000 : std::strtoull(text, nullptr, 10);
}

const RoundingMode kModes[] = {
    RoundingMode::kTiesToEven,         RoundingMode::kTiesToAway,        RoundingMode::kTowardZero,
    RoundingMode::kTowardPositive,     RoundingMode::kTowardNegative,    RoundingMode::kToOdd,
    RoundingMode::kTiesTowardPositive, RoundingMode::kTiesTowardNegative};

/// Every value of the format, the midpoints between neighbours, both neighbours of each among the
/// Floats, and what is special in a Float.
template <typename Float>
std::vector<Float> numbers_around(const Format& format) {
  std::set<double> values;
  for (std::uint32_t code = 0; code >> format.bits() == 0; ++code) {
    const auto value = exact<double>(model::decode(format, BigInt(code)));
    if (value && std::isfinite(*value)) values.insert(*value);
  }
  using Limits = std::numeric_limits<Float>;
  std::vector<Float> numbers = {Limits::infinity(), -Limits::infinity(),  Limits::quiet_NaN(),
                                Limits::max(),      Limits::denorm_min(), -Limits::max(),
                                Float(-0.0),        Limits::min(),        -Limits::quiet_NaN()};
  const auto add = [&numbers](double x) {
    const auto number = static_cast<Float>(x);
    numbers.push_back(number);
    numbers.push_back(std::nextafter(number, Limits::infinity()));
    numbers.push_back(std::nextafter(number, -Limits::infinity()));
  };
  double before = -2 * *values.rbegin();
  for (const double value : values) {
    add(value);
    add(before / 2 + value / 2);
    before = value;
  }
  add(*values.rbegin() * 2);
  add(*values.rbegin() + (*values.rbegin() - *std::next(values.rbegin())) / 2);
  return numbers;
}

/// Bit patterns, so that every exponent comes up.
template <typename Float>
std::vector<Float> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<Float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto bits = static_cast<typename Machine<Float>::Bits>(random());
    // Half of them in the range of small formats.
    numbers[i] = std::bit_cast<Float>(bits);
    if (i % 2 == 0)
      numbers[i] = std::ldexp(std::remainder(numbers[i], Float(2)), int(random() % 40) - 20);
  }
  return numbers;
}

/// Compares codes and values of the table with the model's.
template <typename Float>
void compare(const Format& format, const model::Projection& projection,
             const std::vector<Float>& numbers) {
  const auto conversion = Conversion<Float>::make(format, projection);
  ASSERT_TRUE(conversion) << format.name() << " " << to_string(projection.rounding);
  std::vector<std::uint16_t> codes(numbers.size());
  conversion->run(numbers.data(), numbers.size(), codes.data());
  std::vector<Float> values(numbers.size());
  if (conversion->has_values()) conversion->run(numbers.data(), numbers.size(), values.data());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const BigInt expected = model::encode(format, datum_of(numbers[i]), projection);
    ASSERT_EQ(codes[i], expected) << format.name() << " " << to_string(projection.rounding) << " "
                                  << to_string(projection.overflow) << " " << numbers[i];
    if (!conversion->has_values()) continue;
    const auto value = exact<Float>(model::decode(format, expected));
    ASSERT_TRUE(value);
    ASSERT_EQ(std::isnan(*value), std::isnan(values[i]));
    if (std::isnan(*value)) continue;
    ASSERT_EQ(*value, values[i]);
    ASSERT_EQ(std::signbit(*value), std::signbit(values[i]));
  }
}

std::vector<Format> small_formats() {
  std::vector<Format> formats = paper_formats(3, 8);
  for (const CatalogueEntry& entry : format_catalogue()) {
    if (entry.format.bits() <= 8 && !entry.format.is_bipolar()) formats.push_back(entry.format);
  }
  return formats;
}

TEST(Conversion, SmallFormatsAroundEveryBoundary) {
  std::size_t compared = 0;
  for (const Format& format : small_formats()) {
    const std::vector<float> narrow = numbers_around<float>(format);
    const std::vector<double> wide = numbers_around<double>(format);
    for (const RoundingMode mode : kModes) {
      const model::Projection projection{.rounding = mode,
                                         .overflow = default_result_overflow(format)};
      compare(format, projection, narrow);
      compare(format, projection, wide);
      compared += narrow.size() + wide.size();
      if (HasFatalFailure()) return;
    }
  }
  RecordProperty("compared", static_cast<int>(compared));
}

TEST(Conversion, EveryOverflowAndFlush) {
  for (const char* name :
       {"e4m3fn", "e5m2", "e2m1", "e4m3fnuz", "ue4m3", "e8m0", "int5", "uint4"}) {
    const Format format = parse_format(name).value();
    for (const OverflowMode overflow :
         {OverflowMode::kSaturate, OverflowMode::kInfinity, OverflowMode::kNan,
          OverflowMode::kPropagate, OverflowMode::kSaturateNan, OverflowMode::kSatNone}) {
      for (const bool flush : {false, true}) {
        compare(format, {.overflow = overflow, .flush_subnormals = flush},
                numbers_around<float>(format));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Conversion, WideFormatsAroundEveryBoundary) {
  for (const char* name : {"bfloat16", "binary16", "int16", "uint12", "e6m9ieee"}) {
    const Format format = parse_format(name).value();
    compare(format, {}, numbers_around<float>(format));
    compare(format, {.rounding = RoundingMode::kToOdd}, numbers_around<double>(format));
    if (HasFatalFailure()) return;
  }
}

TEST(Conversion, RandomNumbers) {
  const std::vector<Format> formats = small_formats();
  const std::size_t each = random_count() / (2 * formats.size());
  ASSERT_GT(each, 1000U);
  unsigned seed = 0;
  for (const Format& format : formats) {
    const model::Projection projection{.rounding = kModes[seed % std::size(kModes)],
                                       .overflow = default_result_overflow(format)};
    compare(format, projection, random_numbers<float>(each, ++seed));
    compare(format, projection, random_numbers<double>(each, ++seed));
    if (HasFatalFailure()) return;
  }
}

TEST(Conversion, NoTableWhereStepsAreNone) {
  const Format format = parse_format("e4m3fn").value();
  EXPECT_FALSE(Conversion<float>::make(format, {.rounding = RoundingMode::kStochasticA}));
  EXPECT_FALSE(
      Conversion<float>::make(parse_format("int8").value(), {.overflow = OverflowMode::kWrap}));
  EXPECT_FALSE(Conversion<float>::make(parse_format("binary32").value(), {}));
  EXPECT_FALSE(Conversion<float>::make(parse_format("bipolar").value(), {}));
}

OperatorSpec spec_of(OperatorRequest request) { return make_operator_spec(request).value(); }

TEST(Operation, TablesAndModelAreOne) {
  const OperatorSpec specs[] = {
      spec_of({.op = "mul", .a = "e4m3fn", .b = "e2m1", .result = "e5m2"}),
      spec_of({.op = "add", .a = "e5m2", .b = "e5m2", .result = "e4m3fn"}),
      spec_of({.op = "mul", .a = "e5m2", .b = "int4"}),  // exact, with flags
      spec_of({.op = "fma", .a = "e2m1", .b = "e2m1", .c = "e3m2f", .result = "e3m2f"}),
      spec_of({.op = "dot", .a = "e2m1", .b = "int3", .lanes = 2})};
  for (const OperatorSpec& spec : specs) {
    const Operation operation = Operation::make(spec).value();
    ASSERT_TRUE(operation.has_table());
    const model::Function function(spec);
    const std::size_t count = std::size_t{1} << operand_bits(spec);
    std::vector<std::vector<std::uint64_t>> columns;
    std::vector<Operand> pointers;
    int place = 0;
    for (const OperandPort& port : operation.ports()) {
      std::vector<std::uint64_t>& column = columns.emplace_back();
      for (std::size_t n = 0; n < count; ++n) {
        for (int lane = 0; lane < port.lanes; ++lane) {
          column.push_back(n >> (place + lane * port.format.bits()) &
                           ((1U << port.format.bits()) - 1));
        }
      }
      place += port.bits();
    }
    for (const auto& column : columns) pointers.push_back(column.data());
    const Results results = operation.run(pointers, nullptr, count, [] { return false; });
    for (std::size_t n = 0; n < count; ++n) {
      model::Operands operands;
      int at = 0;
      for (const OperandPort& port : operation.ports()) {
        operands.emplace_back(n >> at & ((std::size_t{1} << port.bits()) - 1));
        at += port.bits();
      }
      const model::Outputs expected = function(operands);
      if (expected.result_defined) {
        ASSERT_EQ(results.result[n], expected.result) << spec.command() << n;
      }
      if (!results.nan.empty()) {
        ASSERT_EQ(results.nan[n] != 0, expected.nan);
      }
      if (!results.pinf.empty()) {
        ASSERT_EQ(results.pinf[n] != 0, expected.pinf);
      }
    }
  }
}

TEST(DotProduct, EqualToTheModel) {
  std::mt19937 random(7);
  const OperatorSpec specs[] = {
      spec_of({.op = "dot", .a = "e4m3fn", .b = "e4m3fn", .result = "binary16", .lanes = 8}),
      spec_of({.op = "dot", .a = "e5m2", .b = "e2m1", .lanes = 4}),
      spec_of({.op = "dot",
               .a = "e2m1",
               .b = "int4",
               .result = "e4m3fn",
               .rounding = "toward_negative",
               .lanes = 3}),
      spec_of({.op = "dot", .a = "int8", .b = "uint8", .result = "int16", .lanes = 16}),
      spec_of({.op = "dot", .a = "int8", .b = "uint8", .lanes = 64}),
      spec_of({.op = "dot",
               .a = "e4m3fn",
               .b = "e5m2",
               .result = "e4m3fn",
               .subnormals = "flush",
               .lanes = 2})};
  for (const OperatorSpec& spec : specs) {
    const auto dot = DotProduct::make(spec);
    ASSERT_TRUE(dot) << spec.command();
    const auto lanes = static_cast<std::size_t>(spec.lanes);
    const std::size_t count = 4000;
    std::vector<std::uint16_t> a(count * lanes), b(count * lanes);
    for (std::size_t i = 0; i < a.size(); ++i) {
      // Rows of few lanes other than zero, so that sums of zero come up, and of all codes.
      const bool sparse = i / lanes % 4 == 0;
      a[i] = sparse && random() % 4 != 0
                 ? 0
                 : static_cast<std::uint16_t>(random() % (1U << spec.a.bits()));
      b[i] = static_cast<std::uint16_t>(random() % (1U << spec.b->bits()));
    }
    std::vector<std::uint64_t> result(count);
    std::vector<std::uint8_t> flags(count);
    dot->run(a.data(), b.data(), nullptr, count, result.data(), flags.data());
    const model::Function function(spec);
    for (std::size_t n = 0; n < count; ++n) {
      model::Operands operands(2);
      for (std::size_t lane = lanes; lane-- > 0;) {
        operands[0] = operands[0] << spec.a.bits() | BigInt(a[n * lanes + lane]);
        operands[1] = operands[1] << spec.b->bits() | BigInt(b[n * lanes + lane]);
      }
      const model::Outputs expected = function(operands);
      if (expected.result_defined) {
        ASSERT_EQ(result[n], expected.result) << spec.command() << " " << n;
      }
      ASSERT_EQ(flags[n],
                (expected.nan ? 1 : 0) | (expected.pinf ? 2 : 0) | (expected.ninf ? 4 : 0));
    }
  }
}

}  // namespace
}  // namespace fewbit::arrays
