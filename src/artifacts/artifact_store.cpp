#include "artifacts/artifacts.hpp"
#include "artifacts/http_artifacts.hpp"
#include "artifacts/s3_artifacts.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "system/files.hpp"

#include <fmt/format.h>
#include <fstream>

namespace img::artifacts {
namespace {

/// The first line, which no log ever shows.
Result<std::string> read_token(const std::filesystem::path& file) {
    if (file.empty()) {
        return fail(Fault::invalid,
                    "artefacts: imgd takes uploads from workers that it knows; name "
                    "the file with this one's token by --token-file");
    }
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    const auto token = trim(line);
    if (token.empty()) {
        return fail(Fault::invalid, fmt::format("--token-file {}: there is no token in its first "
                                                "line, or it cannot be read",
                                                file.native()));
    }
    return std::string(token);
}

}  // namespace

Result<std::unique_ptr<ArtifactStore>> open_artifact_store(const std::string& url,
                                                           const Secrets& secrets) {
    constexpr std::string_view file = "file:";
    if (url.starts_with(file) && url.size() > file.size()) {
        return file_artifacts(TRY(system::absolute(url.substr(file.size()))));
    }
    if (url.starts_with("http://") || url.starts_with("https://")) {
        auto token = TRY(read_token(secrets.token_file));
        return http_artifacts({.url = url, .token = std::move(token)});
    }
    if (url.starts_with("s3:")) {
        auto place = TRY(s3_place_from(url));
        auto credentials = TRY(read_s3_credentials(secrets.s3_credentials));
        return s3_artifacts({.place = std::move(place), .credentials = std::move(credentials)});
    }
    return fail(Fault::invalid,
                fmt::format("artefacts {}: not file:FOLDER, http(s)://HOST:PORT/ or "
                            "s3://BUCKET/PREFIX",
                            printable(url)));
}

}  // namespace img::artifacts
