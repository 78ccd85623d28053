#include "kickstarter/include_files.hpp"

#include "http/client.hpp"
#include "system/beneath.hpp"
#include "system/files.hpp"

#include <fmt/format.h>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIncludedBytesMax = std::size_t{16} << 20;  // as of a kickstart itself
constexpr int kOk = 200;

bool is_url(std::string_view name) {
    return name.contains("://");
}

Result<kickstart::Included> read_url(const std::string& name, const IncludeRules& rules) {
    if (!rules.urls) {
        return fail(Fault::invalid, "URLs are read only with --include-urls");
    }
    if (!name.starts_with("http://") && !name.starts_with("https://")) {
        return fail(Fault::invalid, "only http and https are read");
    }
    const auto path = name.find('/', name.find("://") + 3);
    http::Client client(name.substr(0, path), {.timeout = std::chrono::seconds(30)});
    kickstart::Included included{.file = name, .text = {}};
    bool too_large = false;
    const auto sink = [&](std::string_view bytes) {
        included.text += bytes;
        too_large = included.text.size() > kIncludedBytesMax;
        return !too_large;
    };
    const auto answer =
        TRY(client.follow(path == std::string::npos ? "/" : name.substr(path), sink));
    if (too_large) {
        return fail(Fault::invalid, "it is larger than 16 MiB");
    }
    if (answer.status != kOk) {
        return fail(Fault::missing, fmt::format("the server answers {}", answer.status));
    }
    return included;
}

Result<fs::path> whole(const fs::path& path) {
    return TRY(system::absolute(path)).lexically_normal();
}

/// "/a/b" for "/a/b/" too.
Result<fs::path> whole_folder(const fs::path& path) {
    auto folder = TRY(whole(path));
    return folder.has_filename() ? folder : folder.parent_path();
}

Result<kickstart::Included> read_file(const std::string& name,
                                      const std::string& from,
                                      const fs::path& root) {
    if (is_url(from)) {
        return fail(Fault::invalid, "a file named by a URL can include URLs only");
    }
    const fs::path file = (fs::path(from).parent_path() / name).lexically_normal();
    const fs::path below = TRY(whole(file)).lexically_relative(root);
    if (below.empty() || *below.begin() == "..") {
        return fail(
            Fault::invalid,
            fmt::format("it lies outside of {}; --include-root=FOLDER allows more", root.string()));
    }
    auto text = system::read_beneath(root, below.string(), kIncludedBytesMax);
    if (!text) {
        return fail(text.error().fault, text.error().fault == Fault::missing
                                            ? "there is no such file"
                                            : text.error().message);
    }
    return kickstart::Included{.file = file.string(), .text = *std::move(text)};
}

}  // namespace

kickstart::IncludeSource include_files(const std::string& file, IncludeRules rules) {
    const auto folder = fs::path(file).parent_path();
    // In a working folder that is gone there may still be a kickstart that includes nothing.
    const auto root = whole_folder(!rules.root.empty() ? rules.root
                                   : folder.empty()    ? fs::path(".")
                                                       : folder);
    return [rules = std::move(rules), root](
               const std::string& name, const std::string& from) -> Result<kickstart::Included> {
        return is_url(name) ? read_url(name, rules) : read_file(name, from, TRY(root));
    };
}

}  // namespace img::kickstarter
