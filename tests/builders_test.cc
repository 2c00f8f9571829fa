// The optimized builders against the model, in the process: random requests over all operators and
// options.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/printer.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/vectors/operands.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/random_request.h"

namespace fewbit {
namespace {

/// One module and the operations that go through it.
class Run {
 public:
  explicit Run(const OperatorSpec& spec) : spec_(spec), module_(spec.module_name()) {
    ops::build(module_, spec);
    text_ = rtl::print(module_);  // checks and names
    evaluator_.emplace(module_);
    for (const OperandPort& port : operand_ports(spec)) ports_.push_back(port.name);
  }

  void set(const model::Operands& operands) {
    for (std::size_t i = 0; i < ports_.size(); ++i) evaluator_->set(ports_[i], operands[i]);
  }
  rtl::Evaluator& evaluator() { return *evaluator_; }
  /// Of the module, without its name.
  [[nodiscard]] std::string body() const { return text_.substr(text_.find('(')); }

  /// What differs from the model's outputs, or "".
  std::string difference(const model::Outputs& expected, const model::Operands& operands) {
    const SpecialFlags flags = special_flags(spec_);
    const std::optional<BlockPort> block = block_port(spec_);
    const std::string port = spec_.accumulates() ? "acc_o" : "result_o";
    const auto flag_differs = [&](bool present, const char* name, bool value) {
      return present && (evaluator_->get(name) != 0) != value;
    };
    const bool differs = (expected.result_defined && evaluator_->get(port) != expected.result) ||
                         (block && evaluator_->get(block->name) != expected.scale) ||
                         flag_differs(flags.nan, "nan_o", expected.nan) ||
                         flag_differs(flags.pinf, "pinf_o", expected.pinf) ||
                         flag_differs(flags.ninf, "ninf_o", expected.ninf);
    if (!differs) return "";
    std::string text = fmt::format("{} on {}:", spec_.command(), to_string(spec_.fabric));
    for (const BigInt& operand : operands) text += " 0x" + to_hex(operand);
    return text + fmt::format(": expected 0x{}, got 0x{}", to_hex(expected.result),
                              to_hex(evaluator_->get(port)));
  }

 private:
  const OperatorSpec& spec_;
  rtl::Module module_;
  std::string text_;
  std::optional<rtl::Evaluator> evaluator_;
  std::vector<std::string> ports_;
};

/// What is wrong with one design, on operations that depend on its request and `count` alone. Two
/// fabrics, or two strategies, often give one text: it is compared once for each request.
std::string compare_combinational(const OperatorSpec& spec, std::uint64_t count) {
  static std::set<std::string> compared;
  Run run(spec);
  OperatorSpec request = spec;
  request.fabric = Fabric::kIce40;
  request.strategy = Strategy::kExactFirst;
  if (!compared.insert(fmt::format("{} {} {}", request.command(), count, run.body())).second) {
    return "";
  }
  const model::Function function(spec);
  const vectors::OperandSequence sequence(spec, 1, count);
  const std::uint64_t step = std::max<std::uint64_t>(1, sequence.size() / count);
  for (std::uint64_t i = 0; i < sequence.size(); i += step) {
    const model::Operands operands = sequence[i];
    run.set(operands);
    run.evaluator().settle();
    const std::string difference = run.difference(function(operands), operands);
    if (!difference.empty()) return difference;
  }
  return "";
}

/// Always valid, always ready.
std::string compare_clocked(const OperatorSpec& spec, std::uint64_t count) {
  Run run(spec);
  const vectors::OperandSequence sequence(spec, 1, count);
  const std::uint64_t step = std::max<std::uint64_t>(1, sequence.size() / count);
  std::optional<model::Accumulator> sum;
  std::optional<model::Function> function;
  if (spec.accumulates()) {
    sum.emplace(spec);
  } else {
    function.emplace(spec);
  }
  run.evaluator().set("valid_i", 1);
  if (spec.handshake == Handshake::kValidReady) run.evaluator().set("ready_i", 1);
  std::vector<model::Outputs> expected;
  std::vector<model::Operands> applied;
  std::uint64_t since_first = 0;
  for (std::uint64_t i = 0; i < sequence.size(); i += step) {
    const model::Operands operands = sequence[i];
    run.set(operands);
    if (spec.accumulates()) {
      const auto limit = static_cast<std::uint64_t>(spec.terms > 0 ? spec.terms : 40);
      const bool first = since_first == 0;
      since_first = (since_first + 1) % limit;
      run.evaluator().set("first_i", first ? 1 : 0);
      expected.push_back(sum->step(first, operands));
    } else {
      expected.push_back((*function)(operands));
    }
    applied.push_back(operands);
    run.evaluator().clock();
    const auto latency = static_cast<std::size_t>(spec.latency());
    if (expected.size() < latency) continue;
    const std::size_t shown = expected.size() - latency;
    if (run.evaluator().get("valid_o") != 1) return spec.command() + ": valid_o is missing";
    const std::string difference = run.difference(expected[shown], applied[shown]);
    if (!difference.empty()) return difference;
  }
  return "";
}

constexpr Fabric kFabrics[] = {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx, Fabric::kAsic};

/// FEWBIT_BUILDERS_RUNS multiplies the number of requests, for longer campaigns.
int requests_per_operator() {
  const char* runs = std::getenv("FEWBIT_BUILDERS_RUNS");
  return 150 * (runs != nullptr ? std::atoi(runs) : 1);
}

/// Random requests are for FPGAs; the same for standard cells.
TEST(Builders, EveryOperatorOfStandardCellsEqualsTheModel) {
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(3);
    int failures = 0;
    for (int i = 0; i < requests_per_operator() / 2 && failures < 3; ++i) {
      OperatorSpec spec = requests.next(info);
      if (spec.dsp != Dsp::kNone || spec.strategy == Strategy::kBram) continue;
      spec.fabric = Fabric::kAsic;
      const std::string difference =
          spec.is_clocked() ? compare_clocked(spec, 400) : compare_combinational(spec, 400);
      EXPECT_EQ(difference, "") << "for standard cells";
      failures += difference.empty() ? 0 : 1;
    }
  }
}

TEST(Builders, EveryOperatorEqualsTheModel) {
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(1);
    int failures = 0;
    for (int i = 0; i < requests_per_operator() && failures < 3; ++i) {
      const OperatorSpec spec = requests.next(info);
      const std::string difference =
          spec.is_clocked() ? compare_clocked(spec, 400) : compare_combinational(spec, 400);
      EXPECT_EQ(difference, "");
      failures += difference.empty() ? 0 : 1;
    }
  }
}

/// Formats of 1 to 5 exponent and 1 to 4 fraction bits, in every coding.
std::vector<std::string> narrow_formats() {
  std::vector<std::string> formats;
  for (const std::string coding : {"f", "fn", "fnuz", "ieee"}) {
    for (int bits = 0; bits < 20; ++bits) {
      formats.push_back(fmt::format("e{}m{}{}", 1 + bits / 4, 1 + bits % 4, coding));
    }
  }
  return formats;
}

/// Every strategy but `exact_first` on every fabric, with all overflow modes and flushes. `count`
/// operations of each, corners crossed among them.
int compare_operators_of_one_format(const std::vector<std::string>& operators,
                                    const std::vector<std::string>& formats, std::uint64_t count) {
  int built = 0;
  const auto compare = [&](const OperatorRequest& request) {
    const auto spec = make_operator_spec(request);
    if (!spec.ok()) return;
    for (const Strategy strategy : strategies_of(*spec)) {
      if (strategy == Strategy::kExactFirst) continue;
      OperatorSpec one = *spec;
      one.strategy = strategy;
      for (const Fabric fabric : kFabrics) {
        one.fabric = fabric;
        EXPECT_EQ(compare_combinational(one, count), "");
        ++built;
      }
    }
  };
  for (const std::string& op : operators) {
    for (const std::string& format : formats) {
      for (const std::string subnormals : {"keep", "flush_inputs", "flush_outputs", "flush"}) {
        for (const std::string overflow :
             {"saturate", "infinity", "nan", "propagate", "saturate_nan"}) {
          compare({.op = op,
                   .a = format,
                   .b = format,
                   .result = format,
                   .overflow = overflow,
                   .subnormals = subnormals});
        }
      }
    }
  }
  return built;
}

/// FEWBIT_BUILDERS_RUNS makes them exhaustive.
std::uint64_t operations_of_one_format() { return requests_per_operator() > 150 ? 1 << 18 : 400; }

TEST(Builders, MultipliersOfOneFormatEqualTheModel) {
  EXPECT_GT(compare_operators_of_one_format({"mul"}, narrow_formats(), operations_of_one_format()),
            300);
}

TEST(Builders, AddersOfOneFormatEqualTheModel) {
  EXPECT_GT(
      compare_operators_of_one_format({"add", "sub"}, narrow_formats(), operations_of_one_format()),
      300);
}

/// More than 8 bits: more corners than operations of a narrow one, and exponents far apart.
TEST(Builders, WideAddersOfOneFormatEqualTheModel) {
  const std::vector<std::string> formats = {"binary16",  "bfloat16",  "binary32",  "e3m5f",
                                            "e4m8fn",    "e6m9fnuz",  "e9m1ieee",  "e3m20f",
                                            "e3m10ieee", "e4m20ieee", "e4m12fnuz", "e9m22f"};
  for (const std::string& format : formats) {
    const OperatorRequest request{.op = "add", .a = format, .b = format, .result = format};
    EXPECT_EQ(choose_strategy(make_operator_spec(request).value()), Strategy::kAligned) << format;
  }
  EXPECT_GT(
      compare_operators_of_one_format({"add", "sub"}, formats, 2 * operations_of_one_format()),
      400);
}

/// Where a network of cells is the default it is there: its catalogue says itself what it computes.
TEST(Builders, ProductOfE2m1OnFourInputCellsIsANetwork) {
  int built = 0;
  for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx}) {
    for (const std::string subnormals : {"keep", "flush_inputs", "flush"}) {
      const auto spec = make_operator_spec({.op = "mul",
                                            .a = "e2m1",
                                            .b = "e2m1",
                                            .result = "e2m1",
                                            .subnormals = subnormals,
                                            .fabric = fabric});
      ASSERT_TRUE(spec.ok()) << spec.error().message();
      rtl::Module module(spec->module_name());
      ops::build(module, *spec);
      const bool is_network = testing::GraphEdit(module).has("magnitude_cell_9");
      EXPECT_EQ(is_network, subnormals == "keep" && fabric != Fabric::kXilinx) << spec->command();
      built += is_network ? 1 : 0;
    }
  }
  EXPECT_EQ(built, 2);
}

/// Each way to make the rows of an exact product, for the cells of each family.
TEST(Builders, RowsOfEveryStrategyEqualTheModel) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"int4", "int4"},   {"uint4", "uint3"}, {"int2", "uint5"},  {"uint2", "int6"},
      {"e2m1", "e2m1"},   {"e2m3", "e3m2"},   {"ue2m2f", "e3m2"}, {"e4m3fn", "int3"},
      {"e1m5f", "uint6"}, {"int8", "int5"}};
  std::map<Strategy, int> built;
  for (const auto& [a, b] : pairs) {
    for (const std::string op : {"mul", "mac", "dot"}) {
      for (const Fabric fabric : kFabrics) {
        OperatorRequest request{.op = op, .a = a, .b = b, .fabric = fabric};
        if (op == "dot") request.lanes = 3;
        const OperatorSpec spec = make_operator_spec(request).value();
        for (const Strategy strategy : strategies_of(spec)) {
          OperatorSpec one = spec;
          one.strategy = strategy;
          SCOPED_TRACE(one.command() + " for " + std::string(to_string(fabric)));
          if (!one.is_clocked()) {
            EXPECT_EQ(compare_combinational(one, 600), "");
          } else {
            EXPECT_EQ(compare_clocked(one, 300), "");
            one.requested_latency = 5;
            EXPECT_EQ(compare_clocked(one, 300), "");
            one.requested_latency = one.least_latency();
            EXPECT_EQ(compare_clocked(one, 300), "");
          }
          ++built[strategy];
        }
      }
    }
  }
  for (const Strategy strategy :
       {Strategy::kConditionalRows, Strategy::kAndRows, Strategy::kBoothRows, Strategy::kPairRows,
        Strategy::kTripleRows, Strategy::kProductTable, Strategy::kLaneProducts}) {
    EXPECT_GE(built[strategy], 9) << to_string(strategy);
  }
}

/// Sums without a register before them and without low bits, of each shape that an addend has.
TEST(Builders, ShortSumsAndSumsWithoutLowBitsEqualTheModel) {
  const std::vector<OperatorRequest> requests = {
      {.op = "acc", .a = "e4m3fn"},
      {.op = "acc", .a = "int6"},
      {.op = "mac", .a = "e4m3fn", .b = "e5m2"},
      {.op = "mac", .a = "e2m1", .b = "e2m1"},
      {.op = "mac", .a = "int4", .b = "int5"},
      {.op = "mac", .a = "uint4", .b = "uint3"},
      {.op = "mac", .a = "e3m2", .b = "int4", .overflow = "saturate", .acc_width = 18},
      {.op = "dot", .a = "e2m2ieee", .b = "e3m2", .lanes = 3, .terms = 9},
      {.op = "dot", .a = "int4", .b = "uint4", .lanes = 2, .acc_width = 12},
      {.op = "mxdot", .a = "e2m1", .b = "int3", .scale = "ue2m1f", .lanes = 2, .terms = 9},
  };
  int built = 0;
  for (OperatorRequest request : requests) {
    const OperatorSpec plain = make_operator_spec(request).value();
    const int lsb = exact_range(plain).lsb_exponent;
    for (const Fabric fabric : kFabrics) {
      request.fabric = fabric;
      for (const char* handshake : {"valid", "valid_ready"}) {
        request.handshake = handshake;
        for (const char* rounding :
             {"", "toward_zero", "toward_positive", "toward_negative", "ties_to_even",
              "ties_to_away", "ties_toward_positive", "ties_toward_negative"}) {
          request.rounding = rounding;
          request.acc_lsb.reset();
          if (!request.rounding.empty()) request.acc_lsb = lsb + 1 + built % 3;
          for (const int latency : {1, 2, 4}) {
            request.latency = latency;
            const OperatorSpec spec = make_operator_spec(request).value();
            EXPECT_EQ(compare_clocked(spec, 200), "")
                << spec.command() << " for " << to_string(fabric);
            ++built;
          }
        }
      }
    }
  }
  EXPECT_EQ(built, 10 * 4 * 2 * 8 * 3);
}

/// Into an integer nothing is rounded: signs or high bits say what is out of range.
TEST(Builders, SumsOfIntegersIntoIntegersEqualTheModel) {
  const std::vector<std::string> formats = {"int2", "int4", "uint4", "int6", "int7", "uint7"};
  int built = 0;
  for (const std::string op : {"add", "sub"}) {
    for (const std::string& a : formats) {
      for (const std::string& b : formats) {
        for (const std::string& result : formats) {
          for (const std::string overflow : {"saturate", "wrap"}) {
            const auto spec = make_operator_spec(
                {.op = op, .a = a, .b = b, .result = result, .overflow = overflow});
            if (!spec.ok()) continue;
            EXPECT_EQ(compare_combinational(*spec, 4096), "");
            ++built;
          }
        }
      }
    }
  }
  EXPECT_EQ(built, 2 * 6 * 6 * 6 * 2);
}

TEST(Builders, SameRequestSameBytes) {
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(2);
    OperatorSpec spec = requests.next(info);
    for (const Architecture arch : {Architecture::kOptimized, Architecture::kGeneric}) {
      spec.arch = arch;
      const auto first = ops::output_files(ops::emit(spec));
      const auto second = ops::output_files(ops::emit(spec));
      ASSERT_EQ(first.size(), second.size());
      for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].name, second[i].name);
        EXPECT_EQ(first[i].text, second[i].text);
      }
    }
  }
}

}  // namespace
}  // namespace fewbit
