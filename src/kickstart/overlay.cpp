#include "kickstart/overlay.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/package_wishes.hpp"

#include <fmt/format.h>

namespace img::kickstart {
namespace {

constexpr std::size_t kOverlayBytesMax = std::size_t{1} << 20;
constexpr std::size_t kFaultsShown = 10;

}  // namespace

Result<Packages> parse_overlay(std::string_view text) {
    if (text.size() > kOverlayBytesMax) {
        return fail(Fault::invalid,
                    "the overlay is larger than 1 MiB; put the names into the "
                    "kickstart's %packages");
    }
    PackageWishes wishes;
    std::vector<std::string> faults;
    std::size_t more = 0;
    unsigned line = 1;
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find_first_of(",\n", start), text.size());
        if (const auto name = trim(text.substr(start, end - start)); !name.empty()) {
            auto wish = parse_package_wish(name);
            if (wish) {
                wish->where = {.file = "overlay", .line = line, .column = 0};
                if (wishes.add(std::move(*wish)) == PackageWishes::Added::too_many) {
                    return fail(Fault::invalid, fmt::format("overlay:{}: more than {} packages",
                                                            line, kPackagesMax));
                }
            } else if (faults.size() < kFaultsShown) {
                faults.push_back(fmt::format("overlay:{}: {}", line, wish.error().message));
            } else {
                ++more;
            }
        }
        line += end < text.size() && text[end] == '\n' ? 1U : 0U;
        start = end + 1;
    }
    if (more != 0) {
        faults.push_back(fmt::format("overlay: {} more are not shown", more));
    }
    if (!faults.empty()) {
        return fail(Fault::invalid, join(faults, "\n"));
    }
    Packages packages;
    wishes.store(packages);
    return packages;
}

void apply_overlay(Packages& packages, const Packages& overlay) {
    PackageWishes wishes;
    wishes.add_all(packages);
    wishes.add_all(overlay);
    wishes.store(packages);
}

}  // namespace img::kickstart
