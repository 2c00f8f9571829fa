// Every operator with AXI4-Stream ports, in Verilator: plain, and with tags, resets, latencies and
// the generic architecture. `make verify-axi-stream` runs it; axi_stream_test has a sample.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "fewbit/gen/blocks/axi_stream.h"
#include "fewbit/sim/verify/axi_stream.h"
#include "fewbit/tests/request_matrix.h"

namespace fewbit {
namespace {

/// The requests of an operator that this is about.
std::vector<OperatorRequest> requests_of(const OperatorInfo& info) {
  std::vector<OperatorRequest> requests = {testing::plain_request(info.name)};
  const auto add = [&](const auto& change) {
    requests.push_back(testing::plain_request(info.name));
    change(requests.back());
  };
  add([](OperatorRequest& r) { r.tag_bits = 63; });
  add([](OperatorRequest& r) { r.reset = "sync_high"; });
  add([](OperatorRequest& r) {
    r.reset = "sync_low";
    r.tag_bits = 3;
  });
  add([](OperatorRequest& r) { r.arch = "generic"; });
  if (info.has(Option::kLatency)) add([](OperatorRequest& r) { r.latency = 4; });
  if (info.has(Option::kLatency)) add([](OperatorRequest& r) { r.latency = 9; });
  // Exact results and sums have flags, and are signed.
  if (info.has(Option::kResult) && info.name != "convert" && info.name != "requant" &&
      info.name != "mxquant" && info.name != "squant" && info.name != "facc" &&
      info.name != "fmac") {
    add([&info](OperatorRequest& r) {
      r.result = "exact";
      r.a = "e5m2";
      if (info.has(Option::kC) && !info.with_addend) r.c = "e4m3fn";
    });
  }
  if (info.with_addend) add([](OperatorRequest& r) { r.c = "e5m2"; });
  if (info.has(Option::kTerms)) {
    add([](OperatorRequest& r) {
      r.result = "exact";
      r.a = "e5m2";
      r.terms = 30;
    });
  }
  for (OperatorRequest& request : requests) request.handshake = "valid";
  return requests;
}

class AxiStreamMatrix : public ::testing::TestWithParam<OperatorInfo> {};

TEST_P(AxiStreamMatrix, DoesAsTheModel) {
  for (const OperatorRequest& request : requests_of(GetParam())) {
    const Result<OperatorSpec> spec = make_operator_spec(request);
    ASSERT_TRUE(spec.ok()) << request.op << ": " << spec.error().message();
    ASSERT_TRUE(blocks::check_axi_stream(*spec).ok()) << spec->command();
    const auto done =
        verify::verify_axi_stream(*spec, blocks::emit_axi_stream(*spec), spec->command(), {});
    ASSERT_TRUE(done.ok()) << spec->command() << ": " << done.error().message();
    EXPECT_TRUE(done->report.passed) << verify::to_text(done->report);
    EXPECT_EQ(done->rates.at("s_axis"), 1) << spec->command();
  }
}

INSTANTIATE_TEST_SUITE_P(Operators, AxiStreamMatrix, ::testing::ValuesIn(operator_table()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace fewbit
