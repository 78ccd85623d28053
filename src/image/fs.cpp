// fs: the tree itself, as a folder. It has grown where it stays, so nothing is copied.
#include "image/bare_volume.hpp"
#include "image/compress.hpp"
#include "image/types.hpp"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(const fs::path& path, int error) {
    return fail(Fault::broken, fmt::format("set the time of {}: {}", path.string(),
                                           std::generic_category().message(error)));
}

/// No name below `path` stays younger than the epoch: twice the same build, twice the same tree.
/// Gives the bytes that the files take.
Result<std::uint64_t> settle(const fs::path& path, std::int64_t epoch) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        return failed(path, errno);
    }
    std::uint64_t bytes = S_ISREG(status.st_mode) ? allocated_bytes(path) : 0;
    if (S_ISDIR(status.st_mode)) {
        std::error_code error;
        for (fs::directory_iterator it(path, error), end; !error && it != end;
             it.increment(error)) {
            bytes += TRY(settle(it->path(), epoch));
        }
        if (error) {
            return failed(path, error.value());
        }
    }
    if (status.st_mtim.tv_sec >= epoch) {
        const timespec times[2] = {{.tv_sec = epoch, .tv_nsec = 0},
                                   {.tv_sec = epoch, .tv_nsec = 0}};
        if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
            return failed(path, errno);
        }
    }
    return bytes;
}

}  // namespace

Result<void> check_fs_options(const ImageOptions& options) {
    return options.compressor ? cannot_compress_folder("an image of type fs") : Result<void>{};
}

Result<ImageReport> make_fs(const Workshop& workshop, const ImageRecipe& recipe) {
    const fs::path folder = workshop.out / recipe.name;
    if (recipe.tree != folder) {
        std::error_code error;
        fs::rename(recipe.tree, folder, error);
        if (error) {
            return fail(Fault::broken, fmt::format("move {} to {}: {}", recipe.tree.string(),
                                                   folder.string(), error.message()));
        }
    }
    const std::uint64_t bytes = TRY(settle(folder, recipe.epoch));
    return ImageReport{
        .files = {{recipe.name, "fs", true}}, .written_bytes = bytes, .warnings = {}};
}

}  // namespace img::image
