// Reading requests and writing answers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/tests/oracles/serve.h"

#include <algorithm>
#include <iostream>
#include <sstream>

namespace fewbit::oracles {
namespace {

/// Operands have one letter; every other field is an option.
bool is_operand(const std::string& name) { return name.size() == 1; }

bool read_codes(std::vector<std::uint64_t>& codes) {
  const auto bytes = static_cast<std::streamsize>(codes.size() * sizeof(codes[0]));
  std::cin.read(reinterpret_cast<char*>(codes.data()), bytes);
  return std::cin.gcount() == bytes;
}

bool read_request(const std::string& header, Request& request, std::size_t& count) {
  std::istringstream words(header);
  if (!(words >> request.op >> count)) return false;
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return false;
    request.fields[word.substr(0, equals)] = word.substr(equals + 1);
  }
  for (const auto& [name, value] : request.fields) {
    if (!is_operand(name)) continue;
    request.operands.emplace_back(count);
    if (!read_codes(request.operands.back())) return false;
  }
  return !request.operands.empty();
}

std::vector<std::uint64_t> answer_all(const Answer& answer, const Request& request,
                                      std::size_t count) {
  std::vector<std::uint64_t> results(count);
  std::vector<std::uint64_t> codes(request.operands.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < codes.size(); ++k) codes[k] = request.operands[k][i];
    results[i] = answer(codes);
  }
  return results;
}

}  // namespace

std::string Request::field(const std::string& name) const {
  const auto it = fields.find(name);
  return it == fields.end() ? "" : it->second;
}

std::optional<std::size_t> Request::position(const std::string& operand) const {
  const auto it = fields.find(operand);
  if (it == fields.end()) return std::nullopt;
  return std::count_if(fields.begin(), it, [](const auto& x) { return is_operand(x.first); });
}

int serve(int argc, char** argv, const std::string& version,
          const std::function<Result<Answer>(const Request&)>& prepare) {
  if (argc == 2 && std::string(argv[1]) == "--version") {
    std::cout << version << "\n";
    return 0;
  }
  std::ios::sync_with_stdio(false);
  for (std::string header; std::getline(std::cin, header);) {
    Request request;
    std::size_t count = 0;
    if (!read_request(header, request, count)) {
      std::cerr << "cannot read the request: " << header << "\n";
      return 2;
    }
    const Result<Answer> answer = prepare(request);
    if (!answer.ok()) {
      std::cout << "error " << answer.error().message() << std::endl;
      continue;
    }
    const std::vector<std::uint64_t> results = answer_all(*answer, request, count);
    std::cout << "ok\n";
    std::cout.write(reinterpret_cast<const char*>(results.data()),
                    static_cast<std::streamsize>(count * sizeof(results[0])));
    std::cout.flush();
  }
  return 0;
}

}  // namespace fewbit::oracles
