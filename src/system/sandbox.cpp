#include "system/sandbox.hpp"

#include "system/files.hpp"
#include "system/id_map.hpp"
#include "system/mount.hpp"
#include "system/pipe.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace img::system {
namespace {

namespace fs = std::filesystem;

// The new root is put together here; it hides the machine's folder for a moment only.
constexpr const char* kStage = "/tmp";
constexpr int kSetupFailed = 125;
constexpr char kReady = 'r';  // no digit: an error begins with its fault's number

std::unexpected<Error> system_failure(Fault fault, std::string_view what, int error) {
    return fail(fault, fmt::format("sandbox: {}: {}", what, std::strerror(error)));
}

/// A copy of a mount that hangs nowhere yet, so that covering its path does not lose it.
struct Detached {
    Fd tree;
    fs::path target;
    bool folder = true;
};

Result<Detached> detach(const Shared& shared) {
    Fd tree(::open_tree(AT_FDCWD, shared.source.c_str(),
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
    if (!tree) {
        const int error = errno;
        return system_failure(error == ENOENT ? Fault::missing : Fault::broken,
                              shared.source.string(), error);
    }
    if (!shared.writable) {
        mount_attr attributes{
            .attr_set = MOUNT_ATTR_RDONLY, .attr_clr = 0, .propagation = 0, .userns_fd = 0};
        if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                            sizeof attributes) != 0) {
            return system_failure(Fault::broken, shared.source.string(), errno);
        }
    }
    struct stat status{};
    if (::fstat(tree.get(), &status) != 0) {
        return system_failure(Fault::broken, shared.source.string(), errno);
    }
    return Detached{std::move(tree), shared.target, S_ISDIR(status.st_mode)};
}

Result<void> attach(const Detached& part, const fs::path& root) {
    const fs::path where = root / part.target.relative_path();
    std::error_code error;
    if (part.folder) {
        fs::create_directories(where, error);
    } else {
        fs::create_directories(where.parent_path(), error);
        const Fd made(::open(where.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    }
    if (::move_mount(part.tree.get(), "", AT_FDCWD, where.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        return system_failure(Fault::broken, where.string(), errno);
    }
    return {};
}

/// /bin, /lib and so on as the machine has them: links into /usr, or folders of their own.
Result<std::vector<Detached>> system_folders(const fs::path& root) {
    std::vector<Detached> parts;
    for (const char* name : {"/usr", "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64"}) {
        std::error_code error;  // a machine need not have all of them
        if (const auto to = fs::read_symlink(name, error); !error) {
            fs::create_symlink(to, root / fs::path(name).relative_path(), error);
        } else if (exists(name)) {
            parts.push_back(TRY(detach({.source = name, .target = name})));
        }
    }
    // Where systemd-resolved keeps what /etc/resolv.conf points to.
    if (exists("/run/systemd/resolve")) {
        parts.push_back(
            TRY(detach({.source = "/run/systemd/resolve", .target = "/run/systemd/resolve"})));
    }
    return parts;
}

Result<void> make_root(const SandboxOptions& options) {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return system_failure(Fault::broken, "make mounts private", errno);
    }
    std::vector<Detached> parts;
    for (const auto& shared : options.shared) {
        parts.push_back(TRY(detach(shared)));
    }
    Mount root = TRY(Mount::tmpfs(kStage, 0));
    const fs::path stage = kStage;
    for (auto& part : TRY(system_folders(stage))) {
        TRY(attach(part, stage));
    }
    for (const char* folder : {"dev", "proc", "sys", "tmp", "run", "var/tmp", "var/lib", "root"}) {
        std::error_code error;
        fs::create_directories(stage / folder, error);
    }
    ::chmod((stage / "tmp").c_str(), 01777);
    for (const auto& part : parts) {
        TRY(attach(part, stage));
    }
    TRY(mount_devices(stage / "dev")).keep();
    TRY(Mount::proc(stage / "proc")).keep();
    if (!options.memory_folder.empty()) {
        const fs::path memory = stage / options.memory_folder.relative_path();
        std::error_code error;
        fs::create_directories(memory, error);
        TRY(Mount::tmpfs(memory, options.memory_bytes)).keep();
    }
    root.keep();
    if (::chdir(kStage) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 ||
        ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
        return system_failure(Fault::broken, "change the root folder", errno);
    }
    return {};
}

Result<void> become_root() {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0) {
        return system_failure(Fault::broken, "become root of the namespace", errno);
    }
    ::umask(022);
    return {};
}

int exit_status(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int reap(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return exit_status(status);
}

/// Tells the parent in its error pipe, as fault number and text.
[[noreturn]] void give_up(const Fd& errors, const Error& error) {
    const std::string text = fmt::format("{}{}", static_cast<int>(error.fault), error.message);
    (void)!::write(errors.get(), text.data(), text.size());
    ::_exit(kSetupFailed);
}

/// Dies with its parent, even if that died before this line.
void die_with(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(kSetupFailed);
    }
}

/// All the ends that the two forks below share.
struct Ends {
    Pipe mapped, first, channel, errors;
};

/// Process 1 of the namespace.
[[noreturn]] void be_first(Ends& ends,
                           const SandboxOptions& options,
                           const std::function<int(Fd)>& inside) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the keeper; its pid is not visible from here
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        ::signal(signal, SIG_IGN);  // a Ctrl-C in the terminal is for our parent to answer
    }
    if (auto made = make_root(options); !made) {
        give_up(ends.errors.write, made.error());
    }
    ends.errors.write = Fd();
    ::_exit(inside(std::move(ends.channel.write)));
}

/// The keeper: makes the namespaces, waits for its ids, and stays as the parent of process 1.
[[noreturn]] void be_keeper(Ends& ends,
                            pid_t parent,
                            const SandboxOptions& options,
                            const std::function<int(Fd)>& inside) {
    die_with(parent);
    ::setpgid(0, 0);
    ends.channel.read = Fd();
    ends.errors.read = Fd();
    ends.mapped.write = Fd();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS) != 0) {
        give_up(ends.errors.write, system_failure(Fault::broken,
                                                  "this kernel gives us no user namespace "
                                                  "(see sysctl kernel.unprivileged_userns_clone)",
                                                  errno)
                                       .error());
    }
    (void)!::write(ends.errors.write.get(), &kReady, 1);
    char byte = 0;
    // Closed without a byte: the parent could not map the ids, and says so itself.
    if (::read(ends.mapped.read.get(), &byte, 1) != 1) {
        ::_exit(kSetupFailed);
    }
    if (auto root = become_root(); !root) {
        give_up(ends.errors.write, root.error());
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // changing ids has cleared it
    const pid_t first = ::fork();
    if (first < 0) {
        give_up(ends.errors.write, system_failure(Fault::exhausted, "fork", errno).error());
    }
    if (first == 0) {
        be_first(ends, options, inside);
    }
    (void)!::write(ends.first.write.get(), &first, sizeof first);
    ends.first.write = Fd();
    ends.channel.write = Fd();
    ends.errors.write = Fd();
    ::_exit(reap(first));
}

/// Reads to the end what a child that could not be set up says; empty: all went well.
std::string read_all(const Fd& fd) {
    std::string text;
    std::array<char, 4096> buffer;
    for (ssize_t got = 0; (got = ::read(fd.get(), buffer.data(), buffer.size())) != 0;) {
        if (got > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            break;
        }
    }
    return text;
}

}  // namespace

Result<Sandbox> Sandbox::start(const SandboxOptions& options,
                               const std::function<int(Fd channel)>& inside) {
    const IdMaps maps = TRY(id_maps_for_us());
    Ends ends;
    for (Pipe* pipe : {&ends.mapped, &ends.first, &ends.channel, &ends.errors}) {
        *pipe = TRY(make_pipe());
    }
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
        return system_failure(Fault::exhausted, "fork", errno);
    }
    if (pid == 0) {
        be_keeper(ends, parent, options, inside);
    }
    Sandbox sandbox(pid, std::move(ends.channel.read));
    ends.channel.write = Fd();
    ends.errors.write = Fd();
    ends.mapped.read = Fd();
    ends.first.write = Fd();
    char ready = 0;
    if (::read(ends.errors.read.get(), &ready, 1) == 1 && ready == kReady) {
        TRY(apply_id_maps(pid, maps));
        (void)!::write(ends.mapped.write.get(), &kReady, 1);
        pid_t first = 0;
        if (::read(ends.first.read.get(), &first, sizeof first) == sizeof first) {
            sandbox.first_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, first, 0)));
        }
        ready = 0;
    }
    std::string error(ready != 0 ? 1 : 0, ready);
    error += read_all(ends.errors.read);
    if (!error.empty()) {
        return fail(static_cast<Fault>(error[0] - '0'), error.substr(1));
    }
    return sandbox;
}

Sandbox::Sandbox(Sandbox&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      first_(std::move(other.first_)),
      output_(std::move(other.output_)) {}

Sandbox::~Sandbox() {
    kill();
}

void Sandbox::kill() {
    if (pid_ > 0) {
        // A namespace's process 1 can be reaped only once every other process in it is gone, and
        // the keeper ends when it has reaped it.
        if (!first_ || ::syscall(SYS_pidfd_send_signal, first_.get(), SIGKILL, nullptr, 0) != 0) {
            ::kill(pid_, SIGKILL);
        }
        (void)wait();
    }
}

int Sandbox::wait() {
    return pid_ > 0 ? reap(std::exchange(pid_, 0)) : 0;
}

Result<void> leave_network() {
    if (::unshare(CLONE_NEWNET) != 0) {
        return system_failure(Fault::broken, "leave the network", errno);
    }
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) {
        return system_failure(Fault::broken, "loopback", errno);
    }
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) {
        return system_failure(Fault::broken, "loopback", errno);
    }
    return {};
}

void end_other_processes() {
    ::kill(-1, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
}

}  // namespace img::system
