#include "engine/live_packages.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace img::engine {
namespace {

bool is_named(const std::vector<packages::Asked>& names, std::string_view name) {
    return std::ranges::find(names, name, &packages::Asked::name) != names.end();
}

bool wants_dracut(const packages::Selection& selection) {
    return std::ranges::any_of(selection.names, [](const packages::Asked& asked) {
        return asked.name.starts_with("dracut");
    });
}

}  // namespace

void add_live_packages(packages::Selection& selection, const std::string& origin) {
    // isomd5sum is what checks the medium under dracut.
    const std::vector<std::string> needed =
        wants_dracut(selection)
            ? std::vector<std::string>{"dracut", "dracut-live", "isomd5sum"}
            : std::vector<std::string>{"live-boot", "live-boot-initramfs-tools"};
    for (const std::string& name : needed) {
        if (!is_named(selection.names, name) && !is_named(selection.excluded, name)) {
            selection.names.push_back({name, origin});
        }
    }
    // live-boot recommends it, and it puts a program of its own in update-initramfs' place.
    if (!is_named(selection.names, "live-tools") && !is_named(selection.excluded, "live-tools")) {
        selection.excluded.push_back({"live-tools", origin});
    }
}

}  // namespace img::engine
