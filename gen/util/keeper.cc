// The keeper: see keeper.h. Both sides of the socket between it and its process.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/commit.h"

namespace fewbit {
namespace fs = std::filesystem;
namespace {

constexpr time_t kSecondsForKeeper = 2;
constexpr int kKeptSocket = 3;

/// What goes over the socket: this, and for a path its characters behind it. A socket of packets
/// keeps messages apart, and its end is seen when the last copy is closed: that of a child which
/// is about to become another program, too.
struct Message {
  std::uint64_t id = 0;
  bool is_given = false;  ///< else taken back
  DutyKind kind = DutyKind::kKillGroup;
  pid_t group = 0;
};
constexpr std::size_t kMostBytes = sizeof(Message) + 65536;

std::atomic<int> to_keeper{-1};
std::atomic<pid_t> keeper{0};
std::atomic<std::uint64_t> last_id{0};
std::atomic<bool> is_ending{false};

bool send_bytes(const void* bytes, std::size_t size) noexcept {
  const int socket = to_keeper.load();
  if (socket < 0) return true;
  ssize_t sent = 0;
  do {
    sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0 || !is_ending.load();  // without an end, the keeper was killed: go on alone
}

/// For a thread of a process that ends at this moment.
[[noreturn]] void wait_for_the_end() {
  for (;;) ::pause();
}

/// What is given to the keeper, in its own process.
struct Given {
  DutyKind kind;
  pid_t group;
  fs::path path;
};

void fulfil(const std::map<std::uint64_t, Given>& duties) {
  for (const DutyKind kind : {DutyKind::kKillGroup, DutyKind::kFinishCommit,
                              DutyKind::kRemoveFolder, DutyKind::kRemoveEmpty}) {
    // The newest first: a folder in a folder before that one.
    for (auto place = duties.rbegin(); place != duties.rend(); ++place) {
      const Given& given = place->second;
      if (given.kind != kind) continue;
      switch (kind) {
        case DutyKind::kKillGroup:
          ::kill(-given.group, SIGKILL);
          break;
        case DutyKind::kFinishCommit:
          if (!finish_commit(given.path).ok()) {  // it may be half done
            static_cast<void>(finish_any_commit(given.path.parent_path().parent_path()));
          }
          break;
        case DutyKind::kRemoveFolder:
          remove_folder(given.path);
          break;
        case DutyKind::kRemoveEmpty:
          ::rmdir(given.path.c_str());
          break;
      }
    }
  }
}

/// The keeper's life: in a session of its own, so that signals to its process's group or from the
/// terminal pass it by, and with no file of others held open.
[[noreturn]] void keep(int socket) {
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(number, SIG_IGN);
  ::prctl(PR_SET_NAME, "fewbit-keeper");  // killall fewbit does not mean it
  const int null = ::open("/dev/null", O_RDWR);
  for (int file = 0; file < kKeptSocket; ++file) ::dup2(null, file);
  ::dup2(socket, kKeptSocket);
  ::close_range(kKeptSocket + 1, ~0U, 0);
  static_cast<void>(::chdir("/") == 0);
  std::map<std::uint64_t, Given> duties;
  std::array<char, kMostBytes> buffer{};
  for (;;) {
    const ssize_t size = ::recv(kKeptSocket, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < static_cast<ssize_t>(sizeof(Message))) break;
    Message message;
    std::memcpy(&message, buffer.data(), sizeof(Message));
    if (message.is_given) {
      const std::string path(buffer.data() + sizeof(Message), buffer.data() + size);
      duties.insert_or_assign(message.id, Given{message.kind, message.group, path});
    } else {
      duties.erase(message.id);
    }
  }
  fulfil(duties);
  ::_exit(0);
}

}  // namespace

Duty::Duty(Duty&& other) noexcept : id_(std::exchange(other.id_, 0)) {}

Duty& Duty::operator=(Duty&& other) noexcept {
  if (this != &other) {
    release();
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

void Duty::change(DutyKind kind, const fs::path& path) {
  FEWBIT_CHECK(path.is_absolute(), "a duty with the relative path {}", path.string());
  if (id_ == 0) id_ = ++last_id;
  const Message message{id_, true, kind, 0};
  std::string bytes(reinterpret_cast<const char*>(&message), sizeof(message));
  if (!send_bytes((bytes + path.string()).data(), bytes.size() + path.string().size())) {
    wait_for_the_end();
  }
}

void Duty::release() {
  if (id_ == 0) return;
  const Message message{std::exchange(id_, 0), false, DutyKind::kKillGroup, 0};
  static_cast<void>(send_bytes(&message, sizeof(message)));
}

Duty Duty::for_group() {
  Duty duty;
  duty.id_ = ++last_id;
  return duty;
}

bool Duty::tell_group(pid_t group) const noexcept {
  const Message message{id_, true, DutyKind::kKillGroup, group};
  return send_bytes(&message, sizeof(message)) && !is_ending.load();
}

void start_keeper() {
  if (const int inherited = to_keeper.exchange(-1); inherited >= 0) ::close(inherited);
  keeper = 0;
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
  for (int& end : ends) {  // not in the place of a standard stream that the caller closed
    const int moved = ::fcntl(end, F_DUPFD_CLOEXEC, kKeptSocket + 1);
    ::close(end);
    end = moved;
  }
  const pid_t pid = ::fork();
  if (pid == 0) keep(ends[1]);
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return;
  }
  keeper = pid;
  to_keeper = ends[0];
}

void let_keeper_finish() {
  is_ending = true;
  const int socket = to_keeper.load();
  if (socket < 0) return;
  ::shutdown(socket, SHUT_WR);
  const timeval limit{kSecondsForKeeper, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  char nothing = 0;
  while (::recv(socket, &nothing, 1, 0) < 0 && errno == EINTR) {  // it says nothing, but ends
  }
  ::waitpid(keeper.load(), nullptr, WNOHANG);
}

}  // namespace fewbit
