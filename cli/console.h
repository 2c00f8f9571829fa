// Console: text or one JSON document on stdout; messages and progress on stderr; the exit codes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

/// How every command ends.
enum class ExitCode {
  kOk = 0,
  kMismatch = 1,       ///< hardware and model differ
  kBadRequest = 2,     ///< bad option, missing tool, unwritable directory; nothing was written
  kInternal = 70,      ///< a bug in fewbit
  kInterrupted = 130,  ///< SIGINT or SIGTERM
};

class Console {
 public:
  /// With json, stdout carries the document of finish() or of fail() and nothing else.
  void set_json(bool json) { json_ = json; }
  [[nodiscard]] bool json() const { return json_; }

  /// Text for people, on stdout, and on a terminal within its width; silent with --json. What a
  /// terminal could obey is escaped, here and in notes.
  void print(const std::string& text) const;
  /// Data for people or programs, as they are, on stdout; silent with --json.
  void data(const std::string& text) const;
  /// The result for machines, on stdout; silent without --json. The first alone is said: an ending
  /// that something else comes after has its document already.
  void document(const nlohmann::ordered_json& document) const;
  /// A message on stderr that --quiet leaves out, and one that it does not.
  void note(const std::string& text) const;
  void warn(const std::string& text) const;
  /// Says what is wrong on stderr and, with --json, as {"error": ...} on stdout. kBadRequest.
  ExitCode fail(const Error& error) const;
  /// Flushes stdout: a full disk turns success into kBadRequest.
  ExitCode finish(ExitCode code) const;

 private:
  bool json_ = false;
  mutable bool has_document_ = false;
};

}  // namespace fewbit::cli
