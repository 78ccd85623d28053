// A root file system in a folder, and the only way in which we read and write its files.
//
// Knows paths that never lead out of the folder, what kind of system lies in it, and how texts go
// into its files. Must never know what a kickstart wants of it.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::tree {

/// Paths are those of the installed system: "/etc/hostname". The kernel resolves them beneath the
/// folder (openat2, RESOLVE_IN_ROOT), as a chroot would: the tree's own symbolic links are
/// followed, absolute ones too, and none of them leads out, whoever made them.
///
/// All failures name the path; Fault::missing where something is not there, Fault::exhausted
/// for a full disk, Fault::invalid for a path that leads to the wrong kind of file.
class Tree {
public:
    static Result<Tree> open(std::filesystem::path folder);

    const std::filesystem::path& folder() const { return folder_; }

    /// Puts a new file in place of the old one, so that a hard link to the old one keeps its
    /// content (a cache may hold one). A symbolic link is followed. Missing folders are made.
    Result<void> write(const std::filesystem::path& path,
                       std::string_view text,
                       unsigned mode = 0644) const;

    /// Copies a file of the builder's machine into the tree, with write()'s promises.
    Result<void> copy_in(const std::filesystem::path& source,
                         const std::filesystem::path& path,
                         unsigned mode = 0644) const;

    /// Copies a regular file of the tree to a new file beside it.
    Result<void> copy_out(const std::filesystem::path& path,
                          const std::filesystem::path& target) const;

    /// A symbolic link, in place of what was there; never of a folder.
    Result<void> link(const std::filesystem::path& path, const std::string& target) const;

    /// With its missing parents. The mode is set even where the folder was there.
    Result<void> make_directory(const std::filesystem::path& path, unsigned mode = 0755) const;

    /// A file or a symbolic link itself; nothing there is success.
    Result<void> remove(const std::filesystem::path& path) const;

    /// Regular files of up to 16 MiB.
    Result<std::string> read(const std::filesystem::path& path) const;

    /// As read(), and "" where there is none.
    Result<std::string> read_if_there(const std::filesystem::path& path) const;

    /// Gives a file or a folder to a user of the tree, by the ids that the tree knows.
    Result<void> give(const std::filesystem::path& path,
                      std::uint32_t user,
                      std::uint32_t group) const;

    /// Links followed: the far end of a dangling link does not exist.
    bool exists(const std::filesystem::path& path) const;
    bool is_folder(const std::filesystem::path& path) const;
    bool is_file(const std::filesystem::path& path) const;
    bool is_program(const std::filesystem::path& path) const;

    /// Names in a folder, sorted, at most 65536; empty where there is no such folder.
    std::vector<std::string> list(const std::filesystem::path& path) const;

private:
    /// A folder and the name of a file in it that is not a symbolic link.
    struct Spot {
        system::Fd folder;
        std::string name;
    };

    Tree(std::filesystem::path folder, system::Fd root)
        : folder_(std::move(folder)), root_(std::move(root)) {}

    Result<system::Fd> open_at(const std::filesystem::path& path, int flags) const;
    Result<system::Fd> parent_of(const std::filesystem::path& path) const;
    Result<Spot> spot_of(const std::filesystem::path& path) const;

    std::filesystem::path folder_;
    system::Fd root_;
};

}  // namespace img::tree
