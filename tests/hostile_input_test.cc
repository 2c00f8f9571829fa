// What strangers' files and words could do to a user of the binary: end it, fill the memory, speak
// to the terminal, write into scripts and into databases of other programs.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "fewbit/tests/cli_fixture.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Hostile : public Cli {
 protected:
  std::string corpus(const std::string& name) const {
    return FEWBIT_SOURCE_DIR "/tests/fuzz/corpus/" + name;
  }
  std::string network() const { return FEWBIT_SOURCE_DIR "/quant/networks/resnet.onnx"; }
  Ending quant(const std::string& network, const std::string& images, const std::string& labels) {
    return run({"quant", "run", "--network", network, "--images", images, "--labels", labels,
                "--jobs", "1"});
  }
};

/// The processes that are started while it lives get no more memory than this.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_AS, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(Hostile, FilesThatAskForTooMuchAreRefusedInLittleMemory) {
  const std::string good = corpus("idx/images"), labels = corpus("idx/labels");
  const std::vector<std::array<std::string, 3>> cases = {
      {network(), corpus("npy/long_type.npy"), labels},
      {network(), corpus("npy/many_extents.npy"), labels},
      {network(), corpus("npy/many_blanks.npy"), labels},
      {network(), corpus("npy/promises_1gib.npy"), labels},
      {network(), corpus("idx/unpacks_to_64mib.gz"), labels},
      {network(), corpus("idx/promises_256mib.gz"), labels},
      {network(), "/dev/zero", labels},
      {network(), good, "/dev/zero"},
      {"/dev/zero", good, labels},
      {corpus("onnx/expand_to_2_30.onnx"), corpus("npy/ramp.npy"), corpus("npy/one_label.npy")},
      {corpus("onnx/constant_of_2_29.onnx"), corpus("npy/ramp.npy"), corpus("npy/one_label.npy")},
  };
  const MemoryLimit limit(rlim_t{1} << 30);
  for (const auto& [network, images, labels_file] : cases) {
    const Ending ending = quant(network, images, labels_file);
    EXPECT_EQ(ending.exit_code, 2) << network << " " << images << "\n" << ending.err;
    EXPECT_THAT(ending.err, HasSubstr("is not valid; legal: "));
  }
}

TEST_F(Hostile, PlansAndSweepFilesAreRefused) {
  for (const char* name : {"plan/nested_100000", "plan/nested_20000", "plan/long_line",
                           "plan/no_utf8", "sweep_yaml/product_of_ranges",
                           "sweep_yaml/two_documents", "sweep_yaml/no_utf8", "sweep_yaml/nested"}) {
    const Ending ending = run({"sweep", "plan", corpus(name)});
    EXPECT_EQ(ending.exit_code, 2) << name << "\n" << ending.err;
    EXPECT_EQ(ending.out, "") << name;
  }
  const Ending many = run({"sweep", "plan", corpus("sweep_yaml/int4_20000_times")});
  EXPECT_EQ(many.exit_code, 0) << many.err;
  EXPECT_EQ(std::count(many.out.begin(), many.out.end(), '\n'), 1);
}

TEST_F(Hostile, NothingSpeaksToTheTerminal) {
  const std::string evil = "\x1b[2J\x1b]0;owned\x07\r\n\xff";
  for (const Words& words :
       std::vector<Words>{{"emit", "mul", "--a", evil, "--b", "int4"},
                          {evil},
                          {"emit", evil},
                          {"explain", evil},
                          {"sweep", "plan", evil},
                          {"best", evil},
                          {"emit", "mul", "--a", "int4", "--b", "int4", "-o", "/dev/null/" + evil},
                          {"emit", "--" + evil}}) {
    const Ending ending = run(words);
    EXPECT_EQ(ending.exit_code, 2);
    for (const std::string& text : {ending.out, ending.err}) {
      EXPECT_THAT(text, Not(HasSubstr("\x1b")));
      EXPECT_THAT(text, Not(HasSubstr("\x07")));
      EXPECT_THAT(text, Not(HasSubstr("\xff")));
    }
    EXPECT_THAT(ending.err, HasSubstr("\\x1b"));
  }
}

TEST_F(Hostile, AFolderIsNoLineOfTheScript) {
  const std::string sweep = corpus("sweep_yaml/small");
  const std::string folder = (scratch_.path() / "x\ntouch PWN\n#").string();
  const Ending ending = run({"sweep", "slurm", sweep, "--folder", folder});
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_EQ(ending.out, "");
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace fewbit
