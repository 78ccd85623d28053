// Any bytes as an overlay: few plain sentences about what is wrong with it, or names that, written
// out, are the same overlay, and that win over what a kickstart says, once as well as twice.
#include "fuzz/fuzzing.hpp"
#include "kickstart/overlay.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ks = img::kickstart;
using img::fuzz::give_up;

namespace {

/// As somebody would write it; lines, so that no comma of a name can matter.
std::string written(const ks::Packages& packages) {
    std::string text;
    for (const auto& name : packages.names) {
        text += name.text + "\n";
    }
    for (const auto& name : packages.excluded) {
        text += "-" + name.text + "\n";
    }
    for (const auto& group : packages.groups) {
        text += "@" + group.text;
        text += group.scope == ks::GroupScope::all         ? " --optional"
                : group.scope == ks::GroupScope::mandatory ? " --nodefaults"
                                                           : "";
        text += "\n";
    }
    for (const auto& group : packages.excluded_groups) {
        text += "-@" + group.text + "\n";
    }
    return text;
}

ks::Packages some_packages() {
    ks::Packages packages;
    packages.names = {{.text = "vim", .where = {}}, {.text = "nano", .where = {}}};
    packages.excluded = {{.text = "emacs", .where = {}}};
    packages.groups = {{.text = "core", .where = {}}};
    packages.excluded_groups = {{.text = "games", .where = {}}};
    return packages;
}

template <typename Names>
bool has(const Names& names, const std::string& text) {
    return std::ranges::any_of(names, [&](const auto& name) { return name.text == text; });
}

void check_application(const ks::Packages& overlay) {
    auto packages = some_packages();
    apply_overlay(packages, overlay);
    const auto once = written(packages);
    for (const auto& name : overlay.names) {
        if (!has(packages.names, name.text) || has(packages.excluded, name.text)) {
            give_up("an overlay's package is not in", once + "---\n" + name.text);
        }
    }
    for (const auto& name : overlay.excluded) {
        if (has(packages.names, name.text)) {
            give_up("a package that an overlay removes is in", once + "---\n" + name.text);
        }
    }
    apply_overlay(packages, overlay);
    if (const auto twice = written(packages); twice != once) {
        give_up("the same overlay changes something when it is applied again",
                once + "---\n" + twice);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto overlay = ks::parse_overlay(text);
    if (!overlay) {
        const auto& faults = overlay.error().message;
        if (std::ranges::count(faults, '\n') > 10) {
            give_up("too many sentences", faults);
        }
        for (std::size_t at = 0; at <= faults.size();) {
            const auto end = std::min(faults.find('\n', at), faults.size());
            img::fuzz::check_sentence(faults.substr(at, end - at));
            at = end + 1;
        }
        return 0;
    }
    const auto again = ks::parse_overlay(written(*overlay));
    if (!again) {
        give_up("what was read is refused when it is written",
                written(*overlay) + "---\n" + again.error().message);
    }
    if (written(*again) != written(*overlay)) {
        give_up("what is written reads differently", written(*overlay) + "---\n" + written(*again));
    }
    check_application(*overlay);
    return 0;
}
