// The report: see page.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/report/page.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "fewbit/flows/store/export.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::embedded {
const std::vector<TextFile>& report_page();
const std::vector<TextFile>& chart_library();
}  // namespace fewbit::embedded

namespace fewbit::report {
namespace {

using Json = nlohmann::ordered_json;

/// visit(name, member) for every column of the page.
template <typename Visitor>
void visit_page_columns(const Row& row, Visitor&& visit) {
  store::visit_columns(row.result, [&](const char* name, const auto& member) {
    if (std::string_view(name) == "tools") {
      visit(name, json_text(store::tools_json(row.result.tools)));
    } else {
      visit(name, member);
    }
  });
  visit("accumulator", row.figures.accumulator);
  visit("range_db", row.figures.range_db);
  visit("gaussian_db", row.figures.gaussian_db);
  visit("laplacian_db", row.figures.laplacian_db);
}

template <typename T>
Json cell(const T& value) {
  return value;
}
template <typename T>
Json cell(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// The column itself, or its values and the index of each row's, where that is shorter.
Json packed(const Json& column) {
  std::map<std::string, std::size_t> known;
  Json values = Json::array(), index = Json::array();
  for (const Json& text : column) {
    const auto [place, is_new] = known.try_emplace(text.get<std::string>(), known.size());
    if (is_new) values.push_back(text);
    index.push_back(place->second);
  }
  if (known.size() * 2 > column.size()) return column;
  return {{"values", std::move(values)}, {"index", std::move(index)}};
}

void visit_page_columns(const store::AccuracyRow& row, auto&& visit) {
  store::visit_columns(row, visit);
}

void visit_page_columns(const store::NetworkRow& row, auto&& visit) {
  store::visit_columns(row, visit);
}

template <typename T>
Json columns_of(const std::vector<T>& rows) {
  Json columns = Json::object();
  visit_page_columns(
      T{}, [&columns](const char* column, const auto&) { columns[column] = Json::array(); });
  for (const T& row : rows) {
    visit_page_columns(row, [&columns](const char* column, const auto& member) {
      columns[column].push_back(cell(member));
    });
  }
  visit_page_columns(T{}, [&columns]<typename C>(const char* column, const C&) {
    if constexpr (std::is_same_v<C, std::string>) columns[column] = packed(columns[column]);
  });
  return columns;
}

const std::string& text_of(const std::vector<TextFile>& files, std::string_view name) {
  const auto file = std::find_if(files.begin(), files.end(),
                                 [name](const TextFile& text) { return text.name == name; });
  FEWBIT_CHECK(file != files.end(), "no {} among the files of the page", name);
  return file->text;
}

/// `text` with each `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string escaped(const std::string& text) {
  return replaced(replaced(text, "&", "&amp;"), "<", "&lt;");
}

std::string script(const std::string& text) { return "<script>\n" + text + "\n</script>\n"; }

}  // namespace

Json page_data(const std::string& name, const std::vector<Row>& rows) {
  return {{"name", name}, {"count", rows.size()}, {"columns", columns_of(rows)}};
}

Json accuracy_data(const std::vector<store::AccuracyRow>& rows) {
  std::vector<store::AccuracyRow> shared = rows;
  for (store::AccuracyRow& row : shared) {
    const std::string formats =
        "--format-weights " + row.weights + " --format-activations " + row.activations;
    const std::size_t at = row.command.find(formats);
    if (at != std::string::npos) row.command.replace(at, formats.size(), "{formats}");
  }
  Json columns = columns_of(shared);
  for (const char* name : {"key", "network_hash", "images_hash", "accumulators"}) {
    columns.erase(name);
  }
  return {{"count", rows.size()}, {"columns", std::move(columns)}};
}

Json network_data(const std::vector<store::NetworkRow>& rows) {
  Json columns = columns_of(rows);
  for (const char* name : {"key", "network_hash", "tools"}) columns.erase(name);
  return {{"count", rows.size()}, {"columns", std::move(columns)}};
}

const std::vector<TextFile>& chart_library() { return embedded::chart_library(); }

Result<std::string> make_page(const std::string& name, const std::vector<Row>& rows,
                              const std::vector<store::AccuracyRow>& accuracies,
                              const std::vector<store::NetworkRow>& networks,
                              const std::vector<TextFile>& library) {
  if (library.empty()) {
    return Error{"chart library", "", "a fewbit that was built with it",
                 "run `make report-tools`, then build fewbit again"};
  }
  std::string scripts, charts;
  for (const char* file :
       {"data.js", "charts.js", "accuracy.js", "networks.js", "heat.js", "app.js"}) {
    scripts += script(text_of(embedded::report_page(), file));
  }
  for (const char* file : {"vega.min.js", "vega-lite.min.js", "vega-embed.min.js"}) {
    charts += script(text_of(library, file));
  }
  // Inside a script element only "<" can end it or begin a comment.
  const auto text_in_script = [](const Json& data) {
    return replaced(json_text(data), "<", "\\u003c");
  };
  std::string page;
  std::string_view rest = text_of(embedded::report_page(), "page.html");
  const std::pair<std::string_view, std::string> parts[] = {
      {"@STYLE@", text_of(embedded::report_page(), "page.css")},
      {"@NOTICES@", escaped(text_of(library, "notices.txt"))},
      {"@DATA@", text_in_script(page_data(name, rows))},
      {"@ACCURACIES@", text_in_script(accuracy_data(accuracies))},
      {"@NETWORKS@", text_in_script(network_data(networks))},
      {"@LIBRARY@", charts},
      {"@SCRIPTS@", scripts}};
  for (const auto& [mark, text] : parts) {  // in the order of the page
    const std::size_t at = rest.find(mark);
    FEWBIT_CHECK(at != std::string_view::npos, "page.html has no {}", mark);
    page.append(rest.substr(0, at)).append(text);
    rest.remove_prefix(at + mark.size());
  }
  return page.append(rest);
}

}  // namespace fewbit::report
