// The keeper: a small process that clears up behind this one, however this one ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace fewbit {

/// What the keeper can be left with, in the order in which it is done.
enum class DutyKind : std::uint8_t {
  kKillGroup,     ///< a process group, which is killed
  kFinishCommit,  ///< a staged set of files, which replaces the old ones (gen/util/commit.h)
  kRemoveFolder,  ///< a folder, which is removed with everything in it
  kRemoveEmpty,   ///< a folder, which is removed where it is empty
};

/// Something that is done when this process ends while this object lives: the keeper does it then.
/// Without a keeper (in programs that use the library) nothing is. It is told before the thing
/// itself begins, so that no moment is without a guard.
class Duty {
 public:
  Duty() = default;
  /// Paths are absolute.
  Duty(DutyKind kind, const std::filesystem::path& path) { change(kind, path); }
  ~Duty() { release(); }
  Duty(Duty&& other) noexcept;
  Duty& operator=(Duty&& other) noexcept;
  Duty(const Duty&) = delete;
  Duty& operator=(const Duty&) = delete;

  /// In one step: the keeper has the old duty or the new one. Where the end has begun, does not
  /// return.
  void change(DutyKind kind, const std::filesystem::path& path);
  /// Nothing is left to do.
  void release();

  /// A duty for a child that is yet to be made, and its words when it is there: the child itself
  /// tells the keeper, before it becomes another program (safe in a signal handler and after
  /// vfork). False where it must not begin any more.
  static Duty for_group();
  [[nodiscard]] bool tell_group(pid_t group) const noexcept;

 private:
  std::uint64_t id_ = 0;
};

/// Forks the keeper. The caller has one thread. In a fork of a process that has a keeper, the fork
/// gets one of its own.
void start_keeper();

/// Lets the keeper do what is left, and waits for its end, two seconds at most. Other threads can
/// begin nothing more.
void let_keeper_finish();

}  // namespace fewbit
