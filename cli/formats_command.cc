// fewbit formats: the catalogue of named formats, and how to name any other.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/format_facts.h"
#include "cli/text.h"
#include "gen/spec/format.h"

namespace fewbit::cli {
namespace {

constexpr char kGrammar[] =
    "Any other format:\n"
    "  int<N>, uint<N>                two's complement or unsigned, N 1..32 (also s<N>, u<N>)\n"
    "  [u]e<x>m<y>[b<bias>]<coding>   [no sign] x exponent bits 1..8, y fraction bits 0..23, bias\n"
    "                                 0..1023 (default 2^(x-1)-1; fnuz 2^(x-1)); the coding is\n"
    "      f      every code is finite\n"
    "      fn     the all-ones magnitude is NaN, no infinity\n"
    "      fnuz   the code of minus zero is NaN, no infinity\n"
    "      ieee   the top exponent is infinity and NaN\n"
    "  binary<K>p<P><s|u><e|f>        P3109: K bits 3..16, precision P, signed or unsigned,\n"
    "                                 extended (with infinity) or finite\n"
    "Upper and lower case are the same. A bare name with several meanings (e4m3) is refused.\n";

std::string bias_text(const Format& format) {
  return format.is_int() ? "-" : std::to_string(format.as_float().bias);
}

class FormatsCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "formats"; }
  [[nodiscard]] std::string summary() const override {
    return "List the number formats and how they are named";
  }
  void declare(CLI::App& app) override {
    app.footer("Examples:\n  fewbit formats\n  fewbit formats --json");
  }
  Result<ExitCode> run(const Console& console) override {
    Table table({"name", "also", "bits", "s/e/f", "bias", "largest", "specials", "source"});
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const CatalogueEntry& entry : format_catalogue()) {
      const Format& format = entry.format;
      table.add({entry.name, fmt::format("{}", fmt::join(entry.aliases, " ")),
                 std::to_string(format.bits()), widths_text(format), bias_text(format),
                 format_facts(format).largest, specials_text(format), entry.source});
      nlohmann::ordered_json row{{"name", entry.name},
                                 {"aliases", entry.aliases},
                                 {"source", entry.source},
                                 {"format", facts_json(format)}};
      list.push_back(std::move(row));
    }
    console.print(table.to_text() + "\n" + kGrammar);
    console.document({{"formats", list}, {"grammar", kGrammar}});
    return ExitCode::kOk;
  }
};

}  // namespace

std::unique_ptr<Command> make_formats_command() { return std::make_unique<FormatsCommand>(); }

}  // namespace fewbit::cli
