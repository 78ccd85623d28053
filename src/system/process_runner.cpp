#include "system/process_runner.hpp"

#include "base/byte_size.hpp"
#include "system/fd.hpp"
#include "system/pipe.hpp"
#include "system/steady.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace img::system {
namespace {

constexpr std::array<const char*, 4> kBasics = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
    "HOME=/root", "TERM=dumb"};
constexpr std::size_t kLineMax = 16 * 1024;  // a longer line is cut into several
constexpr std::size_t kTailLines = 200;
constexpr std::size_t kOutputMax = 256 << 20;  // of captured output; apt-cache dumpavail is 60 MiB

void set_nonblocking(const Fd& fd) {
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

/// All that a child needs between fork and exec, made before: nothing may be allocated there.
struct Launch {
    std::vector<std::string> argv_texts, environment_texts;
    std::vector<char*> argv, environment;
    std::string root, directory;
    int input, output, errors, trouble;
    pid_t parent;
};

/// What failed before exec, sent up the trouble pipe.
struct Trouble {
    enum class Step : int { chroot, chdir, exec } step;
    int error;
};

[[noreturn]] void become(const Launch& launch) {
    const auto give_up = [&](Trouble::Step step) {
        const Trouble trouble{step, errno};
        (void)!::write(launch.trouble, &trouble, sizeof trouble);
        ::_exit(127);
    };
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launch.parent) {
        ::_exit(127);  // the parent died before the signal was armed
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(launch.input, STDIN_FILENO);
    ::dup2(launch.output, STDOUT_FILENO);
    ::dup2(launch.errors, STDERR_FILENO);
    if (!launch.root.empty() && ::chroot(launch.root.c_str()) != 0) {
        give_up(Trouble::Step::chroot);
    }
    if (::chdir(launch.directory.c_str()) != 0) {
        give_up(Trouble::Step::chdir);
    }
    ::environ = const_cast<char**>(launch.environment.data());  // execvp looks PATH up there
    ::execvp(launch.argv[0], launch.argv.data());
    give_up(Trouble::Step::exec);
    ::_exit(127);
}

std::unexpected<Error> start_failure(const Command& command, const Trouble& trouble) {
    const std::string& program = command.argv.front();
    const char* reason = std::strerror(trouble.error);
    switch (trouble.step) {
        case Trouble::Step::chroot:
            return fail(Fault::broken, fmt::format("{}: chroot to {}: {}", program,
                                                   command.root.string(), reason));
        case Trouble::Step::chdir:
            return fail(Fault::broken, fmt::format("{}: change to {}: {}", program,
                                                   command.directory.string(), reason));
        case Trouble::Step::exec: break;
    }
    if (trouble.error == ENOENT) {
        return fail(Fault::missing,
                    fmt::format("{}: no such program{}; install the package that has it", program,
                                command.root.empty() ? "" : " in the image's tree"));
    }
    return fail(Fault::broken, fmt::format("start {}: {}", program, reason));
}

/// Cuts a stream into lines, for the log and for the tail of an error.
class Lines {
public:
    Lines(const LineSink& log, std::deque<std::string>& tail) : log_(log), tail_(tail) {}

    void add(std::string_view bytes) {
        for (const char c : bytes) {
            // A carriage return redraws a progress line: each state of it is a line of its own.
            if (c == '\n' || c == '\r' || line_.size() == kLineMax) {
                flush();
            }
            if (c != '\n' && c != '\r') {
                line_ += c;
            }
        }
    }
    void flush() {
        if (line_.empty()) {
            return;
        }
        if (log_) {
            log_(line_);
        }
        tail_.push_back(std::move(line_));
        if (tail_.size() > kTailLines) {
            tail_.pop_front();
        }
        line_.clear();
    }

private:
    const LineSink& log_;
    std::deque<std::string>& tail_;
    std::string line_;
};

/// A started child: killed with its group and reaped, however its owner is left.
class Child {
public:
    Child(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0) {
            kill();
            (void)wait();
        }
    }
    void kill() const {
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);  // it may not have made its group yet
    }
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        ::kill(-pid_, SIGKILL);  // what it left behind in its group goes too
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    const Fd& pidfd() const { return pidfd_; }

private:
    pid_t pid_;
    Fd pidfd_;
};

/// The parent's ends while a child runs.
struct Streams {
    Fd input, output, errors;
    std::string_view unsent;  ///< Of the child's standard input.
};

/// Reads what is there; closes the end at its end.
template <typename Take>
void drain(Fd& fd, Take take) {
    std::array<char, 64 * 1024> buffer;
    while (fd) {
        const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got > 0) {
            take(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else {
            if (got == 0 || errno != EAGAIN) {
                fd = Fd();
            }
            return;
        }
    }
}

void feed(Streams& streams) {
    while (streams.input && !streams.unsent.empty()) {
        const ssize_t put =
            ::write(streams.input.get(), streams.unsent.data(), streams.unsent.size());
        if (put < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                streams.input = Fd();  // it does not want the rest
            }
            return;
        }
        streams.unsent.remove_prefix(static_cast<std::size_t>(put));
    }
    streams.input = Fd();
}

/// Wakes the poll below when a stop is asked for.
class StopBell {
public:
    explicit StopBell(const std::stop_token& stop)
        : bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(stop, Ring{bell_.get()}) {}
    int fd() const { return bell_.get(); }

private:
    struct Ring {
        int fd;
        void operator()() const { ::eventfd_write(fd, 1); }
    };
    Fd bell_;
    std::stop_callback<Ring> callback_;
};

/// Feeds and reads a child until its end, its timeout, or a stop.
Result<Finished> attend(const Command& command,
                        Child& child,
                        Streams streams,
                        const LineSink& log,
                        const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    const StopBell bell(stop);
    const auto deadline = Clock::now() + command.timeout;
    std::deque<std::string> tail;
    Lines output_lines(log, tail);
    Lines error_lines(log, tail);
    Finished finished;
    bool is_too_much = false;
    const auto take_output = [&](std::string_view bytes) {
        is_too_much = finished.output.size() + bytes.size() > kOutputMax;
        if (!command.captured) {
            output_lines.add(bytes);
        } else if (!is_too_much) {
            finished.output += bytes;
        }
    };
    const auto drain_all = [&] {
        drain(streams.output, take_output);
        drain(streams.errors, [&](std::string_view bytes) { error_lines.add(bytes); });
    };
    for (bool running = true; running;) {
        feed(streams);
        std::array<pollfd, 5> ends{{{streams.output.get(), POLLIN, 0},
                                    {streams.errors.get(), POLLIN, 0},
                                    {streams.input.get(), POLLOUT, 0},
                                    {child.pidfd().get(), POLLIN, 0},
                                    {bell.fd(), POLLIN, 0}}};
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) {
            return fail(Fault::exhausted,
                        fmt::format("{} took longer than {} s and was ended", command.argv.front(),
                                    command.timeout.count()));
        }
        (void)::poll(ends.data(), ends.size(),
                     static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (stop.stop_requested()) {
            return fail(Fault::transient, fmt::format("{} was stopped", command.argv.front()));
        }
        // Its end first, then what it wrote: a grandchild may hold the pipes open for ever.
        running = (ends[3].revents & POLLIN) == 0;
        drain_all();
        if (is_too_much) {  // half an answer would be read as a whole one
            return fail(Fault::exhausted,
                        fmt::format("{} was ended: it wrote more than {}, which is all that is "
                                    "kept of a tool's answer",
                                    command.argv.front(), human_size(kOutputMax)));
        }
    }
    finished.status = child.wait();
    output_lines.flush();
    error_lines.flush();
    for (const auto& line : tail) {
        finished.tail += (finished.tail.empty() ? "" : "\n") + line;
    }
    return finished;
}

/// Closed where the command asks for none.
Result<std::ofstream> open_transcript(const Command& command) {
    std::ofstream transcript;
    if (!command.transcript.empty()) {
        transcript.open(command.transcript, std::ios::trunc);
        if (!transcript.is_open()) {
            return fail(Fault::broken,
                        fmt::format("{}: cannot write its transcript {}", command.argv.front(),
                                    command.transcript.string()));
        }
    }
    return transcript;
}

}  // namespace

ProcessRunner::ProcessRunner(LineSink log,
                             std::stop_token stop,
                             std::vector<std::string> environment)
    : log_(std::move(log)), stop_(std::move(stop)), environment_(std::move(environment)) {}

Result<std::vector<std::string>> ProcessRunner::environment_of(const Command& command) const {
    std::vector<std::string> all;
    // A later word for the same name wins, as in a shell.
    const auto add = [&](const std::string& word) {
        const auto name = word.substr(0, word.find('=') + 1);
        std::erase_if(all, [&](const std::string& old) { return old.starts_with(name); });
        all.push_back(word);
    };
    if (!command.bare) {
        std::ranges::for_each(kBasics, add);
        std::ranges::for_each(environment_, add);
    }
    std::ranges::for_each(command.environment, add);
    if (command.steady) {
        std::ranges::for_each(TRY(steady_environment(*command.steady)), add);
    }
    return all;
}

Result<Finished> ProcessRunner::finish(const Command& command) {
    std::ofstream transcript = TRY(open_transcript(command));
    std::vector<std::string> environment = TRY(environment_of(command));
    Pipe input = TRY(make_pipe());
    Pipe output = TRY(make_pipe());
    Pipe errors = TRY(make_pipe());
    Pipe trouble = TRY(make_pipe());
    Launch launch{.argv_texts = command.argv,
                  .environment_texts = std::move(environment),
                  .argv = {},
                  .environment = {},
                  .root = command.root.string(),
                  .directory = command.directory.empty() ? "/" : command.directory.string(),
                  .input = input.read.get(),
                  .output = output.write.get(),
                  .errors = errors.write.get(),
                  .trouble = trouble.write.get(),
                  .parent = ::getpid()};
    launch.argv = pointers(launch.argv_texts);
    launch.environment = pointers(launch.environment_texts);

    const pid_t pid = ::fork();
    if (pid < 0) {
        const int error = errno;
        return fail(Fault::exhausted,
                    fmt::format("start {}: {}", command.argv.front(), std::strerror(error)));
    }
    if (pid == 0) {
        become(launch);
    }
    ::setpgid(pid, pid);
    Child child(pid, Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
    for (Fd* theirs : {&input.read, &output.write, &errors.write, &trouble.write}) {
        *theirs = Fd();
    }
    Trouble start{};
    if (::read(trouble.read.get(), &start, sizeof start) == sizeof start) {
        return start_failure(command, start);
    }
    Streams streams{std::move(input.write), std::move(output.read), std::move(errors.read),
                    command.input};
    set_nonblocking(streams.input);
    set_nonblocking(streams.output);
    set_nonblocking(streams.errors);
    const LineSink log = [&](std::string_view line) {
        if (log_) {
            log_(line);
        }
        if (transcript.is_open()) {
            transcript << line << '\n';
        }
    };
    return attend(command, child, std::move(streams), log, stop_);
}

}  // namespace img::system
