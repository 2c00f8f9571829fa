// Console: text or one JSON document on stdout; messages and progress on stderr; the exit codes.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/console.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "fewbit/cli/terminal.h"
#include "fewbit/cli/version.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/utf8.h"

namespace fewbit::cli {
namespace {

/// Raised where a field of a document goes, or means something else; not for new ones.
constexpr int kJsonSchema = 1;

}  // namespace

void Console::print(const std::string& text) const {
  if (json_) return;
  std::fputs(fitted(printable(text, true), terminal_columns(1)).c_str(), stdout);
}

void Console::data(const std::string& text) const {
  if (!json_) std::fwrite(text.data(), 1, text.size(), stdout);
}

void Console::document(const nlohmann::ordered_json& document) const {
  if (!json_ || std::exchange(has_document_, true)) return;
  nlohmann::ordered_json whole = document;
  if (document.is_object()) {  // a table is a list of its rows alone
    whole = {{"fewbit", described_version()}, {"schema", kJsonSchema}};
    whole.update(document);
  }
  std::fputs((json_text(whole, 2) + "\n").c_str(), stdout);
}

void Console::note(const std::string& text) const {
  if (!is_quiet()) warn(text);
}

void Console::warn(const std::string& text) const {
  const std::string line = "fewbit: " + printable(text, true) + "\n";
  std::fputs(fitted(line, terminal_columns(2)).c_str(), stderr);
}

ExitCode Console::fail(const Error& error) const {
  warn(error.message());
  document({{"error",
             {{"field", error.field},
              {"value", error.value},
              {"legal", error.legal},
              {"detail", error.detail},
              {"message", error.message()}}}});
  return ExitCode::kBadRequest;
}

ExitCode Console::finish(ExitCode code) const {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  warn(Error{"stdout", "standard output", "a file or pipe with room for the result", ""}.message());
  return ExitCode::kBadRequest;
}

}  // namespace fewbit::cli
