// Sweep files and plans: the jobs they stand for, and what is said of a wrong one.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/sweep_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "fewbit/flows/sweep/format_set.h"
#include "fewbit/flows/sweep/slurm.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::sweep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> commands_of(const std::vector<SweepJob>& jobs) {
  std::vector<std::string> commands;
  for (const SweepJob& job : jobs) commands.push_back(job.command());
  return commands;
}

std::vector<std::string> commands_of(const std::string& text) {
  const Result<Plan> plan = parse_sweep(text, "x.yaml");
  EXPECT_TRUE(plan.ok()) << plan.error().message();
  return plan.ok() ? commands_of(plan->jobs) : std::vector<std::string>();
}

std::string error_of(const std::string& text) {
  const Result<Plan> plan = parse_sweep(text, "x.yaml");
  return plan.ok() ? "no error" : plan.error().message();
}

std::vector<std::string> names_of(const std::string& items) {
  std::vector<std::string> names;
  for (const Format& format : format_set("--a", items).value()) names.push_back(format.name());
  return names;
}

TEST(FormatSet, GridsPatternsAndNames) {
  EXPECT_THAT(names_of("3..4"),
              ElementsAre("int3", "e1m1f", "e2m0f", "int4", "e1m2f", "e2m1", "e3m0f"));
  EXPECT_EQ(names_of("3..8").size(), 30u);
  EXPECT_THAT(names_of("1..2"), ElementsAre("bipolar", "int2", "e1m0f"));
  EXPECT_THAT(names_of("int4,e2m1,int4"), ElementsAre("int4", "e2m1"));
  EXPECT_THAT(names_of("e?m0f"), ElementsAre("e2m0f", "e3m0f", "e4m0f", "e5m0f", "e1m0f"));
  for (const std::string& name : names_of("float8_*")) {
    EXPECT_EQ(parse_format(name).value().bits(), 8) << name;
  }
}

TEST(FormatSet, WrongItemsSayWhatIsLegal) {
  for (const char* item : {"0..8", "3..9", "8..3", "3..", "..", "a..b", "e9z", "nothing*", ""}) {
    const auto formats = format_set("--a", item);
    ASSERT_FALSE(formats.ok()) << item;
    EXPECT_THAT(formats.error().message(), AllOf(HasSubstr("--a"), HasSubstr("1..8"))) << item;
  }
}

/// 4,608 products: of int3 up to 16 each, below 2^17 together; of e2m1 up to 12 x 12 in units of
/// 2^-2, below 2^20. A bit more for the sign.
TEST(SweepFile, AccumulatorIsThatOfTheResultsProducts) {
  EXPECT_THAT(
      commands_of("operators: [requant, convert]\n"
                  "a: accumulator\n"
                  "result: [int3, e2m1]\n"
                  "terms: 4608\n"
                  "targets: ecp5\n"),
      ElementsAre("fewbit cost requant --a int18 --shift-bits 5 --result int3 --target ecp5",
                  "fewbit cost requant --a int21_lsbm2 --shift-bits 5 --result e2m1 --target ecp5",
                  "fewbit cost convert --a int18 --result int3 --target ecp5",
                  "fewbit cost convert --a int21_lsbm2 --result e2m1 --target ecp5"));
  for (const char* text : {"operators: requant\na: accumulator\nresult: int3\ntargets: ecp5\n",
                           "operators: mac\na: accumulator\nb: int3\nterms: 9\ntargets: ecp5\n"}) {
    EXPECT_THAT(error_of(text), AllOf(HasSubstr("x.yaml line 2"), HasSubstr("'accumulator'")))
        << text;
  }
}

TEST(SweepFile, ProductOfItsLists) {
  EXPECT_THAT(
      commands_of("operators: mac\n"
                  "a: [int4, e2m1]\n"
                  "b: int8\n"
                  "terms: 16\n"
                  "arch: [optimized, generic]\n"
                  "targets: [ice40-hx8k, xilinx-usp]\n"
                  "seeds: 3\n"),
      ElementsAre("fewbit cost mac --a int4 --b int8 --terms 16 --target ice40-hx8k --seeds 3",
                  "fewbit cost mac --a int4 --b int8 --terms 16 --arch generic --target "
                  "ice40-hx8k --seeds 3",
                  "fewbit cost mac --a e2m1 --b int8 --terms 16 --target ice40-hx8k --seeds 3",
                  "fewbit cost mac --a e2m1 --b int8 --terms 16 --arch generic --target "
                  "ice40-hx8k --seeds 3",
                  "fewbit cost mac --a int4 --b int8 --terms 16 --target xilinx-usp",
                  "fewbit cost mac --a int4 --b int8 --terms 16 --arch generic --target "
                  "xilinx-usp",
                  "fewbit cost mac --a e2m1 --b int8 --terms 16 --target xilinx-usp",
                  "fewbit cost mac --a e2m1 --b int8 --terms 16 --arch generic --target "
                  "xilinx-usp"));
}

TEST(SweepFile, SameBlocksRangesAndOptionsThatDoNotApply) {
  // One operand, so no b; the generic architecture has one latency and no strategy; a job is once.
  EXPECT_THAT(
      commands_of("- operators: [acc, mac]\n"
                  "  a: [int4, int5]\n"
                  "  b: same\n"
                  "  latency: 2..3\n"
                  "  targets: ecp5\n"
                  "- operators: acc\n"
                  "  a: int4\n"
                  "  arch: generic\n"
                  "  latency: 2..4\n"
                  "  flows: abc\n"
                  "  targets: ecp5\n"),
      ElementsAre("fewbit cost acc --a int4 --terms 1024 --target ecp5",
                  "fewbit cost acc --a int4 --terms 1024 --latency 3 --target ecp5",
                  "fewbit cost acc --a int5 --terms 1024 --target ecp5",
                  "fewbit cost acc --a int5 --terms 1024 --latency 3 --target ecp5",
                  "fewbit cost mac --a int4 --b int4 --terms 1024 --target ecp5",
                  "fewbit cost mac --a int4 --b int4 --terms 1024 --latency 3 --target ecp5",
                  "fewbit cost mac --a int5 --b int5 --terms 1024 --target ecp5",
                  "fewbit cost mac --a int5 --b int5 --terms 1024 --latency 3 --target ecp5",
                  "fewbit cost acc --a int4 --terms 1024 --arch generic --target ecp5 "
                  "--flow abc"));
}

TEST(SweepFile, EveryStrategyThatServes) {
  const std::vector<std::string> commands = commands_of(
      "operators: mul\na: e2m1\nb: e2m1\nresult: e2m1\nstrategy: all\narch: [optimized, "
      "generic]\ntargets: ecp5\n");
  EXPECT_THAT(commands, ElementsAre(HasSubstr("--strategy code_sum"), HasSubstr("--strategy table"),
                                    HasSubstr("--strategy exact_first"), HasSubstr("generic")));
}

TEST(SweepFile, ThePapersGridIsComplete) {
  const Plan plan = read_plan(std::string(FEWBIT_SOURCE_DIR) + "/flows/sweeps/paper.yaml").value();
  std::map<std::string, std::set<std::string>> pairs;
  for (const SweepJob& job : plan.jobs) {
    EXPECT_EQ(job.spec.terms, 4608);
    EXPECT_EQ(job.seeds, job.target.name == "ice40-hx8k" ? 3 : 0);
    pairs[job.target.name + " " + std::string(to_string(job.spec.arch))].insert(
        job.spec.a.name() + " " + job.spec.b->name());
  }
  EXPECT_EQ(plan.jobs.size(), 3600u);
  EXPECT_EQ(pairs.size(), 4u);
  for (const auto& [name, of_one] : pairs) EXPECT_EQ(of_one.size(), 900u) << name;
}

TEST(SweepFile, WrongOnesAreNamedWithTheirLine) {
  const std::string good = "operators: mac\na: int4\nb: int4\ntargets: ecp5\n";
  EXPECT_EQ(commands_of(good).size(), 1u);
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"", {"x.yaml", "operators"}},
      {"just text", {"line 1", "no mapping"}},
      {"operators: [mac\n", {"x.yaml line", "YAML"}},
      {"operators: mac\na: int4\nb: int4\n", {"targets", "one target or more"}},
      {"a: int4\ntargets: ecp5\n", {"operators", "one or more"}},
      {good + "terms: many\n", {"line 5: terms", "'many'", "LO..HI"}},
      {good + "terms: 0\n", {"line 5: terms", "'0'", "1 to", "mac int4 x int4 on ecp5"}},
      {good + "terms: 9..1\n", {"line 5: terms", "'9..1'"}},
      {good + "terms:\n  - 4\n  - [5]\n", {"terms", "a list of them"}},
      {good + "terms: {a: 5}\n", {"terms", "a list of them"}},
      {good + "terms: []\n", {"terms", "one value or more"}},
      {good + "terms:\n", {"terms", "a list of them"}},
      {good + "colour: red\n", {"line 5: key", "'colour'", "operators, targets", "acc_width"}},
      {good + "a: int5\n", {"line 5: key", "'a'", "once"}},
      {good + "seeds: 101\n", {"line 5: seeds", "'101'", "0..100"}},
      {good + "seeds: [1, 2]\n", {"line 5: seeds", "one number"}},
      {good + "arch: fast\n", {"line 5: arch", "'fast'", "optimized"}},
      {good + "strategy: magic\n", {"line 5: strategy", "'magic'", "exact_first"}},
      {good + "lanes: 4\n", {"line 5: lanes", "none of them has it"}},
      {good + "flows: abc10\n", {"line 5: --flow", "'abc10'", "abc9"}},
      {good + "tools: new\n", {"line 5: tools", "mapping"}},
      {"operators: mac\na: 3..9\nb: int4\ntargets: ecp5\n", {"line 2: a", "'3..9'", "1..8"}},
      {"operators: mac\na: int4\nb: [int4,\n  int99]\ntargets: ecp5\n",
       {"line 4: b", "'int99'", "a format"}},
      {"operators: [mac, mac2]\na: int4\nb: int4\ntargets: ecp5\n",
       {"line 1: operators", "'mac2'", "fmac"}},
      {"operators: mac\na: int4\nb: int4\ntargets: [ecp5, vapour]\n",
       {"line 4: --target", "'vapour'", "ice40-hx8k"}},
      {"operators: mac\na: int4\ntargets: ecp5\n", {"line 1: --b", "mac int4 on ecp5"}},
      {good + "---\noperators: mul\n", {"line 6: YAML", "one document", "second"}},
      {good + "tools: {yosys: '\xff'}\n", {"sweep file: 'x.yaml'", "UTF-8"}},
      {good + "#" + std::string(1 << 22, ' '), {"sweep file: 'x.yaml'", "4194304 bytes"}},
  };
  for (const auto& [text, parts] : cases) {
    for (const std::string& part : parts) EXPECT_THAT(error_of(text), HasSubstr(part)) << text;
  }
}

TEST(SweepFile, AMarkAtTheEndIsNoSecondDocument) {
  EXPECT_EQ(commands_of("---\noperators: mac\na: int4\nb: int4\ntargets: ecp5\n---\n").size(), 1u);
}

// Each would run for minutes or for ever if its products were made first.
TEST(SweepFile, SizesAreBoundedBeforeTheWork) {
  std::string many = "int4";
  for (int i = 1; i < 20000; ++i) many += ", int4";
  const std::string end = "targets: ecp5\n";
  EXPECT_EQ(commands_of("operators: mac\na: [" + many + "]\nb: [" + many + "]\n" + end).size(), 1u);
  EXPECT_EQ(commands_of("operators: mul\na: int4\nb: int4\narch: generic\nlatency: 0..4095\n"
                        "strategy: [auto, compact, aligned]\n" +
                        end)
                .size(),
            1u);
  EXPECT_THAT(error_of("operators: mac\na: 3..8\nb: 3..8\nterms: 1..4096\n" + end),
              AllOf(HasSubstr("line 1: sweep: 'a product of 3686400 choices'"),
                    HasSubstr("up to 1000000 jobs")));
  const std::string half = "- {operators: mac, a: 3..8, b: 3..8, terms: 1..600, targets: ecp5}\n";
  EXPECT_THAT(error_of(half + half), HasSubstr("line 2: sweep: 'a product of 1080000 choices'"));
}

TEST(Plan, LinesReadBack) {
  const Plan plan =
      parse_sweep(
          "operators: [mac, mul]\na: [int4, e4m3fn]\nb: e2m1\nresult: [exact, e5m2]\n"
          "reset: sync_high\nlatency: 3\nhandshake: valid_ready\narch: [optimized, generic]\n"
          "targets: [ice40-up5k, ecp5]\nseeds: 2\ntools: {yosys: '0.23'}\n",
          "x.yaml")
          .value();
  const std::string lines = to_lines(plan);
  EXPECT_EQ(static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')),
            plan.jobs.size());
  const Plan read = parse_lines(lines, "plan").value();
  EXPECT_EQ(commands_of(read.jobs), commands_of(plan.jobs));
  EXPECT_EQ(read.tools, plan.tools);
  EXPECT_EQ(read.tools.at("yosys"), "0.23");
}

TEST(Plan, WrongLinesAreNamed) {
  const std::string good = R"({"operator":"mac","a":"int4","b":"int4","target":"ecp5"})";
  ASSERT_TRUE(parse_lines(good + "\n\n" + good, "p").ok());
  for (const auto& [line, part] : std::vector<std::pair<std::string, std::string>>{
           {"[1]", "p line 2: '[1]'"},
           {"{\"operator\"", "p line 2"},
           {R"({"operator":"div"})", "p line 2: --target"},
           {R"({"operator":"div","target":"ecp5"})", "'div'"},
           {R"({"operator":"mac","a":"int4","b":"int4","target":"ecp5","x":1})", "key: 'x'"},
           {R"({"operator":"mac","a":"int4","b":"int4","target":"ecp5","seeds":-1})", "0..100"},
           {R"({"operator":"mac","a":"int4","b":"int4","target":"ecp5","terms":"x"})", "--terms"},
           {R"({"operator":["mac"]})", "one value"},
           {R"({"tools":["yosys"]})", "a mapping of programs"},
           {R"({"tools":{"yosys":1}})", "a mapping of programs"},
           {"{\"a\":" + std::string(60, '[') + std::string(60, ']') + "}", "one value"},
           {"{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", "one JSON object"},
           {"{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}",
            "lines of 65536 bytes"},
           {"{\"operator\":\"\xff\"}", "one JSON object"}}) {
    const auto plan = parse_lines(good + "\n" + line, "p");
    ASSERT_FALSE(plan.ok()) << line;
    EXPECT_THAT(plan.error().message(), HasSubstr(part));
  }
  EXPECT_FALSE(parse_lines("\n", "p").ok());
}

TEST(Plan, ShardsTogetherAreThePlanAndEachIsMixed) {
  const std::vector<SweepJob> jobs =
      read_plan(std::string(FEWBIT_SOURCE_DIR) + "/flows/sweeps/paper.yaml").value().jobs;
  for (const int count : {1, 2, 7, 30, 60}) {
    std::vector<std::string> together;
    for (int index = 1; index <= count; ++index) {
      const std::vector<SweepJob> shard = shard_of(jobs, index, count);
      EXPECT_NEAR(static_cast<double>(shard.size()), 3600.0 / count, 1) << index << "/" << count;
      const auto generic = std::count_if(shard.begin(), shard.end(), [](const SweepJob& job) {
        return job.spec.arch == Architecture::kGeneric;
      });
      EXPECT_NEAR(static_cast<double>(generic), 1800.0 / count, 20) << index << "/" << count;
      for (const std::string& command : commands_of(shard)) together.push_back(command);
    }
    std::vector<std::string> all = commands_of(jobs);
    std::sort(all.begin(), all.end());
    std::sort(together.begin(), together.end());
    EXPECT_EQ(together, all);
  }
}

TEST(Slurm, ScriptIsBashAndKeepsOddNames) {
  const std::string script =
      slurm_script({"/opt/few bit", "it's.yaml", "/data/100%", 12, 4}).value();
  EXPECT_THAT(script, HasSubstr("#SBATCH --array=1-12\n"));
  EXPECT_THAT(script, HasSubstr("#SBATCH --cpus-per-task=4\n"));
  EXPECT_THAT(script, HasSubstr("/data/100%%/shard-%a.log"));
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  // The program of the script is replaced by one that prints its words, a line each.
  ASSERT_TRUE(
      write_files(scratch.path(), {{"few bit", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n"}}).ok());
  const std::string printer = (scratch.path() / "few bit").string();
  ASSERT_EQ(run_process({"chmod", "+x", printer}, "/")->exit_code, 0);
  const std::string job = slurm_script({printer, "/it's.yaml", "/data/100%", 12, 4}).value();
  ASSERT_TRUE(write_files(scratch.path(), {{"job.sh", job}}).ok());
  const auto run = run_process({"env", "SLURM_ARRAY_TASK_ID=5", "bash", "job.sh"}, scratch.path());
  EXPECT_EQ(run->output,
            "sweep\nrun\n/it's.yaml\n--shard\n5/12\n--jobs\n4\n--db\n/data/100%/shard-5.sqlite\n");
}

TEST(Slurm, WhatWouldBeALineOfTheScriptIsRefused) {
  for (const char* folder : {"x\ntouch PWN\n#", "x\r", "a\tb", "\x1b[2J", "a\"b", "a\\", "\xff"}) {
    const auto script = slurm_script({"/fewbit", "x.yaml", folder, 1, 1});
    ASSERT_FALSE(script.ok()) << *script;
    EXPECT_THAT(script.error().message(), AllOf(HasSubstr("--folder"), HasSubstr("control")));
  }
  EXPECT_FALSE(slurm_script({"/few\nbit", "x.yaml", "f", 1, 1}).ok());
  EXPECT_FALSE(slurm_script({"/fewbit", "x\n.yaml", "f", 1, 1}).ok());
  EXPECT_TRUE(slurm_script({"/fewbit", "a\"b.yaml", "ein Ordner für $HOME `x`", 1, 1}).ok());
}

}  // namespace
}  // namespace fewbit::sweep
