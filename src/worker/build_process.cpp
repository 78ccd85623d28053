#include "worker/build_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace img::worker {
namespace {

constexpr int kGraceMs = 1000;  // of the two seconds that a stop may take
constexpr int kPauseMs = 20;

// Everything in this part runs in a fork of a program with many threads: it may call nothing that
// takes a lock or memory, which leaves system calls. Whatever fails here ends the warden, and
// PDEATHSIG then ends the program.

struct Entry {  // linux_dirent64 of getdents64(2), which glibc does not declare
    std::uint64_t inode;
    std::int64_t next;
    unsigned short size;
    unsigned char type;
    char name[1];
};

/// The parent of a process, from the second field after the name in parentheses; 0: it is gone.
pid_t parent_of(int proc, const char* name) {
    std::array<char, 64> path{};
    std::size_t length = 0;
    while (name[length] != '\0' && length < 20) {
        path[length] = name[length];
        ++length;
    }
    std::memcpy(path.data() + length, "/stat", 6);
    const int fd = ::openat(proc, path.data(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    std::array<char, 512> text{};
    const auto size = ::read(fd, text.data(), text.size() - 1);
    ::close(fd);
    const char* at =
        size > 0
            ? static_cast<const char*>(::memrchr(text.data(), ')', static_cast<std::size_t>(size)))
            : nullptr;
    if (at == nullptr || at + 4 >= text.data() + size) {
        return 0;
    }
    pid_t parent = 0;
    for (at += 4; *at >= '0' && *at <= '9'; ++at) {  // ") S 123 "
        parent = parent * 10 + (*at - '0');
    }
    return parent;
}

pid_t number_of(const char* name) {
    pid_t number = 0;
    for (; *name >= '0' && *name <= '9'; ++name) {
        number = number * 10 + (*name - '0');
    }
    return *name == '\0' ? number : 0;
}

/// SIGKILL to each child of `warden`. Their children become its own then, for the next round.
void kill_children(pid_t warden) {
    const int proc = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0) {
        return;
    }
    alignas(Entry) std::array<char, 8192> buffer;
    for (;;) {
        const auto size = ::syscall(SYS_getdents64, proc, buffer.data(), buffer.size());
        if (size <= 0) {
            break;
        }
        for (long at = 0; at < size;) {
            const auto* entry = reinterpret_cast<const Entry*>(buffer.data() + at);
            at += entry->size;
            const pid_t pid = number_of(entry->name);
            if (pid > 0 && parent_of(proc, entry->name) == warden) {
                ::kill(pid, SIGKILL);  // a child of ours: its number is not anybody else's yet
            }
        }
    }
    ::close(proc);
}

long now_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// Buries children until none is left or none has died; notes how `program` ended. False: none
/// left.
bool bury(pid_t program, int& status) {
    for (;;) {
        int ended = 0;
        const pid_t pid = ::waitpid(-1, &ended, WNOHANG);
        if (pid == 0 || (pid < 0 && errno == EINTR)) {
            return true;
        }
        if (pid < 0) {
            return false;
        }
        if (pid == program) {
            status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
        }
    }
}

/// The warden's life. SIGTERM and SIGCHLD are blocked and taken one at a time.
[[noreturn]] void watch_over(pid_t program, const sigset_t& signals) {
    const pid_t warden = ::getpid();
    int status = -1;
    long kill_at = -1;
    constexpr timespec short_pause{.tv_sec = 0, .tv_nsec = kPauseMs * 1'000'000L};
    constexpr timespec long_pause{.tv_sec = 60,
                                  .tv_nsec = 0};  // a signal ends it, and does not get lost
    for (;;) {
        const bool is_ending = status >= 0 || kill_at >= 0;
        const int signal =
            ::sigtimedwait(&signals, nullptr, is_ending ? &short_pause : &long_pause);
        if (signal == SIGTERM && kill_at < 0) {
            ::kill(-program, SIGTERM);
            kill_at = now_ms() + kGraceMs;
        }
        if (!bury(program, status)) {
            ::_exit(status < 0 ? 255 : status);
        }
        if (status >= 0 || (kill_at >= 0 && now_ms() >= kill_at)) {
            kill_children(warden);  // the program is through: what it left behind goes too
        }
    }
}

[[noreturn]] void become(const char* const* argv, const char* const* environment, pid_t warden) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != warden) {
        ::_exit(255);
    }
    ::setpgid(0, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(argv[0], const_cast<char* const*>(argv), const_cast<char* const*>(environment));
    constexpr std::string_view words = "the program cannot be run\n";
    (void)!::write(STDERR_FILENO, words.data(), words.size());
    ::_exit(127);
}

struct Ends {
    int null, output, errors, keep_open;
};

/// What the fork does first: the warden's own files, signals and place in the world.
[[noreturn]] void be_warden(const char* const* argv,
                            const char* const* environment,
                            Ends ends,
                            pid_t parent) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    // SIGTERM and not SIGKILL: when we die it still has to take everything else with it.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::setpgid(0, 0);  // Ctrl-C at a terminal is for us; we tell it
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) {
        ::sigaction(signal, &standard, nullptr);  // refused for SIGKILL and SIGSTOP
    }
    ::dup2(ends.null, STDIN_FILENO);
    ::dup2(ends.output, STDOUT_FILENO);
    ::dup2(ends.errors, STDERR_FILENO);
    int first = 3;
    if (ends.keep_open >= 0) {
        // Without close-on-exec dup2 would hand it on; the program must not hold it.
        if (ends.keep_open == first) {
            ::fcntl(first, F_SETFD, FD_CLOEXEC);
        } else {
            ::dup3(ends.keep_open, first, O_CLOEXEC);
        }
        ++first;
    }
    ::syscall(SYS_close_range, first, ~0U, 0);
    const pid_t warden = ::getpid();
    const pid_t program = ::fork();
    if (program == 0) {
        become(argv, environment, warden);
    }
    if (program < 0) {
        ::_exit(255);
    }
    ::setpgid(program, program);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDOUT_FILENO);  // readers see the end of output when the program's end comes
    ::dup2(null, STDERR_FILENO);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGCHLD);
    if (::getppid() != parent) {
        ::raise(SIGTERM);  // blocked: watch_over() takes it
    }
    watch_over(program, signals);
}

// From here on we are ourselves again.

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
    std::vector<const char*> all;
    all.reserve(texts.size() + 1);
    for (const auto& text : texts) {
        all.push_back(text.c_str());
    }
    all.push_back(nullptr);
    return all;
}

struct Pipe {
    system::Fd read, write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(Fault::exhausted,
                    fmt::format("pipe: {}", std::generic_category().message(errno)));
    }
    return Pipe{system::Fd(ends[0]), system::Fd(ends[1])};
}

}  // namespace

Result<BuildProcess> BuildProcess::start(const Start& start) {
    if (::access(start.argv.front().c_str(), X_OK) != 0) {
        return fail(Fault::missing,
                    fmt::format("program {}: {}; see that IMG is installed whole",
                                start.argv.front(), std::generic_category().message(errno)));
    }
    auto output = TRY(make_pipe());
    auto errors = TRY(make_pipe());
    const system::Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const auto argv = pointers(start.argv);
    const auto environment = pointers(start.environment);
    const Ends ends{.null = null.get(),
                    .output = output.write.get(),
                    .errors = errors.write.get(),
                    .keep_open = start.keep_open};
    const pid_t parent = ::getpid();
    // Blocked over the fork, so that no signal of ours runs a handler of ours in the warden.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) {
        be_warden(argv.data(), environment.data(), ends, parent);
    }
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) {
        return fail(Fault::exhausted, fmt::format("start {}: {}", start.argv.front(),
                                                  std::generic_category().message(error)));
    }
    BuildProcess process;
    process.pid_ = pid;
    process.pidfd_ = system::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    process.output_ = std::move(output.read);
    process.errors_ = std::move(errors.read);
    return process;
}

BuildProcess::~BuildProcess() {
    if (pidfd_ && pid_ > 0) {
        stop();
        (void)wait();
    }
}

void BuildProcess::stop() {
    ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGTERM, nullptr, 0);
}

int BuildProcess::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace img::worker
