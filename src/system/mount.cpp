#include "system/mount.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace img::system {
namespace {

// errno is taken as an argument: reading it here would be after fmt and the caller's clean-up.
std::unexpected<Error> mount_failure(const char* what,
                                     const std::filesystem::path& where,
                                     int error) {
    return fail(Fault::broken,
                fmt::format("{} {}: {}", what, where.string(), std::strerror(error)));
}

}  // namespace

Result<Mount> Mount::bind(const std::filesystem::path& source,
                          const std::filesystem::path& target,
                          Access access) {
    if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
        return mount_failure("bind mount on", target, errno);
    }
    Mount made(target);
    if (access == Access::read_only) {
        // Adds the flag and keeps those that a user namespace may not take away.
        mount_attr attributes{
            .attr_set = MOUNT_ATTR_RDONLY, .attr_clr = 0, .propagation = 0, .userns_fd = 0};
        if (::mount_setattr(AT_FDCWD, target.c_str(), 0, &attributes, sizeof attributes) != 0) {
            return mount_failure("make read-only", target, errno);
        }
    }
    return made;
}

Result<Mount> Mount::tmpfs(const std::filesystem::path& target, std::uint64_t size_bytes) {
    const std::string size = size_bytes == 0 ? "" : fmt::format(",size={}", size_bytes);
    const std::string options = "mode=0755" + size;
    if (::mount("tmpfs", target.c_str(), "tmpfs", 0, options.c_str()) != 0) {
        return mount_failure("mount tmpfs on", target, errno);
    }
    return Mount(target);
}

Result<Mount> Mount::proc(const std::filesystem::path& target) {
    if (::mount("proc", target.c_str(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
        return mount_failure("mount proc on", target, errno);
    }
    return Mount(target);
}

Mount::~Mount() {
    if (!target_.empty()) {
        // Lazy: a stray process in the tree must not keep the builder from its end.
        (void)::umount2(target_.c_str(), MNT_DETACH);
    }
}

void Mount::keep() {
    for (auto& inner : inner_) {
        inner.keep();
    }
    target_.clear();
}

Result<void> Mount::unmount() {
    for (; !inner_.empty(); inner_.pop_back()) {
        TRY(inner_.back().unmount());
    }
    const std::filesystem::path target = std::exchange(target_, {});
    if (!target.empty() && ::umount2(target.c_str(), 0) != 0) {
        const int error = errno;
        target_ = target;  // still mounted: the destructor has another try
        return mount_failure("unmount", target, error);
    }
    return {};
}

Result<Mount> mount_devices(const std::filesystem::path& target) {
    Mount devices = TRY(Mount::tmpfs(target, 1 << 20));
    for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"}) {
        const auto node = target / name;
        const int fd = ::open(node.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
        if (fd < 0) {
            return mount_failure("create", node, errno);
        }
        ::close(fd);
        Mount bound =
            TRY(Mount::bind(std::filesystem::path("/dev") / name, node, Mount::Access::read_write));
        devices.adopt(std::move(bound));
    }
    constexpr std::array kLinks{
        std::pair{"/proc/self/fd", "fd"}, std::pair{"/proc/self/fd/0", "stdin"},
        std::pair{"/proc/self/fd/1", "stdout"}, std::pair{"/proc/self/fd/2", "stderr"}};
    for (const auto& [to, name] : kLinks) {
        if (::symlink(to, (target / name).c_str()) != 0) {
            return mount_failure("link", target / name, errno);
        }
    }
    if (::mkdir((target / "shm").c_str(), 01777) != 0) {
        return mount_failure("create", target / "shm", errno);
    }
    return devices;
}

}  // namespace img::system
