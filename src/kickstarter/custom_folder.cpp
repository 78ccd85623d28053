#include "kickstarter/custom_folder.hpp"

#include "base/nearest.hpp"
#include "kickstarter/safe_name.hpp"
#include "syntax/quote.hpp"
#include "system/beneath.hpp"

namespace img::kickstarter {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::size_t kBytesMax = std::size_t{16} << 20;  // what a kickstart may have
constexpr std::size_t kNamesMax = 10'000;

struct Place {
    std::string_view what, folder, ending;
};

Place place_of(CustomKind kind) {
    switch (kind) {
        case CustomKind::part: return {"partition file", "part", ""};
        case CustomKind::post: return {"script", "scripts", ".post"};
        case CustomKind::nochroot: return {"script", "scripts", ".nochroot"};
    }
    return {};
}

}  // namespace

std::vector<std::string> CustomFolder::names(CustomKind kind) const {
    const auto [what, folder, ending] = place_of(kind);
    const auto listed =
        system::list_beneath(root_, fmt::format("{}/{}", below_, folder), kNamesMax);
    std::vector<std::string> found;
    for (const auto& file : listed.value_or(std::vector<std::string>())) {
        if (file.ends_with(ending)) {
            found.push_back(file.substr(0, file.size() - ending.size()));
        }
    }
    return found;
}

const std::string* CustomFolder::read(CustomKind kind, const Said& name, syntax::Reporter& report) {
    const auto [what, folder, ending] = place_of(kind);
    if (!is_safe_name(name.text)) {
        report.error(name.where, "{} cannot name a {}: it is one name, without a path",
                     syntax::in_quotes(name.text), what);
        return nullptr;
    }
    const auto path = fmt::format("{}/{}/{}{}", below_, folder, name.text, ending);
    if (const auto known = files_.find(path); known != files_.end()) {
        return &known->second;
    }
    auto text = system::read_beneath(root_, path, kFileBytesMax);
    if (!text && text.error().fault == Fault::missing) {
        const auto best = nearest(name.text, names(kind));
        report.error(name.where, "there is no {} {}/{}{} in the custom folder{}", what, folder,
                     name.text, ending,
                     best.empty() ? best : fmt::format("; did you mean {}?", best));
        return nullptr;
    }
    if (!text) {
        report.error(name.where, "{} {}: {}", what, name.text, text.error().message);
        return nullptr;
    }
    bytes_ += text->size();
    if (bytes_ > kBytesMax) {
        report.error(name.where, "the files of the custom folder have more than 16 MiB together");
        return nullptr;
    }
    return &files_.emplace(path, *std::move(text)).first->second;
}

}  // namespace img::kickstarter
