// Terminals: their width, text that fits it, and how much fewbit says on stderr.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace fewbit::cli {

/// After --quiet neither progress nor remarks are shown: results and errors alone.
void set_quiet(bool quiet);
bool is_quiet();

/// Columns of the terminal that a file (1: stdout, 2: stderr) is; 0 where it is none. 80 where the
/// terminal does not say.
std::size_t terminal_columns(int file = 2);

/// `text` with lines of at most `columns`: longer ones go on, between words or behind a comma,
/// below where their last column begins. Words that are longer stay whole. 0 columns: as it is.
std::string fitted(const std::string& text, std::size_t columns);

/// "12 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);

/// Replaces the line of the terminal that the cursor is in, cut to its width; "" clears it.
void rewrite_line(const std::string& text);

}  // namespace fewbit::cli
