#include "volume/vfat.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "base/uuid.hpp"
#include "system/sparse_file.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>

namespace img::volume {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLabelMax = 11;
constexpr std::size_t kArgumentsMax = 500;  // for one mtools command
constexpr std::uint64_t kFileMax = 4 * kGiB - 1;
constexpr int kDepthMax = 64;

/// MTOOLSRC and TZ keep the machine's settings out, SOURCE_DATE_EPOCH is what mtools stamp with.
system::Command mtool(std::string name, const fs::path& file, std::int64_t epoch) {
    return {.argv = {std::move(name), "-i", file.string()},
            .environment = {"MTOOLS_SKIP_CHECK=1", "MTOOLSRC=/dev/null", "TZ=UTC",
                            fmt::format("SOURCE_DATE_EPOCH={}", epoch)}};
}

system::Command mcopy(const fs::path& file, std::int64_t epoch) {
    system::Command command = mtool("mcopy", file, epoch);
    command.argv.insert(command.argv.end(), {"-Q", "-o"});
    return command;
}

std::string volume_id(const Volume& volume) {
    std::string id = volume.uuid;
    std::erase(id, '-');
    return id;
}

/// A folder's content as FAT will hold it.
class Filler {
public:
    Filler(const Volume& volume, fs::path file) : volume_(volume), file_(std::move(file)) {}

    Result<void> add(const fs::path& folder, const std::string& inside, int depth) {
        if (depth > kDepthMax) {
            return refuse(inside, fmt::format("folders are nested over {} deep", kDepthMax));
        }
        std::map<std::string, fs::file_status> names;
        std::set<std::string> lower;
        std::error_code error;
        for (auto at = fs::directory_iterator(folder, error);
             !error && at != fs::directory_iterator(); at.increment(error)) {
            const std::string name = at->path().filename().string();
            TRY(check_name(inside, name, lower));
            names.emplace(name, at->symlink_status(error));
        }
        if (error) {
            return fail(Fault::broken,
                        fmt::format("read {}: {}", folder.string(), error.message()));
        }
        return add_sorted(folder, inside, names, depth);
    }

    std::vector<system::Command> commands() {
        std::vector<system::Command> all =
            in_pieces(folders_, mtool("mmd", file_, volume_.epoch), "");
        for (const auto& [inside, files] : files_) {
            for (auto& command :
                 in_pieces(files, mcopy(file_, volume_.epoch), "::" + inside + "/")) {
                all.push_back(std::move(command));
            }
        }
        return all;
    }

private:
    Result<void> refuse(const std::string& path, std::string_view why) const {
        return fail(Fault::invalid,
                    fmt::format("{}: FAT cannot hold {}: {}", volume_.name, printable(path), why));
    }

    Result<void> check_name(const std::string& inside,
                            const std::string& name,
                            std::set<std::string>& lower) const {
        const std::string path = inside + "/" + name;
        if (name.find_first_of("\"*:<>?|\\") != std::string::npos ||
            std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; }) ||
            name.ends_with('.') || name.ends_with(' ')) {
            return refuse(path, "a character of its name is forbidden there");
        }
        std::string folded = name;
        std::ranges::transform(folded, folded.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (!lower.insert(folded).second) {
            return refuse(path, "another name there differs from it in case only");
        }
        return {};
    }

    Result<void> add_sorted(const fs::path& folder,
                            const std::string& inside,
                            const std::map<std::string, fs::file_status>& names,
                            int depth) {
        for (const auto& [name, status] : names) {
            const std::string path = inside + "/" + name;
            std::error_code error;
            if (status.type() == fs::file_type::directory) {
                if (name.find_first_of("[]") != std::string::npos) {
                    return refuse(path, "mtools read [ and ] as a pattern");
                }
                folders_.push_back("::" + path);
                TRY(add(folder / name, path, depth + 1));
            } else if (status.type() != fs::file_type::regular) {
                return refuse(path, "it is neither a file nor a folder");
            } else if (fs::file_size(folder / name, error) > kFileMax) {
                return refuse(path, "it is 4 GiB or larger");
            } else {
                files_[inside].push_back((folder / name).string());
            }
        }
        return {};
    }

    static std::vector<system::Command> in_pieces(const std::vector<std::string>& arguments,
                                                  const system::Command& start,
                                                  const std::string& last) {
        std::vector<system::Command> commands;
        for (std::size_t i = 0; i < arguments.size(); i += kArgumentsMax) {
            system::Command command = start;
            const std::size_t end = std::min(i + kArgumentsMax, arguments.size());
            for (std::size_t n = i; n < end; ++n) {
                command.argv.push_back(arguments[n]);
            }
            if (!last.empty()) {
                command.argv.push_back(last);
            }
            commands.push_back(std::move(command));
        }
        return commands;
    }

    const Volume& volume_;
    fs::path file_;
    std::vector<std::string> folders_;                       ///< Parents before children.
    std::map<std::string, std::vector<std::string>> files_;  ///< By folder inside the volume.
};

}  // namespace

system::Command mkfs_vfat(const Volume& volume, const fs::path& file) {
    // --invariant sets a volume id of its own, so it has to stand before -i.
    system::Command command{.argv = {"mkfs.vfat", "--invariant", "-i", volume_id(volume), "-S",
                                     std::to_string(volume.sector_bytes)}};
    if (!volume.label.empty()) {
        command.argv.insert(command.argv.end(), {"-n", volume.label});
    }
    if (volume.size_bytes >= fat32_from(volume.sector_bytes)) {
        command.argv.insert(command.argv.end(), {"-F", "32"});
    }
    command.argv.insert(command.argv.end(), volume.options.begin(), volume.options.end());
    command.argv.push_back(file.string());
    return command;
}

Result<std::vector<system::Command>> fill_vfat(const Volume& volume, const fs::path& file) {
    Filler filler(volume, file);
    TRY(filler.add(volume.content, "", 0));
    return filler.commands();
}

Result<void> add_to_vfat(system::CommandRunner& runner,
                         const Volume& volume,
                         const fs::path& file,
                         const fs::path& source,
                         const std::string& target) {
    // mmd exits 1 where the folder is already; mcopy tells us if it is missing for another reason.
    for (std::size_t slash = target.find('/'); slash != std::string::npos;
         slash = target.find('/', slash + 1)) {
        system::Command command = mtool("mmd", file, volume.epoch);
        command.argv.insert(command.argv.end(), {"-D", "s", "::/" + target.substr(0, slash)});
        TRY(runner.finish(command));
    }
    system::Command command = mcopy(file, volume.epoch);
    command.argv.insert(command.argv.end(), {source.string(), "::/" + target});
    TRY(runner.run(command));
    return {};
}

Result<void> check_vfat(const Volume& volume) {
    TRY(check_label(volume, "FAT", kLabelMax));
    if (volume.label.find_first_of("*?.,;:/\\|+=<>[]\"") != std::string::npos ||
        std::ranges::any_of(volume.label, [](unsigned char c) { return c > 0x7e; })) {
        return fail(Fault::invalid,
                    fmt::format("{}: the label '{}' holds a character that FAT forbids",
                                volume.name, printable(volume.label)));
    }
    const std::string id = volume_id(volume);
    if (volume.uuid.size() != 9 || volume.uuid[4] != '-' || id.size() != 8 ||
        !std::ranges::all_of(id, [](unsigned char c) { return std::isxdigit(c) != 0; })) {
        return fail(Fault::invalid, fmt::format("{}: '{}' is not a FAT volume id like ABCD-1234",
                                                volume.name, printable(volume.uuid)));
    }
    return {};
}

std::string vfat_id(std::string_view seed) {
    std::string hex = uuid_from(seed).text().substr(0, 8);
    std::ranges::transform(hex, hex.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return hex.substr(0, 4) + "-" + hex.substr(4);
}

Result<void> make_vfat(system::CommandRunner& runner, const Volume& volume, const fs::path& file) {
    TRY(check_vfat(volume));
    std::vector<system::Command> commands;
    if (!volume.content.empty()) {
        commands = TRY(fill_vfat(volume, file));
    }
    TRY(system::create_sparse(file, volume.size_bytes));
    TRY(runner.run(mkfs_vfat(volume, file)));
    for (const system::Command& command : commands) {
        TRY(runner.run(command));
    }
    return {};
}

}  // namespace img::volume
