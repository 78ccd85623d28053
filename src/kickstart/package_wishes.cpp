#include "kickstart/package_wishes.hpp"

#include "kickstart/bounds.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::parse_group_name;
using syntax::parse_package_name;

}  // namespace

Result<PackageWish> parse_package_wish(std::string_view text) {
    PackageWish wish;
    const auto written = text;
    if (text.starts_with('-')) {
        wish.wanted = false;
        text.remove_prefix(1);
    }
    if (text.starts_with('@')) {
        wish.group = true;
        text.remove_prefix(1);
        while (text.starts_with(' ')) {  // "@ Base System" is how older files write it
            text.remove_prefix(1);
        }
    }
    auto name = wish.group ? parse_group_name(text) : parse_package_name(text);
    if (!name) {  // The sentence begins with the name; its reader looks for what was written.
        auto& message = name.error().message;
        message.replace(0, in_quotes(text).size(), in_quotes(written));
        return std::unexpected(std::move(name).error());
    }
    wish.text = std::move(*name);
    return wish;
}

std::string PackageWishes::key(const PackageWish& wish) {
    return (wish.group ? "@" : "") + wish.text;
}

PackageWishes::Added PackageWishes::add(PackageWish wish) {
    auto name = key(wish);
    const auto known = places_.find(name);
    if (known == places_.end()) {
        if (wishes_.size() >= kPackagesMax) {
            return Added::too_many;
        }
        places_.emplace(std::move(name), wishes_.size());
        wishes_.push_back(std::move(wish));
        return Added::first;
    }
    PackageWish& before = wishes_[known->second];
    if (before.wanted == wish.wanted) {
        return Added::repeated;
    }
    before = std::move(wish);
    return Added::reversed;
}

void PackageWishes::add_all(const Packages& packages) {
    const auto add_names = [this](const std::vector<PackageName>& list, bool group, bool wanted) {
        for (const auto& name : list) {
            add({.text = name.text,
                 .group = group,
                 .wanted = wanted,
                 .scope = GroupScope::defaults,
                 .where = name.where});
        }
    };
    add_names(packages.names, false, true);
    add_names(packages.excluded, false, false);
    for (const auto& group : packages.groups) {
        add({.text = group.text,
             .group = true,
             .wanted = true,
             .scope = group.scope,
             .where = group.where});
    }
    add_names(packages.excluded_groups, true, false);
}

void PackageWishes::store(Packages& packages) const {
    packages.names.clear();
    packages.excluded.clear();
    packages.groups.clear();
    packages.excluded_groups.clear();
    for (const auto& wish : wishes_) {
        if (wish.group && wish.wanted) {
            packages.groups.push_back(
                {.text = wish.text, .scope = wish.scope, .where = wish.where});
            continue;
        }
        auto& list = wish.group    ? packages.excluded_groups
                     : wish.wanted ? packages.names
                                   : packages.excluded;
        list.push_back({.text = wish.text, .where = wish.where});
    }
}

}  // namespace img::kickstart
