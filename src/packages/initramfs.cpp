#include "packages/initramfs.hpp"

#include "system/command.hpp"

#include <fmt/format.h>
#include <fstream>

namespace img::packages {
namespace {

namespace fs = std::filesystem;

fs::path program_in(const fs::path& tree) {
    return tree / "usr/sbin/update-initramfs";
}

}  // namespace

Result<DeferredInitramfs> DeferredInitramfs::in(const fs::path& tree) {
    DeferredInitramfs deferred;
    if (!fs::is_regular_file(fs::symlink_status(program_in(tree)))) {
        return deferred;
    }
    deferred.stand_in_ = tree / "run/img-update-initramfs";
    std::ofstream(deferred.stand_in_)
        << "#!/bin/sh\necho 'update-initramfs: left to the end of the build'\n";
    std::error_code error;
    fs::permissions(deferred.stand_in_, fs::perms(0755), error);
    if (error) {
        return fail(Fault::broken,
                    fmt::format("{}: {}", deferred.stand_in_.string(), error.message()));
    }
    deferred.cover_ = TRY(system::Mount::bind(deferred.stand_in_, program_in(tree),
                                              system::Mount::Access::read_only));
    return deferred;
}

Result<void> DeferredInitramfs::end() {
    if (cover_) {
        TRY(cover_->unmount());
        cover_.reset();
        std::error_code error;
        fs::remove(stand_in_, error);
    }
    return {};
}

Result<void> make_initramfs(system::CommandRunner& runner,
                            const fs::path& tree,
                            const std::vector<std::string>& kernel_versions) {
    if (!fs::is_regular_file(fs::symlink_status(program_in(tree)))) {
        return {};
    }
    for (const auto& version : kernel_versions) {
        TRY(runner.run({.argv = {"update-initramfs", "-c", "-k", version},
                        .root = tree,
                        .timeout = std::chrono::minutes(30)}));
    }
    return {};
}

}  // namespace img::packages
