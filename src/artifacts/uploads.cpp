#include "artifacts/uploads.hpp"

#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "jobs/attempt_fence.hpp"
#include "system/fd.hpp"
#include "system/kill_point.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>

namespace img::artifacts {
namespace {

namespace fs = std::filesystem;

constexpr auto kLeftOver = std::chrono::hours(24);

Fault fault_of(int error) {
    return error == ENOSPC || error == EDQUOT || error == EFBIG ? Fault::exhausted : Fault::broken;
}

std::unexpected<Error> failed(std::string_view what, const fs::path& path, int error = errno) {
    return fail(fault_of(error), fmt::format("{} {}: {}", what, path.native(),
                                             std::generic_category().message(error)));
}

/// Writers share a folder of incoming files; whoever publishes or sweeps it has it alone.
Result<system::Fd> locked(const fs::path& folder, int how) {
    system::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) {
        return fail(Fault::transient, "upload: it has not begun, or was swept; begin again");
    }
    if (::flock(fd.get(), how | LOCK_NB) != 0) {
        return fail(Fault::transient, "upload: somebody else is at it; try again");
    }
    return fd;
}

Result<void> write_all(const system::Fd& file,
                       std::string_view bytes,
                       std::uint64_t offset,
                       const fs::path& path) {
    while (!bytes.empty()) {
        const auto count =
            ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno != EINTR) {
            return failed("write", path);
        }
        const auto written = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
        bytes.remove_prefix(written);
        offset += written;
    }
    return {};
}

std::optional<std::uint64_t> size_of(const fs::path& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)
               ? std::optional(static_cast<std::uint64_t>(status.st_size))
               : std::nullopt;
}

/// Makes it whole: a hole at its end is not sent. One that is not what it should be goes.
Result<void> verify(const fs::path& path, const UploadFile& expected) {
    const auto there = size_of(path);
    if (!there) {
        return fail(Fault::transient,
                    fmt::format("upload: {} has not come; begin again", expected.name));
    }
    if (*there < expected.size &&
        ::truncate(path.c_str(), static_cast<off_t>(expected.size)) != 0) {
        return failed("extend", path);
    }
    const bool is_good = *there <= expected.size && TRY(sha256_file(path)) == expected.sha256;
    if (!is_good) {
        ::unlink(path.c_str());
        return fail(Fault::transient,
                    fmt::format("upload: {} was damaged on its way; send it again", expected.name));
    }
    return {};
}

/// "<id>.<attempt>", as incoming() makes it.
std::optional<UploadKey> key_of(const std::string& name) {
    const auto dot = name.find('.');
    if (dot == std::string::npos || !jobs::is_job_id(name.substr(0, dot))) {
        return std::nullopt;
    }
    UploadKey key{.id = name.substr(0, dot)};
    const auto* const end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + dot + 1, end, key.attempt);
    return error == std::errc{} && rest == end ? std::optional(key) : std::nullopt;
}

/// Counts up while it lives.
class Counted {
public:
    explicit Counted(std::atomic<unsigned>& count) : count_(count), now_(++count) {}
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --count_; }
    unsigned now() const { return now_; }

private:
    std::atomic<unsigned>& count_;
    unsigned now_;
};

}  // namespace

Uploads::Uploads(UploadsOptions options)
    : options_(std::move(options)), published_(file_artifacts(options_.www_root)) {
    sweep();
}

fs::path Uploads::incoming(const UploadKey& key) const {
    return options_.www_root / ".incoming" / fmt::format("{}.{}", key.id, key.attempt);
}

Result<UploadState> Uploads::begin(const UploadKey& key, const std::vector<UploadFile>& files) {
    if (is_published(key, files)) {
        return UploadState{.is_published = true};
    }
    sweep();
    TRY(jobs::AttemptFence::check(options_.www_root / key.id, key.attempt));
    const auto folder = incoming(key);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return failed("make", folder, error.value());
    }
    UploadState state;
    for (const auto& file : files) {
        const auto there = size_of(folder / file.name);
        if (there && *there <= file.size) {
            state.there[file.name] = *there;
        } else if (there) {
            ::unlink((folder / file.name).c_str());
        }
    }
    return state;
}

Result<void> Uploads::write(const UploadKey& key,
                            std::string_view file,
                            std::uint64_t offset,
                            std::string_view bytes) {
    const auto folder = incoming(key);
    const auto lock = TRY(locked(folder, LOCK_SH));
    if (offset > options_.file_max - std::min<std::uint64_t>(options_.file_max, bytes.size())) {
        return fail(Fault::exhausted, fmt::format("upload: {} is larger than {}", file,
                                                  human_size(options_.file_max)));
    }
    struct statvfs disk{};
    if (::fstatvfs(lock.get(), &disk) == 0 &&
        std::uint64_t{disk.f_bavail} * disk.f_frsize < options_.disk_kept + bytes.size()) {
        return fail(Fault::exhausted, fmt::format("upload: less than {} free in www-root",
                                                  human_size(options_.disk_kept)));
    }
    const auto path = folder / file;
    const system::Fd out(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!out) {
        return failed("open", path);
    }
    TRY(write_all(out, bytes, offset, path));
    // Begins the way to the disk, so that publishing need not wait for all of it at the end.
    ::sync_file_range(out.get(), static_cast<off_t>(offset), static_cast<off_t>(bytes.size()),
                      SYNC_FILE_RANGE_WRITE);
    system::kill_point("upload.received");
    return {};
}

Result<void> Uploads::publish(const UploadKey& key, const std::vector<UploadFile>& files) {
    const Counted publication(publications_);
    if (publication.now() > options_.publications_max) {
        return fail(Fault::transient, "upload: others are being published; try again");
    }
    const auto folder = incoming(key);
    std::error_code ignored;  // what cannot be removed is swept the next time
    if (is_published(key, files)) {
        fs::remove_all(folder, ignored);  // left by one who died between publishing and this
        return {};
    }
    const auto lock = TRY(locked(folder, LOCK_EX));
    for (const auto& file : files) {
        TRY(verify(folder / file.name, file));
    }
    const jobs::BuildOrder order{.id = key.id, .attempt = key.attempt};
    TRY(published_->publish(order, folder));
    system::kill_point("upload.published");
    fs::remove_all(folder, ignored);
    return {};
}

/// The manifest comes last, and it is of this very build: all that it names is there.
bool Uploads::is_published(const UploadKey& key, const std::vector<UploadFile>& files) const {
    const auto target = options_.www_root / key.id;
    return std::ranges::all_of(files, [&](const UploadFile& file) {
        return size_of(target / file.name) == file.size &&
               (file.name != kManifest || sha256_file(target / file.name) == file.sha256);
    });
}

void Uploads::sweep() const {
    std::error_code error;
    for (fs::directory_iterator entry(options_.www_root / ".incoming", error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const auto key = key_of(entry->path().filename().native());
        const auto lock = locked(entry->path(), LOCK_EX);
        if (!key || !lock) {
            continue;
        }
        std::error_code ignored;
        const auto fence = jobs::AttemptFence::check(options_.www_root / key->id, key->attempt);
        const bool is_over = !fence && (fence.error().fault == Fault::invalid ||
                                        fence.error().fault == Fault::missing);
        const auto age =
            fs::file_time_type::clock::now() - fs::last_write_time(entry->path(), ignored);
        if (is_over || age > kLeftOver) {
            fs::remove_all(entry->path(), ignored);
        }
    }
}

}  // namespace img::artifacts
