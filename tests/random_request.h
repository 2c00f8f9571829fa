// Random legal requests over every operator and option of the registration.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/spec/strategy.h"

namespace fewbit::testing {

/// The words of a list with commas or semicolons.
inline std::vector<std::string> words_of(std::string list) {
  for (char& c : list) {
    if (c == ',' || c == ';') c = ' ';
  }
  std::vector<std::string> words;
  std::istringstream stream(list);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The formats that requests are made of.
struct RequestFormats {
  std::vector<std::string> narrow;  ///< operands; of six, five
  std::vector<std::string> wide;    ///< the sixth
  std::vector<std::string> results;
  std::vector<std::string> scales;    ///< besides e8m0
  std::vector<std::string> sums;      ///< a of requant
  std::vector<std::string> factors;   ///< b of requant
  std::vector<std::string> unpacked;  ///< a of convert, besides operands
  std::vector<std::string> zero_points;
};

inline RequestFormats usual_formats() {
  return {
      {"int3",   "uint3",      "int1",        "int5",        "int8",        "mxint8",      "e2m1",
       "e3m2",   "e2m3",       "e5m2",        "e4m3fn",      "e4m3fnuz",    "e1m2f",       "e3m0f",
       "ue2m2f", "e2m2ieee",   "binary5p2ue", "binary6p3se", "binary8p3se", "e4m3b11fnuz", "e4m3f",
       "uint8",  "int6_lsbm3", "binary4p1sf", "e3m2bm3f",    "binary7p4sf"},
      {"binary16", "bfloat16", "binary32", "int16", "e5m6f", "binary12p5se"},
      {"int4",     "uint5",       "int8",       "mxint8",     "e2m1",        "e3m2",
       "e4m3fn",   "e5m2",        "e4m3fnuz",   "e5m2fnuz",   "e3m0f",       "ue3m2f",
       "binary16", "binary6p3se", "bfloat16",   "binary32",   "binary8p1ue", "binary5p1sf",
       "ue4m3fn",  "binary8p4se", "e2m3b9ieee", "int20_lsbm7"},
      {"ue4m3fn", "binary8p1uf", "ue3m2f", "ue5m2ieee"},
      {"int12", "int32", "uint20_lsbm3"},
      {"int6", "uint9"},
      {"e8m0", "int70_lsbm20"},
      {"int4", "uint4", "uint5", "int8", "mxint8"},
  };
}

class RandomRequests {
 public:
  explicit RandomRequests(unsigned seed, RequestFormats formats = usual_formats())
      : formats_(std::move(formats)), random_(seed) {}

  /// A legal request for this operator.
  OperatorSpec next(const OperatorInfo& info) {
    for (int attempt = 0; attempt < 10000; ++attempt) {
      const Result<OperatorSpec> legal = make_operator_spec(request(info));
      if (!legal.ok()) continue;
      OperatorSpec spec = *legal;
      const std::vector<Strategy> strategies = strategies_of(spec);
      if (chance(2)) spec.strategy = strategies[random_() % strategies.size()];
      return spec;
    }
    FEWBIT_CHECK(false, "no legal request for {}", info.name);
  }

  /// A request for this operator, legal or not.
  OperatorRequest request(const OperatorInfo& info) {
    OperatorRequest r;
    r.op = info.name;
    r.fabric = static_cast<Fabric>(random_() % 3);
    const bool sums = info.has(Option::kTerms) && (!info.has(Option::kResult) || chance(3));
    for (const Option option : info.options) fill(r, info, option, sums);
    return r;
  }

 private:
  std::string pick(const std::vector<std::string>& list) { return list[random_() % list.size()]; }
  bool chance(unsigned one_in) { return random_() % one_in == 0; }

  std::string operand() { return pick(chance(6) ? formats_.wide : formats_.narrow); }

  static std::vector<std::string> words(Option option) {
    return words_of(option_info(option).values);
  }

  static bool converts(const OperatorInfo& info) {
    return info.traits.reads_accumulator && !info.has(Option::kShiftBits);
  }

  void fill_a(OperatorRequest& r, const OperatorInfo& info) {
    r.a = operand();
    if (info.has(Option::kShiftBits)) r.a = pick(formats_.sums);
    if (converts(info) && chance(8)) r.a = pick(formats_.unpacked);
  }

  void fill_result(OperatorRequest& r, const OperatorInfo& info, bool sums) {
    if (info.expression.kind == Expression::Kind::kAffine) {
      r.result = "uint" + std::to_string(1 + random_() % 8);
      return;
    }
    if (!sums && (info.traits.needs_result || !chance(4))) r.result = pick(formats_.results);
    if (converts(info) && chance(10)) r.result = "e8m0";
  }

  void fill(OperatorRequest& r, const OperatorInfo& info, Option option, bool sums) {
    switch (option) {
      case Option::kA:
        fill_a(r, info);
        break;
      case Option::kB:
        if (info.needs_b()) r.b = operand();
        if (info.has(Option::kShiftBits) && chance(2)) r.b = pick(formats_.factors);
        break;
      case Option::kC:
        if (chance(2) && !(sums && info.with_addend)) r.c = operand();
        break;
      case Option::kScale:
        if (chance(2)) r.scale = pick(formats_.scales);
        break;
      case Option::kLanes:
        r.lanes = 1 + random_() % 5;
        break;
      case Option::kShiftBits:
        r.shift_bits = 1 + random_() % 6;
        break;
      case Option::kZeroPoint:
        if (chance(3)) r.zero_point = pick(formats_.zero_points);
        break;
      case Option::kResult:
        fill_result(r, info, sums);
        break;
      default:
        fill_rules(r, option, sums);
    }
  }

  void fill_random_bits(OperatorRequest& r) {
    const bool has_some = r.rounding.rfind("stochastic", 0) == 0 || r.op == "squant";
    if (has_some && chance(2)) r.random_bits = 1 + random_() % 12;
  }

  /// How it is rounded, or summed.
  void fill_rules(OperatorRequest& r, Option option, bool sums) {
    switch (option) {
      case Option::kRounding:
        if (!sums && r.result != "exact" && chance(2)) r.rounding = pick(words(option));
        break;
      case Option::kRandomBits:
        fill_random_bits(r);
        break;
      case Option::kOverflow:
        if (chance(2)) r.overflow = pick(words(option));
        break;
      case Option::kTerms:
        if (sums && chance(2)) r.terms = 1 + random_() % 100;
        break;
      case Option::kAccWidth:
        if (sums && !r.terms) r.acc_width = 8 + random_() % 120;
        break;
      case Option::kInterleave:
        if (chance(3)) r.interleave = 1 + random_() % 8;
        break;
      case Option::kAccLsb:
        if (!sums || !chance(3)) break;
        r.acc_lsb = static_cast<long long>(random_() % 24) - 16;
        if (chance(2)) r.rounding = pick(words(Option::kRounding));
        break;
      default:
        fill_frame(r, option);
    }
  }

  /// What is around it, and what one word says. The strategy is picked by next() among those that
  /// serve the request.
  void fill_frame(OperatorRequest& r, Option option) {
    static const std::set<Option> kOfOneWord = {Option::kSubnormals, Option::kScalePolicy,
                                                Option::kNan,        Option::kHandshake,
                                                Option::kReset,      Option::kDsp};
    if (option == Option::kOutputs) {
      if (chance(3)) r.outputs = 1 + random_() % 3;
    } else if (option == Option::kLatency) {
      if (chance(3)) r.latency = random_() % 9;
    } else if (option == Option::kTagBits) {
      if (chance(4)) r.tag_bits = random_() % 65;
    } else if (kOfOneWord.contains(option)) {
      if (chance(3)) r.*option_info(option).text = pick(words(option));
    }
  }

  RequestFormats formats_;
  std::mt19937 random_;
};

}  // namespace fewbit::testing
