// Requests for the grid, and the designs that answer them.
// SPDX-License-Identifier: Apache-2.0
#include "sim/verify/grid.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace fewbit::verify {
namespace {

OperatorRequest grid_request(const std::string& name, const Format& a, const Format& b,
                             const char* arch) {
  OperatorRequest request;
  request.op = name == "mac" ? "mac" : "mul";
  request.a = a.name();
  request.b = b.name();
  request.arch = arch;
  if (name == "mul_rounded") request.result = a.name();
  if (name == "mac") request.terms = 1024;
  return request;
}

}  // namespace

const std::vector<std::string>& grid_operators() {
  static const std::vector<std::string> kOperators = {"mac", "mul", "mul_rounded"};
  return kOperators;
}

Result<std::vector<Subject>> grid_subjects(
    int min_bits, int max_bits, const std::vector<std::string>& operators,
    const std::function<rtl::EmittedDesign(const OperatorSpec&)>& emit, int jobs) {
  const std::vector<Format> formats = paper_formats(min_bits, max_bits);
  std::vector<Subject> subjects;
  for (const std::string& name : operators) {
    const std::vector<std::string>& known = grid_operators();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Error{"--ops", name, fmt::format("{}", fmt::join(known, ", ")), ""};
    }
    for (const Format& a : formats) {
      for (const Format& b : formats) {
        for (const char* arch : {"generic", "optimized"}) {
          FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(grid_request(name, a, b, arch)));
          subjects.push_back(
              {spec, {}, {}, fmt::format("{} {} {} {}", name, a.name(), b.name(), arch)});
        }
      }
    }
  }
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < std::max(1, jobs); ++i) {
    workers.emplace_back([&] {
      for (std::size_t k = next++; k < subjects.size(); k = next++) {
        subjects[k].design = emit(subjects[k].spec);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  return subjects;
}

}  // namespace fewbit::verify
