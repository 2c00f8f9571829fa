// Many measurements at once: the RTL of all in shared simulators, then each on its target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/flows/study/measure.h"
#include "fewbit/flows/study/watcher.h"

namespace fewbit::study {

/// One measurement to be made; it has its spec and its design.
struct MeasureJob {
  Measurement* measurement;
  const flows::Target* target;
  int seeds;
  std::string flow = "";  ///< as in MeasureOptions
  int copies = 1;
};

/// Verifies the RTL of all, then measures those that equal the model, `jobs` at a time.
/// With `keep_going` a tool's failure is noted in its Measurement, and the others go on.
Status measure_many(const std::vector<MeasureJob>& work, int jobs, Watcher& watcher,
                    bool keep_going = false);

}  // namespace fewbit::study
