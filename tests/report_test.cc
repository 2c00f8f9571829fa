// The report: figures of rows, the data of the page, the page as a whole, the command.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "fewbit/flows/report/page.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/sweep/report_figures.h"
#include "fewbit/sim/model/quantization.h"
#include "fewbit/tests/command_line.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

store::ResultRow row_of(const std::string& key, const std::string& a, const std::string& b) {
  store::ResultRow row;
  row.key = key;
  row.op = b.empty() ? "acc" : "mac";
  row.a = a;
  row.b = b;
  row.result = "exact";
  row.status = "ok";
  row.tools = R"({"yosys": "Yosys 0.23"})";
  row.luts = 40;
  return row;
}

report::Figures figures_of(const store::ResultRow& row) {
  return study::with_figures({row}).at(0).figures;
}

TEST(ReportFigures, RangeIsThatOfTheNarrowerOperand) {
  EXPECT_NEAR(*figures_of(row_of("", "int8", "e2m1")).range_db, 20 * std::log10(12), 1e-9);
  EXPECT_NEAR(*figures_of(row_of("", "e4m3fn", "int8")).range_db, 20 * std::log10(127), 1e-9);
  EXPECT_NEAR(*figures_of(row_of("", "int4", "")).range_db, 20 * std::log10(7), 1e-9);
}

TEST(ReportFigures, ErrorIsThatOfTheProduct) {
  const auto int8 = model::quantize(parse_format("int8").value(), model::Source::kGaussian);
  const auto e2m1 = model::quantize(parse_format("e2m1").value(), model::Source::kGaussian);
  EXPECT_EQ(figures_of(row_of("", "int8", "e2m1")).gaussian_db,
            model::product_sqnr_db(*int8, *e2m1));
  EXPECT_EQ(figures_of(row_of("", "int8", "")).gaussian_db, int8->sqnr_db());
  const report::Figures both = figures_of(row_of("", "int8", "int8"));
  EXPECT_LT(*both.laplacian_db, *both.gaussian_db);  // heavier tails
}

TEST(ReportFigures, AccumulatorsHaveTheUnitOfTheirAddends) {
  const auto accumulator = [](const char* a, const char* b, int width) {
    store::ResultRow row = row_of("", a, b);
    row.acc_width = width;
    return figures_of(row).accumulator;
  };
  EXPECT_EQ(accumulator("int8", "int8", 28), "int28");
  EXPECT_EQ(accumulator("e4m3fn", "e4m3fn", 49), "int49_lsbm18");  // subnormals count in 2^-9
  EXPECT_EQ(accumulator("int4", "e2m1", 21), "int21_lsbm1");
  EXPECT_EQ(accumulator("uint4", "", 17), "uint17");
  EXPECT_EQ(figures_of(row_of("", "int8", "int8")).accumulator, "");
}

TEST(ReportFigures, WhatIsNotKnownIsAbsent) {
  for (const auto& [a, b] : {std::pair("no format", "int8"), std::pair("int8", "no format")}) {
    const report::Figures figures = figures_of(row_of("", a, b));
    EXPECT_FALSE(figures.range_db || figures.gaussian_db || figures.laplacian_db);
  }
  const report::Figures wide = figures_of(row_of("", "binary32", "int8"));
  EXPECT_TRUE(wide.range_db);
  EXPECT_FALSE(wide.gaussian_db);
}

TEST(ReportPage, DataHasEveryColumnOfTheTableAndTheFigures) {
  store::ResultRow first = row_of("k1", "int4", "int4"), second = row_of("k2", "int4", "e2m1");
  first.fmax_median_mhz = 161.5;
  second.luts = 50;
  const std::vector<report::Row> rows = {{first, {"int20", 16.5, 20.25, std::nullopt}},
                                         {second, {}}};
  const Json data = Json::parse(report::page_data("a.sqlite", rows).dump());
  EXPECT_EQ(data["name"], "a.sqlite");
  EXPECT_EQ(data["count"], 2);
  const Json& columns = data["columns"];
  store::visit_columns(first, [&columns](const char* name, const auto&) {
    EXPECT_TRUE(columns.contains(name)) << name;
  });
  EXPECT_EQ(columns["luts"], Json({40, 50}));
  EXPECT_EQ(columns["key"], Json({"k1", "k2"}));  // no gain by an index
  EXPECT_EQ(columns["a"], Json::parse(R"({"values": ["int4"], "index": [0, 0]})"));
  EXPECT_EQ(columns["b"], Json({"int4", "e2m1"}));
  EXPECT_EQ(columns["fmax_median_mhz"], Json({161.5, nullptr}));
  EXPECT_EQ(columns["gaussian_db"], Json({20.25, nullptr}));
  EXPECT_EQ(columns["laplacian_db"], Json({nullptr, nullptr}));
}

TEST(ReportPage, AccuraciesLeaveOutWhatNoChartNeeds) {
  store::AccuracyRow row;
  row.key = "k";
  row.command =
      "fewbit quant run --network a.onnx --format-weights int4 --format-activations e2m1 --gptq on";
  row.weights = "int4";
  row.activations = "e2m1";
  row.images_right = 7;
  const Json data = Json::parse(report::accuracy_data({row, row}).dump());
  EXPECT_EQ(data["count"], 2);
  EXPECT_EQ(data["columns"]["images_right"], Json({7, 7}));
  EXPECT_EQ(data["columns"]["command"]["values"],
            Json({"fewbit quant run --network a.onnx {formats} --gptq on"}));
  EXPECT_EQ(data["columns"]["mac_luts"], Json({nullptr, nullptr}));
  for (const char* column : {"key", "network_hash", "images_hash", "accumulators"}) {
    EXPECT_FALSE(data["columns"].contains(column)) << column;
  }
}

const std::vector<TextFile> kLibrary = {{"vega.min.js", "/* first */"},
                                        {"vega-lite.min.js", "/* second */"},
                                        {"vega-embed.min.js", "/* third */"},
                                        {"notices.txt", "by <a@b> & others"}};

TEST(ReportPage, IsOneFileThatAsksForNothing) {
  const std::string page =
      report::make_page("a.sqlite", {{row_of("k", "int4", "int4"), {}}}, {}, {}, kLibrary).value();
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, HasSubstr("by &lt;a@b> &amp; others"));
  const std::size_t first = page.find("/* first */"), third = page.find("/* third */");
  ASSERT_NE(third, std::string::npos);
  EXPECT_LT(first, third);
  EXPECT_LT(third, page.find("vegaEmbed("));
  for (const char* asks : {"src=", "href=\"http", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(asks)));
  }
  for (const char* mark :
       {"@STYLE@", "@DATA@", "@ACCURACIES@", "@NETWORKS@", "@LIBRARY@", "@SCRIPTS@", "@NOTICES@"}) {
    EXPECT_THAT(page, Not(HasSubstr(mark)));
  }
}

/// The text between <script ... id="data"> and its end, as a browser sees it.
std::string data_of(const std::string& page) {
  const std::string mark = "id=\"data\">";
  const std::size_t begin = page.find(mark) + mark.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST(ReportPage, TextsOfTheDatabaseCannotEndTheScript) {
  store::ResultRow row = row_of("k", "int4", "int4");
  row.reason = "</script><script>alert(1)</script> <!-- @SCRIPTS@ \xff";
  const std::string page = report::make_page("a.sqlite", {{row, {}}}, {}, {}, kLibrary).value();
  const Json data = Json::parse(data_of(page));
  EXPECT_THAT(data["columns"]["reason"][0].get<std::string>(),
              StartsWith("</script><script>alert(1)</script> <!-- @SCRIPTS@ "));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
}

// The page reads every row's `tools` as JSON.
TEST(ReportPage, ToolsAreJsonWhateverTheDatabaseHolds) {
  store::ResultRow good = row_of("k", "int4", "int4"), bad = good;
  bad.tools = "<discarded>";
  const std::string page =
      report::make_page("a.sqlite", {{good, {}}, {bad, {}}}, {}, {}, kLibrary).value();
  const Json tools = Json::parse(data_of(page))["columns"]["tools"];
  EXPECT_EQ(Json::parse(tools[0].get<std::string>()), Json::parse(good.tools));
  EXPECT_EQ(Json::parse(tools[1].get<std::string>()), Json({{"unreadable", "<discarded>"}}));
}

TEST(ReportPage, WithoutTheChartLibraryItSaysHowToGetIt) {
  const Result<std::string> page = report::make_page("a.sqlite", {}, {}, {}, {});
  ASSERT_FALSE(page.ok());
  EXPECT_THAT(page.error().message(), HasSubstr("make report-tools"));
}

class ReportCommandTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path path(const std::string& name) const { return scratch_.path() / name; }
  [[nodiscard]] std::string database(const std::vector<store::ResultRow>& rows) const {
    auto store = store::ResultStore::open(path("a.sqlite"), store::Access::kWrite).value();
    for (const store::ResultRow& row : rows) EXPECT_TRUE(store.insert(row).value());
    return path("a.sqlite");
  }
  /// It fails, says `text` and leaves no page.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& text) const {
    std::vector<std::string> words = {"report"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.insert(words.end(), {"-o", path("page")});
    const Ending ending = CommandLine(words, scratch_.path()).wait();
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_THAT(ending.err, HasSubstr(text));
    EXPECT_FALSE(fs::exists(path("page")));
  }
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(ReportCommandTest, WritesThePageWhereTheLibraryIsBuiltIn) {
  store::ResultRow failed = row_of("k2", "int4", "int4");
  failed.status = "failed";
  const std::string rows = database({row_of("k1", "int4", "e2m1"), failed});
  if (report::chart_library().empty()) {
    expect_refused({rows}, "make report-tools");
    return;
  }
  const Ending ending =
      CommandLine({"report", rows, "-o", path("page"), "--json"}, scratch_.path()).wait();
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const std::string page = text_of(path("page") / "index.html");
  EXPECT_EQ(Json::parse(data_of(page))["count"], 2);
  EXPECT_EQ(Json::parse(ending.out), Json({{"page", path("page") / "index.html"},
                                           {"results", 2},
                                           {"failed", 1},
                                           {"accuracies", 0},
                                           {"bytes", page.size()}}));
}

TEST_F(ReportCommandTest, WrongRequests) {
  std::ofstream(path("text")) << "not a database, but a text that is longer than its header\n";
  expect_refused({}, "DB: '' is not valid; legal: a results database");
  expect_refused({path("none.sqlite")}, "there is no such file");
  expect_refused({path("text")}, "not a database");
  expect_refused({database({})}, "at least one row");
  expect_refused({path("a.sqlite"), "more"}, "'more'");
}

TEST_F(ReportCommandTest, AFileStandsWhereTheFolderShouldBe) {
  std::ofstream(path("file")) << "a file";
  const std::string rows = database({row_of("k", "int4", "int4")});
  const Ending ending = CommandLine({"report", rows, "-o", path("file")}, scratch_.path()).wait();
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err,
              HasSubstr(report::chart_library().empty() ? "make report-tools" : path("file")));
  EXPECT_EQ(text_of(path("file")), "a file");
}

}  // namespace
}  // namespace fewbit
