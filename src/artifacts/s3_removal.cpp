#include "artifacts/s3_removal.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>

namespace img::artifacts {
namespace {

// Of 1000 objects each: a build has at most 1000 files, and a job three attempts.
constexpr int kRoundsMax = 10;

class ImagesInS3 : public jobs::ImagesElsewhere {
public:
    explicit ImagesInS3(S3ClientOptions options) : options_(std::move(options)) {}

    bool reaches(const std::string& place) const override {
        return is_below(options_.place, place);
    }
    Result<void> remove(const jobs::KeptImage& image, const std::stop_token& stop) override;

private:
    Result<void> remove_all(S3Client& client, const std::string& keys) const;
    Result<void> check(const std::string& key, const std::string& keys) const;

    const S3ClientOptions options_;
};

Result<void> ImagesInS3::remove(const jobs::KeptImage& image, const std::stop_token& stop) {
    const auto keys = TRY(job_keys(options_.place, image.place, image.id));
    S3Client client(options_, stop);
    const auto removed = remove_all(client, keys);
    if (!removed) {
        const auto& [fault, message] = removed.error();
        return fail(
            fault,
            fmt::format(
                "remove the images below s3://{}/{}: {}{}", options_.place.bucket, keys, message,
                fault == Fault::broken ? "; its keys need the rights to list and to delete" : ""));
    }
    return {};
}

/// Uploads first: one of them might become an object meanwhile. An attempt leaves one at most.
Result<void> ImagesInS3::remove_all(S3Client& client, const std::string& keys) const {
    const auto uploads = TRY(client.list_parts(keys));
    for (const auto& [key, upload] : uploads) {
        TRY(check(key, keys));
        TRY(client.remove_parts(key_path(options_.place, key), upload));
    }
    for (int i = 0; i < kRoundsMax; ++i) {
        const auto found = TRY(client.list(keys));
        if (found.empty()) {
            return {};
        }
        for (const auto& key : found) {
            TRY(check(key, keys));
            TRY(client.remove(key_path(options_.place, key)));
        }
    }
    return fail(Fault::broken, "it lists more and more of them");
}

/// Nothing is removed on the word of somebody who does not know what he was asked for.
Result<void> ImagesInS3::check(const std::string& key, const std::string& keys) const {
    return key.starts_with(keys)
               ? Result<void>()
               : fail(Fault::broken, fmt::format("{} lists {}, which is not among them",
                                                 options_.place.endpoint, printable(key)));
}

}  // namespace

std::unique_ptr<jobs::ImagesElsewhere> images_in_s3(S3ClientOptions options) {
    return std::make_unique<ImagesInS3>(std::move(options));
}

}  // namespace img::artifacts
