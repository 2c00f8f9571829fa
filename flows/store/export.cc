// Results as CSV and JSON: see export.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/store/export.h"

#include <fmt/format.h>

#include <string_view>

#include "fewbit/gen/util/json.h"

namespace fewbit::store {
namespace {

/// A spreadsheet runs a text that begins like a formula: an apostrophe in front keeps it a text.
std::string cell(const std::string& text) {
  const bool runs =
      !text.empty() && std::string_view("=+-@\t\r\n").find(text[0]) != std::string_view::npos;
  if (!runs && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = runs ? "\"'" : "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}
std::string cell(std::int64_t number) { return std::to_string(number); }
std::string cell(double number) { return fmt::format("{}", number); }
template <typename T>
std::string cell(const std::optional<T>& value) {
  return value ? cell(*value) : "";
}

template <typename T>
nlohmann::ordered_json json_of(const T& value) {
  return value;
}
template <typename T>
nlohmann::ordered_json json_of(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

template <typename Row>
std::string csv_of(const std::vector<Row>& rows) {
  std::string text;
  const Row empty;
  visit_columns(empty, [&text](const char* name, const auto&) {
    text += (text.empty() ? "" : ",") + std::string(name);
  });
  for (const Row& row : rows) {
    char separator = '\n';
    visit_columns(row, [&](const char*, const auto& member) {
      text += separator + cell(member);
      separator = ',';
    });
  }
  return text + "\n";
}

template <typename Row>
nlohmann::ordered_json object_of(const Row& row) {
  nlohmann::ordered_json object;
  visit_columns(
      row, [&object](const char* name, const auto& member) { object[name] = json_of(member); });
  return object;
}

}  // namespace

std::string to_csv(const std::vector<ResultRow>& rows) { return csv_of(rows); }
std::string to_csv(const std::vector<AccuracyRow>& rows) { return csv_of(rows); }
std::string to_csv(const std::vector<NetworkRow>& rows) { return csv_of(rows); }

nlohmann::ordered_json tools_json(const std::string& text) {
  auto tools = parse_json(text);
  bool is_flat = tools.is_object();
  if (is_flat) {
    for (const auto& [program, version] : tools.items()) is_flat = is_flat && version.is_string();
  }
  if (is_flat) return tools;
  return {{"unreadable", text}};
}

nlohmann::ordered_json to_json(const std::vector<ResultRow>& rows) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const ResultRow& row : rows) {
    all.push_back(object_of(row));
    all.back()["tools"] = tools_json(row.tools);
  }
  return all;
}

nlohmann::ordered_json to_json(const std::vector<AccuracyRow>& rows) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const AccuracyRow& row : rows) all.push_back(object_of(row));
  return all;
}

nlohmann::ordered_json to_json(const std::vector<NetworkRow>& rows) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const NetworkRow& row : rows) {
    all.push_back(object_of(row));
    all.back()["tools"] = tools_json(row.tools);
  }
  return all;
}

}  // namespace fewbit::store
