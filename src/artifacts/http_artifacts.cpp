#include "artifacts/http_artifacts.hpp"

#include "api/api.hpp"
#include "artifacts/artifact_files.hpp"
#include "artifacts/data_reader.hpp"
#include "artifacts/patience.hpp"
#include "artifacts/upload_message.hpp"
#include "base/digest.hpp"
#include "http/client.hpp"
#include "system/kill_point.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::artifacts {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kBytes = "application/octet-stream";
constexpr auto kPieceTimeout = std::chrono::seconds(120);
// imgd reads everything once more for its digest and waits for the disk: 100 GB at 100 MB/s.
constexpr auto kPublishTimeout = std::chrono::seconds(1200);

/// What a status means to a build that wants to be rid of its files.
Fault fault_of(int status) {
    switch (status) {
        case 404: return Fault::missing;
        case 409: return Fault::invalid;
        case 413:
        case 507: return Fault::exhausted;
        case 408:
        case 429:
        case 502:
        case 503:
        case 504: return Fault::transient;
        default: return Fault::broken;
    }
}

Result<std::string> body_of(const Result<http::Response>& response, const std::string& url) {
    if (!response) {
        // Too slow is worth another try here: what has come so far counts.
        const auto fault = response.error().fault;
        return fail(fault == Fault::exhausted ? Fault::transient : fault,
                    fmt::format("upload: {}", response.error().message));
    }
    if (response->status < 300) {
        return std::string(response->text());
    }
    const auto problem = api::problem_from_json(response->text());
    return fail(fault_of(response->status),
                problem ? fmt::format("{}: {}; {}", url, problem->detail, problem->next)
                        : fmt::format("{}: it answered {} {}", url, response->status,
                                      http::reason(response->status)));
}

/// One publication: what is sent, and how far it is.
class Upload {
public:
    Upload(const HttpArtifactsOptions& options,
           const jobs::BuildOrder& order,
           const fs::path& folder,
           const Watch& watch)
        : options_(options),
          order_(order),
          folder_(folder),
          watch_(watch),
          headers_({{"Authorization", "Bearer " + options.token}}),
          client_(options.url, {.timeout = kPieceTimeout, .stop = watch.stop}),
          publisher_(options.url, {.timeout = kPublishTimeout, .stop = watch.stop}),
          piece_size_(options.piece_max) {}

    Result<Published> run();

private:
    Result<std::vector<UploadFile>> described() const;
    Result<UploadState> begin();
    Result<void> send(const UploadFile& file, std::uint64_t from);
    Result<std::size_t> send_piece(const UploadFile& file, DataReader::Piece piece);
    Result<void> finish();

    const HttpArtifactsOptions& options_;
    const jobs::BuildOrder& order_;
    const fs::path& folder_;
    const Watch& watch_;
    const http::Headers headers_;
    http::Client client_, publisher_;
    std::size_t piece_size_;
    std::string list_;  ///< The files, as JSON.
    std::uint64_t total_ = 0, done_ = 0;
};

Result<Published> Upload::run() {
    const auto files = TRY(described());
    list_ = to_json(files);
    for (const auto& file : files) {
        total_ += file.size;
    }
    const auto state = TRY(begin());
    Published published{.size = total_};
    if (state.is_published) {
        return published;
    }
    for (const auto& file : files) {
        const auto there = state.there.find(file.name);
        TRY(send(file, there == state.there.end() ? 0 : there->second));
        done_ += file.size;
        watch_.tell(done_, total_);
    }
    system::kill_point("publish.half");
    TRY(finish());
    system::kill_point("publish.done");
    return published;
}

Result<std::vector<UploadFile>> Upload::described() const {
    const auto files = TRY(artifact_files(folder_));
    std::vector<UploadFile> described;
    for (const auto& file : files) {
        auto digest = TRY(sha256_file(folder_ / file.name));
        described.push_back({.name = file.name, .size = file.size, .sha256 = std::move(digest)});
    }
    return described;
}

Result<UploadState> Upload::begin() {
    const auto path = upload_path(order_.id, order_.attempt);
    const auto body = TRY(body_of(client_.post(path, kJson, list_, headers_), options_.url));
    return upload_state_from(body);
}

/// An empty file is sent too: it has to be there.
Result<void> Upload::send(const UploadFile& file, std::uint64_t from) {
    const auto reader = TRY(DataReader::open(folder_ / file.name));
    bool is_there = from > 0;
    while (from < file.size || !is_there) {
        auto piece = TRY(reader.next(from, piece_size_));
        if (piece.bytes.empty() && is_there) {
            return {};  // the rest is a hole
        }
        if (piece.bytes.empty()) {
            piece.offset = 0;
        }
        const auto begun = piece.offset;
        const bool is_hole = piece.bytes.empty();
        const auto sent = TRY(send_piece(file, std::move(piece)));
        if (is_hole) {
            return {};
        }
        is_there = true;
        from = begun + sent;
        watch_.tell(done_ + from, total_);
    }
    return {};
}

/// How many of its bytes are there. After each failure it is a shorter one that is tried.
Result<std::size_t> Upload::send_piece(const UploadFile& file, DataReader::Piece piece) {
    const auto path = upload_path(order_.id, order_.attempt, file.name, piece.offset);
    Patience patience(options_.tries, options_.pause);
    for (;;) {
        const auto answer = body_of(client_.put(path, kBytes, piece.bytes, headers_), options_.url);
        if (answer) {
            return piece.bytes.size();
        }
        if (answer.error().fault != Fault::transient || !patience.wait(watch_.stop)) {
            return std::unexpected(answer.error());
        }
        piece_size_ = std::max(options_.piece_min, piece_size_ / 2);
        piece.bytes.resize(std::min(piece.bytes.size(), piece_size_));
    }
}

/// Where the answer was lost, asking again gives it.
Result<void> Upload::finish() {
    const auto path = upload_publish_path(order_.id, order_.attempt);
    Patience patience(options_.tries, options_.pause);
    for (;;) {
        const auto answer =
            body_of(publisher_.post(path, std::string(kJson), list_, headers_), options_.url);
        if (answer) {
            return {};
        }
        if (answer.error().fault != Fault::transient || !patience.wait(watch_.stop)) {
            return std::unexpected(answer.error());
        }
    }
}

class HttpArtifacts : public ArtifactStore {
public:
    explicit HttpArtifacts(HttpArtifactsOptions options) : options_(std::move(options)) {}

    Result<Published> publish(const jobs::BuildOrder& order,
                              const fs::path& folder,
                              const Watch& watch) override {
        return Upload(options_, order, folder, watch).run();
    }

private:
    const HttpArtifactsOptions options_;
};

}  // namespace

std::unique_ptr<ArtifactStore> http_artifacts(HttpArtifactsOptions options) {
    return std::make_unique<HttpArtifacts>(std::move(options));
}

}  // namespace img::artifacts
