// fewbit report: a page of charts of a results database.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/flows/report/page.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/sweep/report_figures.h"

namespace fewbit::cli {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "report"; }
  [[nodiscard]] std::string summary() const override {
    return "Write a page of charts of a results database";
  }
  void declare(CLI::App& app) override {
    app.add_option("DB", database_,
                   "Results database of fewbit sweep, fewbit quant grid and fewbit build");
    app.add_option("-o,--output", folder_, "Folder for index.html; default: build/report");
    app.footer(
        "The page needs no server and no network.\n\nExamples:\n  fewbit report results.sqlite -o "
        "report");
  }
  Result<ExitCode> run(const Console& console) override {
    if (database_.empty()) return Error{"DB", "", "a results database of fewbit sweep", ""};
    FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database_, store::Access::kRead));
    FEWBIT_ASSIGN_OR_RETURN(results, store.rows());
    FEWBIT_ASSIGN_OR_RETURN(accuracies, store.rows<store::AccuracyRow>());
    FEWBIT_ASSIGN_OR_RETURN(networks, store.rows<store::NetworkRow>());
    if (results.empty() && accuracies.empty() && networks.empty()) {
      return Error{"DB", database_, "a results database with at least one row", ""};
    }
    const std::vector<report::Row> rows = study::with_figures(results);
    FEWBIT_ASSIGN_OR_RETURN(page, report::make_page(fs::path(database_).filename().string(), rows,
                                                    accuracies, networks));
    const std::size_t bytes = page.size();
    FEWBIT_RETURN_IF_ERROR(write_files(folder_, {{"index.html", std::move(page)}}));
    const std::string path = (fs::path(folder_) / "index.html").string();
    const auto failed = std::count_if(results.begin(), results.end(),
                                      [](const auto& row) { return row.status != "ok"; });
    console.print(fmt::format(
        "{}: {} results, {} of them failed, {} accuracies, {} networks, {:.1f} MB\n", path,
        rows.size(), failed, accuracies.size(), networks.size(), static_cast<double>(bytes) / 1e6));
    console.document({{"page", path},
                      {"results", rows.size()},
                      {"failed", failed},
                      {"accuracies", accuracies.size()},
                      {"networks", networks.size()},
                      {"bytes", bytes}});
    return ExitCode::kOk;
  }

 private:
  std::string database_;
  std::string folder_ = "build/report";
};

}  // namespace

std::unique_ptr<Command> make_report_command() { return std::make_unique<ReportCommand>(); }

}  // namespace fewbit::cli
