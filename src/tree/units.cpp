#include "tree/units.hpp"

#include "tree/tree.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::tree {
namespace {

constexpr std::array<std::string_view, 7> kSuffixes{".service", ".socket", ".timer",    ".path",
                                                    ".target",  ".mount",  ".automount"};
constexpr std::array<const char*, 3> kUnitFolders{"/etc/systemd/system", "/lib/systemd/system",
                                                  "/usr/lib/systemd/system"};

}  // namespace

std::string unit_name(std::string_view service) {
    const bool complete = std::ranges::any_of(
        kSuffixes, [&](std::string_view suffix) { return service.ends_with(suffix); });
    return std::string(service) + (complete ? "" : ".service");
}

std::string service_name(std::string_view unit) {
    return std::string(unit.substr(0, unit.rfind('.')));
}

bool has_unit(const Tree& tree, std::string_view unit) {
    const auto at = unit.find('@');
    const auto dot = unit.rfind('.');
    const std::string pattern = at == std::string_view::npos
                                    ? std::string()
                                    : fmt::format("{}{}", unit.substr(0, at + 1), unit.substr(dot));
    const bool found = std::ranges::any_of(kUnitFolders, [&](const std::filesystem::path folder) {
        return tree.is_file(folder / unit) || (!pattern.empty() && tree.is_file(folder / pattern));
    });
    return found || (unit.ends_with(".service") &&
                     (tree.is_program("/etc/init.d/" + service_name(unit)) ||
                      tree.is_program("/etc/rc.d/init.d/" + service_name(unit))));
}

std::vector<std::string> all_units(const Tree& tree) {
    std::vector<std::string> names;
    for (const char* folder : kUnitFolders) {
        const auto more = tree.list(folder);
        names.insert(names.end(), more.begin(), more.end());
    }
    return names;
}

}  // namespace img::tree
