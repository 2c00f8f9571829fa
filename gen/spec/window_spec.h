// WindowSpec: the windows of a convolution or of pooling, out of a stream of pixels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// What the user wrote.
struct WindowRequest {
  std::string format{};
  long long height = 1, width = 1, channels = 1;  ///< of the image
  long long lanes = 1;                            ///< S, codes a beat
  long long kernel = 1, stride = 1, dilation = 1;
  long long pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::string name{};
};

/// Windows of kernel x kernel pixels, `dilation` apart, at every `stride`-th place, row by row.
/// Beyond the image, which has so many rows and columns of padding, all is 0.
struct WindowSpec {
  Format format = IntFormat{};  ///< whose code 0 is zero
  int height = 1, width = 1, channels = 1;
  int lanes = 1;  ///< divides channels
  int kernel = 1, stride = 1, dilation = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;  ///< below extent()
  std::string module_name;

  /// Pixels from one end of a window to the other.
  [[nodiscard]] int extent() const { return (kernel - 1) * dilation + 1; }
  [[nodiscard]] int out_height() const {
    return (height + pad_top + pad_bottom - extent()) / stride + 1;
  }
  [[nodiscard]] int out_width() const {
    return (width + pad_left + pad_right - extent()) / stride + 1;
  }
  [[nodiscard]] int pixel_beats() const { return channels / lanes; }
  /// Beats of a window.
  [[nodiscard]] int beats() const { return kernel * kernel * pixel_beats(); }
};

/// Checks every field.
Result<WindowSpec> make_window_spec(const WindowRequest& request);

}  // namespace fewbit
