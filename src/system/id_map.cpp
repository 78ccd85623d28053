#include "system/id_map.hpp"

#include "base/text.hpp"
#include "system/process_runner.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <unistd.h>

namespace img::system {
namespace {

constexpr std::uint32_t kIdsWanted = 65535;  // 0 is the user itself: 65536 ids in all

std::string read_text(const std::string& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Root may hand on whatever ids this namespace has; outside a container that is all of them.
std::vector<IdExtent> identity(const std::string& map_file) {
    std::vector<IdExtent> extents;
    std::istringstream in(read_text(map_file));
    IdExtent extent;
    while (in >> extent.inside >> extent.outside >> extent.count) {
        extents.push_back({extent.inside, extent.inside, extent.count});
    }
    return extents;
}

Result<std::vector<IdExtent>> subordinate(const std::string& file,
                                          const std::string& user,
                                          std::uint32_t own) {
    const IdExtent range = subordinate_range(read_text(file), user, ::geteuid());
    if (range.count < kIdsWanted) {
        return fail(Fault::missing,
                    fmt::format("{} gives {} no subordinate ids, which a build without root needs; "
                                "run as root: usermod --add-subuids 100000-165535 "
                                "--add-subgids 100000-165535 {}",
                                file, user, user));
    }
    return std::vector<IdExtent>{{0, own, 1}, {1, range.outside, kIdsWanted}};
}

Result<void> write_map(pid_t pid, const char* name, const std::vector<IdExtent>& extents) {
    std::string text;
    for (const auto& extent : extents) {
        text += fmt::format("{} {} {}\n", extent.inside, extent.outside, extent.count);
    }
    const std::string file = fmt::format("/proc/{}/{}", pid, name);
    std::ofstream out(file);
    out << text << std::flush;
    if (!out) {
        const int error = errno;
        return fail(Fault::broken, fmt::format("write {}: {}", file, std::strerror(error)));
    }
    return {};
}

Result<void> run_mapper(const char* program, pid_t pid, const std::vector<IdExtent>& extents) {
    Command command{.argv = {program, std::to_string(pid)}};
    for (const auto& extent : extents) {
        for (const std::uint32_t number : {extent.inside, extent.outside, extent.count}) {
            command.argv.push_back(std::to_string(number));
        }
    }
    ProcessRunner runner;
    TRY(runner.run(command));
    return {};
}

}  // namespace

IdExtent subordinate_range(std::string_view file_text, std::string_view user, uid_t uid) {
    const auto number = [](const std::string& text) {
        std::uint32_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    };
    for (const auto& line : split(file_text, "\n")) {
        const auto fields = split(line, ":");
        if (fields.size() == 3 && (fields[0] == user || fields[0] == std::to_string(uid)) &&
            number(fields[2]) >= kIdsWanted) {
            return {.inside = 1, .outside = number(fields[1]), .count = number(fields[2])};
        }
    }
    return {};
}

Result<IdMaps> id_maps_for_us() {
    if (::geteuid() == 0) {
        return IdMaps{identity("/proc/self/uid_map"), identity("/proc/self/gid_map")};
    }
    const passwd* entry = ::getpwuid(::geteuid());
    const std::string user = entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
    IdMaps maps;
    maps.users = TRY(subordinate("/etc/subuid", user, ::geteuid()));
    maps.groups = TRY(subordinate("/etc/subgid", user, ::getegid()));
    return maps;
}

Result<void> apply_id_maps(pid_t pid, const IdMaps& maps) {
    if (::geteuid() == 0) {
        TRY(write_map(pid, "uid_map", maps.users));
        return write_map(pid, "gid_map", maps.groups);
    }
    TRY(run_mapper("newuidmap", pid, maps.users));
    return run_mapper("newgidmap", pid, maps.groups);
}

}  // namespace img::system
