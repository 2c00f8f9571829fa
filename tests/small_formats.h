// The smallest formats, from the grammar of docs/formats.md: where a field has one bit or none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "fewbit/gen/spec/format.h"
#include "fewbit/tests/random_request.h"

namespace fewbit::testing {

/// The name of every format of up to `bits` bits that a name without bias or unit stands for, once.
inline std::vector<std::string> formats_of_up_to(int bits) {
  std::vector<std::string> texts;
  for (int n = 1; n <= bits; ++n) {
    for (const char* sign : {"int", "uint"}) texts.push_back(fmt::format("{}{}", sign, n));
    for (int fraction = 0; fraction < n; ++fraction) {
      for (const char* coding : {"f", "fn", "fnuz", "ieee"}) {
        texts.push_back(fmt::format("ue{}m{}{}", n - fraction, fraction, coding));
        texts.push_back(fmt::format("e{}m{}{}", n - fraction - 1, fraction, coding));
      }
    }
    for (int precision = 1; precision <= n; ++precision) {
      for (const char* suffix : {"se", "sf", "ue", "uf"}) {
        texts.push_back(fmt::format("binary{}p{}{}", n, precision, suffix));
      }
    }
  }
  std::vector<std::string> names;
  std::set<std::string> there;
  for (const std::string& text : texts) {
    const Result<Format> format = parse_format(text);  // the grammar refuses some
    if (format.ok() && there.insert(format->name()).second) names.push_back(format->name());
  }
  return names;
}

/// Requests of the smallest formats: nearly all of them up to 3 bits wide.
inline RequestFormats small_formats() {
  const std::vector<std::string> all = formats_of_up_to(3);
  RequestFormats formats{all, all, all, {}, {}, {}, {"e8m0", "int1_lsbm20", "uint1_lsb9"}, {}};
  formats.wide.insert(formats.wide.end(), {"int1_lsb3", "uint1_lsbm4", "ue1m4f", "e1m3ieee",
                                           "ue4m0fn", "e2m1b3ieee", "binary4p4ue"});
  formats.results.insert(formats.results.end(), {"int1_lsb2", "uint1_lsbm2", "e1m4fn", "ue1m3ieee",
                                                 "ue4m0f", "e4m3fn", "int5"});
  for (const std::string& name : all) {
    const Format format = parse_format(name).value();
    if (format.is_int()) {
      formats.sums.push_back(name);
      formats.factors.push_back(name);
      formats.zero_points.push_back(name);
    } else if (!format.is_signed()) {
      formats.scales.push_back(name);
    }
  }
  formats.sums.insert(formats.sums.end(), {"int1_lsb3", "uint1_lsbm3"});
  return formats;
}

}  // namespace fewbit::testing
