#include "cli/interrupts.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace img::cli {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr char kEnd = 'e';

// A handler takes no argument of ours, so the way to the listener has to be global.
std::atomic<int> g_bell = -1;  // NOLINT(*-naming): not a constant
static_assert(std::atomic<int>::is_always_lock_free, "or a signal handler must not touch it");

void ring(int /*signal*/) {
    const int saved = errno;
    const char mark = 's';
    [[maybe_unused]] const auto written = ::write(g_bell.load(), &mark, 1);
    errno = saved;
}

void handle_all(void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int signal : kSignals) {
        ::sigaction(signal, &action, nullptr);
    }
}

}  // namespace

Interrupts::Interrupts() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return;  // out of descriptors: signals keep ending the process at once
    }
    reader_ = ends[0];
    writer_ = ends[1];
    listener_ = std::jthread([reader = reader_, source = source_]() mutable {
        char mark = 0;
        while (true) {
            const auto got = ::read(reader, &mark, 1);
            if (got == 1 && mark != kEnd) {
                source.request_stop();
            } else if (got >= 0 || errno != EINTR) {
                return;
            }
        }
    });
    g_bell = writer_;
    handle_all(ring);
}

Interrupts::~Interrupts() {
    if (writer_ < 0) {
        return;
    }
    handle_all(SIG_DFL);
    [[maybe_unused]] const auto written = ::write(writer_, &kEnd, 1);
    listener_.join();
    g_bell = -1;
    ::close(writer_);
    ::close(reader_);
}

}  // namespace img::cli
