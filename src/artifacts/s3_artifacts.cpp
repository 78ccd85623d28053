#include "artifacts/s3_artifacts.hpp"

#include "artifacts/artifact_files.hpp"
#include "artifacts/data_reader.hpp"
#include "base/byte_size.hpp"
#include "system/kill_point.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::artifacts {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPartMin = 8 * kMiB;
constexpr std::uint64_t kPartsMax = 10'000;
constexpr std::uint64_t kManifestMax = kMiB;  // the service keeps a copy of it

/// One publication.
class Publication {
public:
    Publication(const S3ClientOptions& options,
                const jobs::BuildOrder& order,
                const fs::path& folder,
                const Watch& watch)
        : options_(options),
          order_(order),
          folder_(folder),
          watch_(watch),
          client_(options, watch.stop) {}

    Result<Published> run();

private:
    Result<void> send(const ArtifactFile& file);
    Result<void> send_parts(const DataReader& reader, const std::string& path);
    Result<std::vector<std::string>> put_parts(const DataReader& reader,
                                               const std::string& path,
                                               const std::string& upload);
    Result<void> tell(std::uint64_t done) const;

    const S3ClientOptions& options_;
    const jobs::BuildOrder& order_;
    const fs::path& folder_;
    const Watch& watch_;
    S3Client client_;
    std::uint64_t total_ = 0, done_ = 0;
};

Result<Published> Publication::run() {
    const auto files = TRY(artifact_files(folder_));
    total_ = total_size(files);
    if (files.back().size > kManifestMax) {
        return fail(Fault::broken, fmt::format("publish {}: {} has more than {}", folder_.native(),
                                               kManifest, human_size(kManifestMax)));
    }
    for (const auto& file : files) {
        if (file.name == kManifest) {
            system::kill_point("publish.half");
        }
        TRY(send(file));
        done_ += file.size;
        TRY(tell(0));
        system::kill_point("publish.object");
    }
    system::kill_point("publish.done");
    const auto manifest = TRY(DataReader::open(folder_ / kManifest));
    auto text = TRY(manifest.read(0, static_cast<std::size_t>(manifest.size())));
    return Published{.size = total_,
                     .place = job_place(options_.place, order_.id, order_.attempt),
                     .manifest = std::move(text)};
}

Result<void> Publication::send(const ArtifactFile& file) {
    const auto path = object_path(options_.place, order_.id, order_.attempt, file.name);
    const auto reader = TRY(DataReader::open(folder_ / file.name));
    if (reader.size() > kPartMin) {
        return send_parts(reader, path);
    }
    const auto bytes = TRY(reader.read(0, static_cast<std::size_t>(reader.size())));
    return client_.put(path, bytes);
}

Result<void> Publication::send_parts(const DataReader& reader, const std::string& path) {
    const auto upload = TRY(client_.begin_parts(path));
    const auto tags = put_parts(reader, path, upload);
    auto finished = tags ? client_.finish_parts(path, upload, *tags)
                         : Result<void>(std::unexpected(tags.error()));
    if (!finished) {
        client_.abort_parts(path, upload);
    }
    return finished;
}

Result<std::vector<std::string>> Publication::put_parts(const DataReader& reader,
                                                        const std::string& path,
                                                        const std::string& upload) {
    const auto part_size = part_size_for(reader.size());
    std::vector<std::string> tags;
    for (std::uint64_t offset = 0; offset < reader.size(); offset += part_size) {
        const auto size = std::min(part_size, reader.size() - offset);
        const auto bytes = TRY(reader.read(offset, static_cast<std::size_t>(size)));
        const auto number = static_cast<unsigned>(tags.size() + 1);
        auto tag = TRY(client_.put_part(path, upload, number, bytes));
        tags.push_back(std::move(tag));
        TRY(tell(offset + size));
        system::kill_point("publish.part");
    }
    return tags;
}

Result<void> Publication::tell(std::uint64_t done) const {
    watch_.tell(done_ + done, total_);
    return watch_.stop.stop_requested() ? fail(Fault::transient, "publish: stopped")
                                        : Result<void>();
}

class S3Artifacts : public ArtifactStore {
public:
    explicit S3Artifacts(S3ClientOptions options) : options_(std::move(options)) {}

    Result<Published> publish(const jobs::BuildOrder& order,
                              const fs::path& folder,
                              const Watch& watch) override {
        return Publication(options_, order, folder, watch).run();
    }

private:
    const S3ClientOptions options_;
};

}  // namespace

std::uint64_t part_size_for(std::uint64_t file_size) {
    return std::max(kPartMin, round_up((file_size + kPartsMax - 1) / kPartsMax, kMiB));
}

std::unique_ptr<ArtifactStore> s3_artifacts(S3ClientOptions options) {
    return std::make_unique<S3Artifacts>(std::move(options));
}

}  // namespace img::artifacts
