#include "packages/initramfs.hpp"

#include "system/command.hpp"
#include "system/files.hpp"

#include <fmt/format.h>
#include <fstream>

namespace img::packages {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUpdateInitramfs = "usr/sbin/update-initramfs";
constexpr const char* kDracut = "usr/bin/dracut";
constexpr const char* kDracutLive = "usr/lib/dracut/modules.d/90dmsquash-live";

bool has_program(const fs::path& tree, const char* program) {
    return system::type_of(tree / program) == fs::file_type::regular;
}

/// Generic rather than for the machine that builds, with the live system's module where there is
/// one; dracut adds it to no initramfs by itself.
system::Command dracut(const fs::path& tree, const std::string& version) {
    system::Command command{
        .argv = {"dracut", "--force", "--quiet", "--no-hostonly", "--reproducible"},
        // Devices cannot be made here; the kernel's devtmpfs has them.
        .environment = {"DRACUT_NO_MKNOD=1"},
        .root = tree,
        .timeout = std::chrono::minutes(30)};
    if (system::type_of(tree / kDracutLive) == fs::file_type::directory) {
        command.argv.insert(command.argv.end(), {"--add", "dmsquash-live pollcdrom"});
    }
    command.argv.insert(command.argv.end(), {"/boot/initrd.img-" + version, version});
    return command;
}

}  // namespace

Result<DeferredInitramfs> DeferredInitramfs::in(const fs::path& tree) {
    DeferredInitramfs deferred;
    for (const char* program : {kUpdateInitramfs, kDracut}) {
        if (has_program(tree, program)) {
            TRY(deferred.cover(tree, program));
        }
    }
    return deferred;
}

Result<void> DeferredInitramfs::cover(const fs::path& tree, const fs::path& program) {
    stand_in_ = tree / "run/img-initramfs";
    std::ofstream(stand_in_) << "#!/bin/sh\necho 'the initramfs: left to the end of the build'\n";
    std::error_code error;
    fs::permissions(stand_in_, fs::perms(0755), error);
    if (error) {
        return fail(Fault::broken, fmt::format("{}: {}", stand_in_.string(), error.message()));
    }
    covers_.push_back(
        TRY(system::Mount::bind(stand_in_, tree / program, system::Mount::Access::read_only)));
    return {};
}

Result<void> DeferredInitramfs::end() {
    while (!covers_.empty()) {
        TRY(covers_.back().unmount());
        covers_.pop_back();
    }
    if (!stand_in_.empty()) {
        std::error_code error;
        fs::remove(stand_in_, error);
    }
    return {};
}

Result<void> make_initramfs(system::CommandRunner& runner,
                            const fs::path& tree,
                            const std::vector<std::string>& kernel_versions) {
    for (const auto& version : kernel_versions) {
        if (has_program(tree, kUpdateInitramfs)) {
            TRY(runner.run({.argv = {"update-initramfs", "-c", "-k", version},
                            .root = tree,
                            .timeout = std::chrono::minutes(30)}));
        } else if (has_program(tree, kDracut)) {
            TRY(runner.run(dracut(tree, version)));
        }
    }
    return {};
}

}  // namespace img::packages
