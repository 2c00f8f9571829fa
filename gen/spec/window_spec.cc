// Requests for windows: see window_spec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/window_spec.h"

#include <fmt/format.h>

#include "fewbit/gen/spec/block_fields.h"

namespace fewbit {
namespace {

constexpr long long kMostPixels = 4096;  // of a side
constexpr long long kMostChannels = 4096;
constexpr long long kMostKernel = 15;
constexpr long long kMostStride = 16;
constexpr long long kMostBufferedCodes = 1LL << 24;

Status fill_image(const WindowRequest& request, WindowSpec& spec) {
  FEWBIT_ASSIGN_OR_RETURN(height, checked_count("--height", request.height, 1, kMostPixels));
  FEWBIT_ASSIGN_OR_RETURN(width, checked_count("--width", request.width, 1, kMostPixels));
  FEWBIT_ASSIGN_OR_RETURN(channels,
                          checked_count("--channels", request.channels, 1, kMostChannels));
  FEWBIT_ASSIGN_OR_RETURN(lanes, checked_divisor("--lanes", request.lanes, channels,
                                                 "a beat has channels of one pixel"));
  spec.height = height;
  spec.width = width;
  spec.channels = channels;
  spec.lanes = lanes;
  return Ok{};
}

Status fill_kernel(const WindowRequest& request, WindowSpec& spec) {
  FEWBIT_ASSIGN_OR_RETURN(kernel, checked_count("--kernel", request.kernel, 1, kMostKernel));
  FEWBIT_ASSIGN_OR_RETURN(stride, checked_count("--stride", request.stride, 1, kMostStride));
  FEWBIT_ASSIGN_OR_RETURN(dilation, checked_count("--dilation", request.dilation, 1, kMostStride));
  spec.kernel = kernel;
  spec.stride = stride;
  spec.dilation = dilation;
  struct Pad {
    const char* field;
    long long given;
    int WindowSpec::*pad;
  };
  for (const Pad& pad : {Pad{"--pad-top", request.pad_top, &WindowSpec::pad_top},
                         Pad{"--pad-left", request.pad_left, &WindowSpec::pad_left},
                         Pad{"--pad-bottom", request.pad_bottom, &WindowSpec::pad_bottom},
                         Pad{"--pad-right", request.pad_right, &WindowSpec::pad_right}}) {
    FEWBIT_ASSIGN_OR_RETURN(count, checked_count(pad.field, pad.given, 0, spec.extent() - 1,
                                                 "less than a window's extent"));
    spec.*pad.pad = count;
  }
  const auto fits = [&](const char* field, int side, int padded) -> Status {
    if (padded >= spec.extent()) return Ok{};
    return Error{field, std::to_string(side),
                 fmt::format("at least {} with this padding", spec.extent() - padded + side),
                 fmt::format("a window is {} high and wide", spec.extent())};
  };
  FEWBIT_RETURN_IF_ERROR(
      fits("--height", spec.height, spec.height + spec.pad_top + spec.pad_bottom));
  return fits("--width", spec.width, spec.width + spec.pad_left + spec.pad_right);
}

}  // namespace

Result<WindowSpec> make_window_spec(const WindowRequest& request) {
  WindowSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(format, finite_format_with_zero("--format", request.format));
  spec.format = format;
  FEWBIT_RETURN_IF_ERROR(fill_image(request, spec));
  FEWBIT_RETURN_IF_ERROR(fill_kernel(request, spec));
  const long long buffered =
      static_cast<long long>(spec.extent() + spec.stride) * spec.width * spec.channels;
  if (buffered > kMostBufferedCodes) {
    return Error{"--width", std::to_string(spec.width),
                 fmt::format("at most {} codes in the rows of a window", kMostBufferedCodes),
                 fmt::format("{} here", buffered)};
  }
  std::string otherwise =
      fmt::format("fewbit_window_{}_h{}_w{}_c{}_s{}_k{}", format.name(), spec.height, spec.width,
                  spec.channels, spec.lanes, spec.kernel);
  if (spec.stride > 1) otherwise += fmt::format("_stride{}", spec.stride);
  if (spec.dilation > 1) otherwise += fmt::format("_dilation{}", spec.dilation);
  if (spec.pad_top + spec.pad_left + spec.pad_bottom + spec.pad_right > 0) {
    otherwise += fmt::format("_pad{}_{}_{}_{}", spec.pad_top, spec.pad_left, spec.pad_bottom,
                             spec.pad_right);
  }
  FEWBIT_ASSIGN_OR_RETURN(name, checked_module_name(request.name, otherwise));
  spec.module_name = name;
  return spec;
}

}  // namespace fewbit
