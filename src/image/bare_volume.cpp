#include "image/bare_volume.hpp"

#include "archive/file_fault.hpp"
#include "base/byte_size.hpp"
#include "system/draft.hpp"
#include "volume/content_size.hpp"
#include "volume/ext.hpp"
#include "volume/make_volume.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

namespace img::image {
namespace {

using volume::FileSystem;

constexpr std::uint64_t kStatBlock = 512;  // what st_blocks counts, whatever the file system's is

bool is_ext(FileSystem kind) {
    return kind == FileSystem::ext2 || kind == FileSystem::ext3 || kind == FileSystem::ext4;
}

/// These are always as large as their content.
bool is_read_only(FileSystem kind) {
    return kind == FileSystem::squashfs || kind == FileSystem::erofs;
}

}  // namespace

std::uint64_t allocated_bytes(const std::filesystem::path& file) {
    struct stat status{};
    return ::stat(file.c_str(), &status) == 0
               ? static_cast<std::uint64_t>(status.st_blocks) * kStatBlock
               : 0;
}

Result<BareVolume> write_bare_volume(const Workshop& workshop,
                                     volume::Volume volume,
                                     const std::string& name,
                                     bool shrink) {
    BareVolume made;
    volume::ContentSize size;
    if (!volume.content.empty()) {
        size = TRY(volume::measure(volume.content));
    }
    TRY(volume::check_volume(volume));
    volume.inodes = size.inodes;
    made.warnings = volume::losses(volume, size);
    const std::uint64_t needed = round_up(volume::needed_bytes(volume.kind, size), kMiB);
    if (volume.size_bytes != 0) {
        TRY(volume::check_fits(volume, size));
    }
    if (volume.size_bytes == 0 || (shrink && is_ext(volume.kind))) {
        volume.size_bytes = needed;  // from there to the least it is not far
    }
    if (shrink && volume.kind == FileSystem::btrfs && !volume.content.empty()) {
        volume.options.emplace_back("--shrink");
    } else if (shrink && !is_ext(volume.kind) && !is_read_only(volume.kind)) {
        made.warnings.push_back(fmt::format("{} keeps its size: {} cannot be made smaller", name,
                                            to_text(volume.kind)));
    }
    if (workshop.progress) {
        workshop.progress(0, size.bytes,
                          fmt::format("making {} for {}", to_text(volume.kind), volume.name));
    }
    system::Draft file(workshop.out / name);
    TRY(volume::make_volume(workshop.runner, volume, file.path()));
    if (shrink && is_ext(volume.kind)) {
        TRY(volume::shrink_ext(workshop.runner, file.path(), volume.epoch));
    }
    std::error_code error;
    made.size_bytes = std::filesystem::file_size(file.path(), error);
    if (error) {
        return archive::file_fault("read", file.path(), error.value());
    }
    made.written_bytes = allocated_bytes(file.path());
    file.keep();
    return made;
}

}  // namespace img::image
