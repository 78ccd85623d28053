// What %packages and overlays ask for, in the order they say it: the later word on a name wins.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace img::kickstart {

/// "vim", "-vim", "@core", "-@core".
struct PackageWish {
    std::string text;  ///< Without the "-" and "@".
    bool group = false;
    bool wanted = true;
    GroupScope scope = GroupScope::defaults;  ///< Of a wanted group.
    Location where;
};

/// Fault::invalid: the sentence of parse_package_name() or parse_group_name().
Result<PackageWish> parse_package_wish(std::string_view text);

class PackageWishes {
public:
    enum class Added {
        first,     ///< Nobody spoke of it before.
        repeated,  ///< The same was said before.
        reversed,  ///< The opposite was said before, and is forgotten.
        too_many,  ///< kPackagesMax: it is not kept.
    };

    Added add(PackageWish wish);
    void add_all(const Packages& packages);

    /// Sets the four lists of `packages` and leaves the rest of it alone.
    void store(Packages& packages) const;

private:
    static std::string key(const PackageWish& wish);

    std::vector<PackageWish> wishes_;
    std::unordered_map<std::string, std::size_t> places_;  // key → index in wishes_
};

}  // namespace img::kickstart
