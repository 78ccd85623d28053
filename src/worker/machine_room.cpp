#include "worker/machine_room.hpp"

#include "base/byte_size.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace img::worker {
namespace {

namespace fs = std::filesystem;

constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kFilesMax = 500'000;
constexpr std::uint64_t kStatBlock = 512;  // stat(2) counts st_blocks in these, whatever the disk

/// Empty where it cannot be read: a process may end, and a control group go, while we look.
std::string text_of(const fs::path& file) {
    return system::read_file(file).value_or("");
}

/// The number behind `name` at the beginning of a line, after blanks.
std::uint64_t number_after(std::string_view text, std::string_view name) {
    std::size_t at = text.starts_with(name) ? 0 : text.find(fmt::format("\n{}", name));
    if (at == std::string_view::npos) {
        return 0;
    }
    text.remove_prefix(at + (at == 0 ? 0 : 1) + name.size());
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::uint64_t room_in_group(const fs::path& group) {
    const auto limit = text_of(group / "memory.max");
    std::uint64_t most = 0, used = 0;
    if (std::from_chars(limit.data(), limit.data() + limit.size(), most).ec != std::errc{}) {
        return kNoLimit;  // "max", or the root of all groups, which has no such file
    }
    const auto current = text_of(group / "memory.current");
    std::from_chars(current.data(), current.data() + current.size(), used);
    const auto cache = number_after(text_of(group / "memory.stat"), "inactive_file");
    used -= std::min(used, cache);
    return most - std::min(most, used);
}

/// The path in the line "0::/…" of /proc/self/cgroup; "/" where there is none.
std::string own_group() {
    std::istringstream lines(text_of("/proc/self/cgroup"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("0::")) {
            return line.substr(3);
        }
    }
    return "/";
}

struct Process {
    pid_t parent = 0;
    std::uint64_t resident = 0;  ///< Pages.
};

/// Of /proc/<pid>/stat (proc(5)): the parent is the 4th field, the resident pages the 24th. The
/// 2nd, a name in brackets, may hold anything.
Process read_process(const std::string& stat) {
    Process process;
    std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    std::string skipped;
    fields >> skipped >> process.parent;
    for (int i = 5; i < 24; ++i) {
        fields >> skipped;
    }
    fields >> process.resident;
    return process;
}

std::map<pid_t, Process> all_processes() {
    std::map<pid_t, Process> processes;
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        const auto name = entry->path().filename().native();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc{}) {
            processes[pid] = read_process(text_of(entry->path() / "stat"));
        }
    }
    return processes;
}

}  // namespace

std::uint64_t available_memory(std::string_view meminfo) {
    return number_after(meminfo, "MemAvailable:") * kKiB;
}

std::uint64_t control_group_room(const fs::path& root, std::string_view path) {
    auto room = room_in_group(root);
    fs::path group = root;
    for (const auto& name : fs::path(path).relative_path()) {
        group /= name;
        room = std::min(room, room_in_group(group));
    }
    return room;
}

std::uint64_t memory_of_descendants() {
    const auto processes = all_processes();
    std::set<pid_t> ours{::getpid()};
    // Parents may have higher numbers than their children: again, until nothing is added.
    for (std::size_t before = 0; before != ours.size();) {
        before = ours.size();
        for (const auto& [pid, process] : processes) {
            if (ours.contains(process.parent)) {
                ours.insert(pid);
            }
        }
    }
    std::uint64_t pages = 0;
    for (const auto& [pid, process] : processes) {
        pages += pid != ::getpid() && ours.contains(pid) ? process.resident : 0;
    }
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t disk_usage(const fs::path& folder) {
    std::uint64_t blocks = 0;
    std::size_t files = 0;
    std::error_code error;
    // Files come and go while a build runs: what cannot be looked at is not counted.
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                           error);
    for (; !error && entry != fs::recursive_directory_iterator() && files < kFilesMax;
         entry.increment(error), ++files) {
        struct stat status{};
        if (::lstat(entry->path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
            blocks += static_cast<std::uint64_t>(status.st_blocks);
        }
    }
    return blocks * kStatBlock;
}

Result<Measured> measure_room(const fs::path& work) {
    struct statvfs disk{};
    if (::statvfs(work.c_str(), &disk) != 0) {
        return fail(Fault::broken, fmt::format("measure {}: {}", work.native(),
                                               std::generic_category().message(errno)));
    }
    const auto memory = available_memory(text_of("/proc/meminfo"));
    if (memory == 0) {
        return fail(Fault::broken, "measure memory: /proc/meminfo says no MemAvailable");
    }
    const auto group = control_group_room("/sys/fs/cgroup", own_group());
    return Measured{
        .available = {.memory = std::min(memory, group),
                      .disk = std::uint64_t{disk.f_bavail} * disk.f_frsize},
        .used_by_builds = {.memory = memory_of_descendants(), .disk = disk_usage(work)}};
}

}  // namespace img::worker
