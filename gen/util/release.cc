// The release of fewbit, as the build reads it from the file VERSION.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/release.h"

namespace fewbit {

std::string_view release() { return FEWBIT_RELEASE; }

}  // namespace fewbit
