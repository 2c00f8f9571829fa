// Tools that are broken in every way: whose fault it is, by a table of fake ones, and what commands
// then say.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <array>
#include <cstdlib>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A folder of fake tools, first on PATH while this lives.
class FakeTools {
 public:
  FakeTools() : path_(std::getenv("PATH")) {
    ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  ~FakeTools() { ::setenv("PATH", path_.c_str(), 1); }
  FakeTools(const FakeTools&) = delete;
  FakeTools& operator=(const FakeTools&) = delete;

  void add(const std::string& name, const std::string& script) const {
    ASSERT_TRUE(write_files(folder_.path(), {{name, "#!/bin/sh\n" + script + "\n"}}).ok());
    std::filesystem::permissions(folder_.path() / name, std::filesystem::perms::owner_all);
  }

 private:
  const ScratchDirectory folder_ = ScratchDirectory::make().value();
  const std::string path_;
};

/// The tool that FakeTools hides, for scripts that answer for some options alone.
std::string real(const std::string& tool) { return find_tool(tool).value().string(); }

struct CommandRun {
  int exit_code;
  std::string text;  ///< stdout and stderr
};

CommandRun fewbit(const std::string& arguments, const std::string& environment = "") {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const std::string command = environment + " " + FEWBIT_BINARY + " " + arguments;
  const auto run = run_process({"sh", "-c", command}, folder.path());
  return {run->exit_code, run->log()};
}

struct Ended {
  std::string name, script;
  bool is_value;        ///< what it says is about its input, or is for the caller to read
  Cause cause;          ///< else
  std::string message;  ///< a part of it
};

TEST(RunTool, TellsWhoseFaultAnEndingIs) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const std::array<Ended, 9> cases = {{
      {"well", "echo done", true, {}, ""},
      {"code", "echo 'ERROR: no'; exit 1", true, {}, ""},
      {"killed", "kill -9 $$", false, Cause::kMachine, "out of memory?"},
      {"wrapper of a killed one", "sh -c 'kill -9 $$'; exit 137", false, Cause::kMachine, "killed"},
      {"crashed", "echo last words; kill -SEGV $$", false, Cause::kTool, "last words"},
      {"full disk", "echo 'x: No space left on device' >&2; exit 1", false, Cause::kMachine,
       "No space left on device"},
      {"no memory", "echo \"terminate called: std::bad_alloc\"; exit 1", false, Cause::kMachine,
       "std::bad_alloc"},
      {"killed ABC", "echo 'ERROR: ABC: return code 137.'; exit 1", false, Cause::kMachine,
       "return code 137"},
      {"endless", "yes", false, Cause::kTool, "more than 64 MiB"},
  }};
  for (const Ended& one : cases) {
    const auto run = run_tool(ToolKind::kSynthesis, {"sh", "-c", one.script}, folder.path());
    ASSERT_EQ(run.ok(), one.is_value) << one.name;
    if (one.is_value) continue;
    EXPECT_EQ(run.error().cause, one.cause) << one.name;
    EXPECT_THAT(run.error().message(), AllOf(HasSubstr("sh"), HasSubstr(one.message))) << one.name;
  }
}

TEST(RunTool, ALimitOfTheCallerIsAValueAndOneOfTheKindIsAnError) {
  const auto limited = run_tool(ToolKind::kProof, {"sleep", "1000"}, "/", 0.2);
  ASSERT_TRUE(limited.ok());
  EXPECT_EQ(limited->ending, Ending::kTimeLimit);
  set_tool_minutes(0.003);
  const auto slow = run_tool(ToolKind::kSynthesis, {"sleep", "1000"}, "/");
  set_tool_minutes(0);
  ASSERT_FALSE(slow.ok());
  EXPECT_EQ(slow.error().cause, Cause::kTool);
  EXPECT_THAT(slow.error().message(), AllOf(HasSubstr("sleep"), HasSubstr("--tool-minutes")));
}

TEST(RunTool, AFileThatIsNotWrittenNamesTheTool) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), {{"empty", ""}, {"full", "x"}}).ok());
  EXPECT_EQ(read_output("yosys", folder.path(), "full").value(), "x");
  for (const char* file : {"empty", "missing"}) {
    const auto text = read_output("yosys", folder.path(), file);
    ASSERT_FALSE(text.ok()) << file;
    EXPECT_EQ(text.error().cause, Cause::kTool);
    EXPECT_THAT(text.error().message(), AllOf(HasSubstr("yosys"), HasSubstr(file)));
  }
}

TEST(ToolVersion, IsNeverWhatStderrSays) {
  const FakeTools tools;
  tools.add("warns", "echo 'perl: warning: Setting locale failed.' >&2; echo Tool 1.2");
  tools.add("on-stderr", "echo noise >&2; echo 'on-stderr -- Router (Version 3)' >&2");
  tools.add("mute", "true");
  EXPECT_EQ(tool_version("warns", "--version").value(), "Tool 1.2");
  EXPECT_EQ(tool_version("on-stderr", "--version").value(), "on-stderr -- Router (Version 3)");
  EXPECT_THAT(tool_version("mute", "--version").error().message(), HasSubstr("mute"));
}

// What a user sees. Each names the tool, ends with 2 and reports no cost.

void expect_no_cost(const CommandRun& run, const std::string& words) {
  EXPECT_EQ(run.exit_code, 2) << run.text;
  EXPECT_THAT(run.text, AllOf(HasSubstr(words), Not(HasSubstr("Fmax 0.0"))));
}

constexpr const char* kCost = "cost mul --a int2 --b int2 --target ice40-hx8k --seeds 2";

TEST(BrokenTools, CostSaysWhichOne) {
  const std::string version = "case \"$*\" in *--version*|*-V*) exec ";
  const auto after_version = [&](const std::string& tool, const std::string& script) {
    return version + real(tool) + " \"$@\";; esac; " + script;
  };
  const std::array<std::array<std::string, 3>, 6> cases = {{
      {"nextpnr-ice40", "kill -9 $$", "nextpnr-ice40"},
      {"nextpnr-ice40", "exit 1", "nextpnr-ice40"},
      {"nextpnr-ice40", "echo 'ERROR: cell type '\"'\"'$scopeinfo'\"'\"' is unsupported'; exit 255",
       "$scopeinfo"},
      {"nextpnr-ice40", "exit 0", "wrote none"},
      {"yosys", "echo garbage", "yosys"},
      {"yosys", "kill -SEGV $$", "yosys"},
  }};
  for (const auto& [tool, script, words] : cases) {
    const std::string fake = after_version(tool, script);
    const FakeTools tools;
    tools.add(tool, fake);
    expect_no_cost(fewbit(kCost), words);
  }
}

TEST(BrokenTools, ASeedThatHasNoRoomIsCountedAndNoneIsNoCost) {
  const std::string router = real("nextpnr-ice40");
  const std::string full =
      "echo \"ERROR: Unable to place cell 'x', no BELs remaining to implement "
      "cell type 'ICESTORM_LC'\"; exit 255";
  {
    const FakeTools tools;
    tools.add("nextpnr-ice40",
              "case \"$*\" in *'--seed 2'*) " + full + ";; esac; exec " + router + " \"$@\"");
    const CommandRun one = fewbit(kCost);
    EXPECT_EQ(one.exit_code, 0) << one.text;
    EXPECT_THAT(one.text, HasSubstr("1 of 2 seeds"));
  }
  const FakeTools tools;
  tools.add("nextpnr-ice40",
            "case \"$*\" in *--seed*) " + full + ";; esac; exec " + router + " \"$@\"");
  expect_no_cost(fewbit(kCost), "no BELs remaining");
  EXPECT_THAT(fewbit(kCost).text, HasSubstr("--seeds 0"));
}

TEST(Environment, LanguagesAndFoldersOfTheUserDoNotMatter) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const std::filesystem::path blank = folder.path() / "a b";
  std::filesystem::create_directory(blank);
  const std::string verify = "verify mul --a int2 --b int2";
  for (const char* variable : {"LANG", "LC_ALL", "LC_CTYPE"}) {
    EXPECT_EQ(fewbit(verify, std::string(variable) + "=de_DE.UTF-8").exit_code, 0) << variable;
  }
  const std::string temporary = "TMPDIR='" + blank.string() + "'";
  EXPECT_EQ(fewbit(verify, temporary).exit_code, 0);
  EXPECT_EQ(fewbit("cost mul --a int2 --b int2 --target ice40-hx8k --seeds 1", temporary).exit_code,
            0);
  EXPECT_EQ(fewbit("prove mul --a int2 --b int2 --netlist ice40-hx8k", temporary).exit_code, 0);
}

TEST(Environment, WithoutATemporaryFolderNothingIsRun) {
  for (const char* folder : {"/nonexistent", "/proc"}) {
    for (const char* command :
         {"verify mul --a int2 --b int2", kCost, "prove mul --a int2 --b int2"}) {
      const CommandRun run = fewbit(command, std::string("TMPDIR=") + folder);
      EXPECT_EQ(run.exit_code, 2) << command << run.text;
      EXPECT_THAT(run.text, AllOf(HasSubstr("temporary directory"), HasSubstr("TMPDIR")));
    }
  }
}

// A row says something of a design: no accident becomes one.

constexpr const char* kSweep =
    "operators: mul\na: int2\nb: [int2, int3]\ntargets: ice40-hx8k\nseeds: 2\n";

/// Rows in the database after a sweep with the environment; `run` is its ending.
std::string rows_after(const std::filesystem::path& folder, const std::string& environment,
                       CommandRun& run) {
  const std::string database = (folder / "results.sqlite").string();
  run = fewbit("sweep run " + (folder / "sweep.yaml").string() + " --jobs 1 --db " + database,
               environment);
  return fewbit("sweep export csv --db " + database).text;
}

TEST(BrokenTools, ASweepKeepsNoRowOfAnAccident) {
  const std::string router = real("nextpnr-ice40"), synthesis = real("yosys");
  const std::string version = "case \"$*\" in *--version*|*-V*) exec ";
  const std::array<std::array<std::string, 2>, 4> cases = {{
      {"nextpnr-ice40", version + router + " \"$@\";; esac; kill -9 $$"},
      {"nextpnr-ice40", "case \"$*\" in *'--seed 2'*) exit 1;; esac; exec " + router + " \"$@\""},
      {"yosys", version + synthesis + " \"$@\";; esac; kill -9 $$"},
      {"yosys", version + synthesis + " \"$@\";; esac; echo \"ERROR: $$\"; exit 1"},
  }};
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), {{"sweep.yaml", kSweep}}).ok());
  CommandRun run{};
  for (const auto& [tool, script] : cases) {
    const FakeTools tools;
    tools.add(tool, script);
    EXPECT_THAT(rows_after(folder.path(), "", run), Not(HasSubstr("ice40-hx8k"))) << script;
    EXPECT_EQ(run.exit_code, 2) << run.text;
    EXPECT_THAT(run.text, HasSubstr(tool));
  }
  EXPECT_THAT(rows_after(folder.path(), "TMPDIR=/nonexistent", run), Not(HasSubstr("ice40-hx8k")));
  EXPECT_EQ(run.exit_code, 2) << run.text;
  EXPECT_THAT(rows_after(folder.path(), "", run), HasSubstr("ice40-hx8k"));
  EXPECT_EQ(run.exit_code, 0) << run.text;
}

TEST(BrokenTools, WhatIsSaidTwiceOfADesignIsARow) {
  const std::string synthesis = real("yosys");
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), {{"sweep.yaml", kSweep}}).ok());
  const FakeTools tools;
  tools.add("yosys", "case \"$*\" in *-V*) exec " + synthesis +
                         " \"$@\";; esac; echo 'ERROR: not this one'; exit 1");
  CommandRun run{};
  EXPECT_THAT(rows_after(folder.path(), "", run), HasSubstr("ERROR: not this one"));
  EXPECT_EQ(run.exit_code, 1) << run.text;
}

}  // namespace
}  // namespace fewbit
