// Mounts inside a sandbox's own mount namespace, each undone with its owner.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

namespace img::system {

/// Owns one mount point. The namespace would take the mount along at its end; but an image must
/// not be made from a tree that something is still mounted on.
class Mount {
public:
    enum class Access { read_only, read_write };

    /// `source`, without what is mounted below it. Fault::broken with errno's text.
    static Result<Mount> bind(const std::filesystem::path& source,
                              const std::filesystem::path& target,
                              Access access);
    /// A fresh tmpfs; `size_bytes` 0: half of the memory, the kernel's default.
    static Result<Mount> tmpfs(const std::filesystem::path& target, std::uint64_t size_bytes);
    /// The proc file system of our pid namespace.
    static Result<Mount> proc(const std::filesystem::path& target);

    Mount(Mount&& other) noexcept
        : target_(std::exchange(other.target_, {})), inner_(std::move(other.inner_)) {}
    Mount& operator=(Mount other) noexcept {
        std::swap(target_, other.target_);  // other takes what we held, and unmounts it
        std::swap(inner_, other.inner_);
        return *this;
    }
    ~Mount();

    /// For the path where failure matters: "unmount /tree/dev: Device or resource busy".
    Result<void> unmount();
    /// Leaves it mounted for as long as the namespace lives.
    void keep();
    /// Takes over a mount that lies inside this one, to be unmounted before it.
    void adopt(Mount inner) { inner_.push_back(std::move(inner)); }

private:
    explicit Mount(std::filesystem::path target) : target_(std::move(target)) {}

    std::filesystem::path target_;  ///< Empty when there is nothing to unmount.
    std::vector<Mount> inner_;
};

/// A /dev with null, zero, full, random, urandom and tty bound from ours: a user namespace may
/// not make device nodes. `target` becomes a small tmpfs.
Result<Mount> mount_devices(const std::filesystem::path& target);

}  // namespace img::system
