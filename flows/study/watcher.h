// Watcher: who is told how far long work is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace fewbit::study {

/// Says nothing; a caller who wants to see progress derives from it. started() and finished() come
/// from several threads at once.
class Watcher {
 public:
  Watcher() = default;
  virtual ~Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Work of `total` parts begins; what was begun before is over.
  virtual void begin(const std::string& /*title*/, std::size_t /*total*/) {}
  virtual void started(const std::string& /*part*/) {}
  virtual void finished(const std::string& /*part*/, const std::string& /*outcome*/) {}
};

}  // namespace fewbit::study
