#include "jobs/attempt_fence.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <sys/file.h>
#include <system_error>
#include <thread>

namespace img::jobs {
namespace {

constexpr auto kLockPause = std::chrono::milliseconds(10);

/// Waits by asking again: flock(2) has no time-out, and a holder may have been stopped for good.
Result<void> lock(const system::Fd& file,
                  const std::filesystem::path& path,
                  std::chrono::milliseconds wait) {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail(Fault::broken, fmt::format("lock {}: {}", path.native(),
                                                   std::generic_category().message(errno)));
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(Fault::transient,
                        fmt::format("lock {}: another program holds it; where that lasts, lslocks "
                                    "says which one",
                                    path.native()));
        }
        std::this_thread::sleep_for(kLockPause);
    }
    return {};
}

/// 0 where no attempt was here yet, or a crash left the file empty.
unsigned read_attempt(const system::Fd& file) {
    std::array<char, 16> text{};
    const auto size = ::pread(file.get(), text.data(), text.size(), 0);
    unsigned attempt = 0;
    if (size > 0) {
        std::from_chars(text.data(), text.data() + size, attempt);
    }
    return attempt;
}

std::unexpected<Error> cannot_open(const std::filesystem::path& path, int error) {
    return fail(error == ENOENT ? Fault::missing : Fault::broken,
                fmt::format("open {}: {}", path.native(), std::generic_category().message(error)));
}

Result<void> let_in(const std::filesystem::path& path, unsigned attempt, unsigned newest) {
    if (newest > attempt) {
        return fail(Fault::invalid, newest == AttemptFence::kClosed
                                        ? fmt::format("{}: the job is over", path.native())
                                        : fmt::format("{}: attempt {} is over, {} has begun",
                                                      path.native(), attempt, newest));
    }
    return {};
}

}  // namespace

Result<AttemptFence> AttemptFence::hold(const std::filesystem::path& folder,
                                        std::chrono::milliseconds wait) {
    auto path = folder / ".attempt";
    system::Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) {
        return cannot_open(path, errno);
    }
    TRY(lock(file, path, wait));
    const unsigned newest = read_attempt(file);
    return AttemptFence(std::move(file), std::move(path), newest);
}

Result<AttemptFence> AttemptFence::enter(const std::filesystem::path& folder,
                                         unsigned attempt,
                                         std::chrono::milliseconds wait) {
    auto fence = TRY(hold(folder, wait));
    TRY(let_in(fence.path_, attempt, fence.newest_));
    TRY(fence.set(attempt));
    return fence;
}

Result<void> AttemptFence::set(unsigned attempt) {
    if (newest_ == attempt) {
        return {};
    }
    const auto text = fmt::format("{:010}\n", attempt);  // one length, so never a mix of two
    if (::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        const int error = errno;
        return fail(
            error == ENOSPC || error == EDQUOT ? Fault::exhausted : Fault::broken,
            fmt::format("write {}: {}", path_.native(), std::generic_category().message(error)));
    }
    newest_ = attempt;
    return {};
}

Result<void> AttemptFence::check(const std::filesystem::path& folder, unsigned attempt) {
    const auto path = folder / ".attempt";
    const system::Fd there(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!there) {
        return cannot_open(folder, errno);
    }
    const system::Fd file(::openat(there.get(), ".attempt", O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) {
        return {};  // no attempt was here yet
    }
    if (!file) {
        return cannot_open(path, errno);
    }
    return let_in(path, attempt, read_attempt(file));  // it is written at once: no lock is needed
}

}  // namespace img::jobs
