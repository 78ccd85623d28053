#include "volume/erofs.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>

namespace img::volume {
namespace {

constexpr std::string_view kCompressor = "lz4hc";
constexpr std::string_view kUncompressed = "none";

std::string_view compressor_of(const Volume& volume) {
    return volume.compressor.empty() ? kCompressor : std::string_view(volume.compressor);
}

}  // namespace

system::Command mkfs_erofs(const Volume& volume, const std::filesystem::path& file) {
    // -d0: only errors; a progress line for each file would fill the log.
    system::Command command{.argv = {"mkfs.erofs", "-d0", "--quiet", "-U", volume.uuid,
                                     fmt::format("-T{}", volume.epoch)},
                            .timeout = std::chrono::hours(2)};
    if (compressor_of(volume) != kUncompressed) {
        command.argv.push_back(fmt::format("-z{}", compressor_of(volume)));
    }
    command.argv.insert(command.argv.end(), volume.options.begin(), volume.options.end());
    command.argv.insert(command.argv.end(), {file.string(), volume.content.string()});
    return command;
}

Result<void> check_erofs(const Volume& volume) {
    if (!volume.label.empty()) {
        return fail(Fault::invalid, fmt::format("{}: erofs gets no label, leave '{}' out",
                                                volume.name, printable(volume.label)));
    }
    const auto compressor = compressor_of(volume);
    if (compressor != kCompressor && compressor != "lz4" && compressor != kUncompressed) {
        return fail(Fault::invalid,
                    fmt::format("{}: erofs has no compressor '{}'; there is: lz4hc, lz4, none",
                                volume.name, printable(compressor)));
    }
    return check_uuid(volume);
}

Result<void> make_erofs(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file) {
    TRY(check_erofs(volume));
    if (volume.content.empty()) {
        return fail(
            Fault::invalid,
            fmt::format("{}: an empty erofs is of no use, it is never written to", volume.name));
    }
    TRY(runner.run(mkfs_erofs(volume, file)));
    return {};
}

}  // namespace img::volume
