// fewbit quant search in words: its budget, and the result.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/cli/console.h"
#include "fewbit/flows/study/quant/search.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

class SearchOptions {
 public:
  void declare(CLI::App& app);
  [[nodiscard]] Result<study::SearchRequest> request(const std::string& weights,
                                                     const std::string& activations,
                                                     const std::string& database) const;

 private:
  std::string luts_, bits_, target_, refinements_;
};

/// Formats of all layers, then both choices; the same as a document. `network`: its file.
void print_search(const std::string& network, const study::SearchResult& result,
                  const Console& console);

}  // namespace fewbit::cli
