// Tables of docs/hardware.md: a design that could not be measured is a row, in every layout.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "fewbit/flows/study/hardware.h"

namespace fewbit::study {
namespace {

TEST(HardwareTables, ADesignWithoutACostIsSaidInItsRow) {
  for (const char* name : {"sample", "mac-ten", "overhead", "dsp", "pipeline-ecp5"}) {
    const auto groups = make_groups({name});
    ASSERT_TRUE(groups.ok()) << groups.error().message();
    const std::string text = table_of(groups->front()).to_markdown();
    EXPECT_THAT(text, ::testing::HasSubstr("| failed |")) << name;
    EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("inf"))) << name;
    EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("nan"))) << name;
  }
}

}  // namespace
}  // namespace fewbit::study
