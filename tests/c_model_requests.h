// What the C models are asked, in a sample and in whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/sim/verify/c_model.h"
#include "fewbit/tests/request_matrix.h"

namespace fewbit::testing {

/// Compiler flags. A trap ends the test: no undefined behaviour is there to be overlooked.
inline const std::vector<std::string> kSanitized = {"-O0", "-fsanitize=undefined",
                                                    "-fsanitize-undefined-trap-on-error"};

inline void add_subject(const OperatorSpec& spec, std::vector<verify::Subject>& subjects) {
  subjects.push_back({spec, ops::emit(spec), {}, spec.command()});
}

/// Every number reported, and every mismatch a failure.
inline void expect_equal_models(const std::vector<verify::Subject>& subjects, verify::CModel model,
                                const verify::VerifyOptions& options,
                                const std::vector<std::string>& flags) {
  const auto reports = verify::verify_c_models(subjects, model, options, flags);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  ASSERT_EQ(reports->size(), subjects.size());
  std::uint64_t vectors = 0, mismatches = 0;
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_GT(report.vectors, 0U) << report.label;
    vectors += report.vectors;
    mismatches += report.mismatch_count;
  }
  fmt::print("{} C models, {} vectors, {} mismatches\n", reports->size(), vectors, mismatches);
}

/// The headers and DPI-C files of all subjects in one file, each header twice.
inline void expect_no_word(const std::vector<verify::Subject>& subjects,
                           std::vector<std::string> compiler) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  std::vector<TextFile> files;
  std::string includes;
  for (const verify::Subject& subject : subjects) {
    for (const TextFile& file : c_model::dpi_files(subject.spec)) files.push_back(file);
    const std::string name = subject.spec.module_name();
    includes += fmt::format("#include \"{0}_dpi.c\"\n#include \"{0}.h\"\n", name);
  }
  files.push_back({"all.c", includes});
  ASSERT_TRUE(write_files(folder.path(), files).ok());
  const std::string name = compiler[0];
  for (const char* word : {"-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "all.c"}) {
    compiler.emplace_back(word);
  }
  const Result<ProcessResult> run = run_process(compiler, folder.path());
  ASSERT_TRUE(run.ok()) << run.error().message();
  EXPECT_EQ(run->exit_code, 0) << name;
  EXPECT_EQ(run->log(), "") << name;
}

}  // namespace fewbit::testing
