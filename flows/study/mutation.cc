// Planted mistakes: see mutation.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/mutation.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "fewbit/flows/prove.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::study {
namespace {

constexpr unsigned kBitSeed = 1;
constexpr int kEquivalenceSeconds = 60;

/// The design with one mistake, under a module name of its own so that many fit one simulation.
verify::Subject mutant_of(const OperatorSpec& spec, const rtl::Mutation& mutation,
                          std::size_t number) {
  const std::string name = fmt::format("{}_mutant{}", spec.module_name(), number);
  const auto edit = [&](rtl::Module& module) { rtl::apply(module, mutation); };
  return {spec, ops::emit_variant(spec, name, edit), {}, mutation.text};
}

}  // namespace

Result<MutantTally> mutate(const OperatorSpec& spec, std::size_t limit, unsigned seed, int jobs) {
  const rtl::EmittedDesign design = ops::emit(spec);
  rtl::Module original(spec.module_name());
  ops::build(original, spec);
  std::vector<rtl::Mutation> mutations = rtl::mutations_of(original, kBitSeed);
  MutantTally tally{label_of(spec), mutations.size(), 0, 0, 0, {}};
  std::mt19937 random(seed);
  std::shuffle(mutations.begin(), mutations.end(), random);
  mutations.resize(std::min(mutations.size(), limit));
  std::vector<verify::Subject> subjects;
  for (std::size_t i = 0; i < mutations.size(); ++i) {
    subjects.push_back(mutant_of(spec, mutations[i], i));
  }
  tally.tried = subjects.size();
  verify::VerifyOptions options;
  options.jobs = jobs;
  FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects, options));
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    if (!reports[i].passed) {
      ++tally.killed;
      continue;
    }
    flows::ProofOptions proof;
    proof.seconds = kEquivalenceSeconds;
    FEWBIT_ASSIGN_OR_RETURN(part, flows::prove_equal(design, subjects[i].design, proof));
    if (part.proved) {
      ++tally.equivalent;
    } else {
      tally.survivors.push_back(fmt::format("{} ({})", subjects[i].label, part.detail));
    }
  }
  return tally;
}

Result<std::vector<OperatorSpec>> mutation_suite() {
  std::vector<OperatorSpec> specs;
  const auto add = [&](const OperatorRequest& request) -> Status {
    FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
    specs.push_back(spec);
    return Ok{};
  };
  for (const char* op : {"mul", "add", "mac", "dot"}) {
    for (const std::string& pair : split_commas(kDemoPairs)) {
      const std::size_t colon = pair.find(':');
      OperatorRequest request{.op = op, .a = pair.substr(0, colon), .b = pair.substr(colon + 1)};
      const bool is_float = request.a[0] == 'e';
      if (is_float && (request.op == "mul" || request.op == "add")) request.result = request.a;
      FEWBIT_RETURN_IF_ERROR(add(request));
    }
  }
  for (const char* result : {"int4", "int8", "e2m1", "e2m3", "e3m2", "e4m3f", "e4m3fn", "e5m2f"}) {
    FEWBIT_RETURN_IF_ERROR(add({.op = "convert", .a = "binary16", .result = result}));
  }
  return specs;
}

}  // namespace fewbit::study
