#include "jobs/job_log.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <system_error>

namespace img::jobs {
namespace {

struct Place {
    unsigned attempt = 0;
    std::int64_t shift = 0;
    std::int64_t notice_at = 0;  ///< Where the line that begins the attempt stands, or is to stand.
};

std::filesystem::path place_file(const std::filesystem::path& log) {
    return log.parent_path() / ("." + log.filename().native());
}

std::optional<Place> read_place(const std::filesystem::path& log) {
    std::ifstream in(place_file(log));
    Place place;
    if (in >> place.attempt >> place.shift >> place.notice_at) {
        return place;
    }
    return std::nullopt;
}

std::string attempt_notice(unsigned attempt) {
    return fmt::format("--- attempt {} ---\n", attempt);
}

std::unexpected<Error> failed(std::string_view what, const std::filesystem::path& path) {
    const int error = errno;
    return fail(
        error == ENOSPC || error == EDQUOT ? Fault::exhausted : Fault::broken,
        fmt::format("{} {}: {}", what, path.native(), std::generic_category().message(error)));
}

}  // namespace

Result<JobLog> JobLog::open(const std::filesystem::path& file, unsigned attempt) {
    system::Fd fd(::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    struct stat status{};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        return failed("open", file);
    }
    JobLog log(std::move(fd), file, attempt);
    log.size_ = status.st_size;
    TRY(log.begin());
    return log;
}

Result<void> JobLog::begin() {
    const auto place = read_place(path_);
    const auto notice = attempt_notice(attempt_);
    if (!place || place->attempt != attempt_) {
        const bool is_fresh = size_ == 0 && attempt_ == 1;
        const bool is_mid_line = size_ > 0 && !TRY(ends_with("\n"));
        if (is_mid_line) {
            TRY(append("\n"));
        }
        const auto notice_at = size_;
        TRY(this->place(is_fresh ? 0 : size_ + std::ssize(notice), notice_at));
        return is_fresh ? Result<void>() : append(notice);
    }
    shift_ = place->shift;
    if (size_ >= shift_ || place->notice_at > size_) {
        return {};
    }
    // A crash came between the two writes above, or in the middle of the second.
    const auto there = static_cast<std::size_t>(size_ - place->notice_at);
    return there < notice.size() ? append(std::string_view(notice).substr(there)) : Result<void>();
}

Result<void> JobLog::write(std::uint64_t offset, std::string_view text) {
    constexpr std::uint64_t offset_max = 1ULL << 40;  // keeps the sums below far from overflow
    if (offset > offset_max) {
        return fail(Fault::invalid,
                    fmt::format("log of {}: offset {} is beyond any log", path_.native(), offset));
    }
    const auto at = static_cast<std::int64_t>(offset);
    const auto next = size_ - shift_;
    if (at + std::ssize(text) <= next) {
        return {};
    }
    if (at < next) {
        text.remove_prefix(static_cast<std::size_t>(next - at));
    } else if (at > next) {
        const bool is_mid_line = size_ > 0 && !TRY(ends_with("\n"));
        const auto notice = fmt::format("{}--- {} bytes of the log were lost here ---\n",
                                        is_mid_line ? "\n" : "", at - next);
        TRY(place(size_ + std::ssize(notice) - at, size_));
        TRY(append(notice));
    }
    return append(text);
}

Result<void> JobLog::close_with(std::string_view text) {
    std::string words(text);
    if (words.empty() || words.back() != '\n') {
        words += '\n';
    }
    if (TRY(ends_with(words))) {
        return {};
    }
    if (size_ > 0 && !TRY(ends_with("\n"))) {
        TRY(append("\n"));
    }
    return append(words);
}

/// Written before the notice that it speaks of, and renamed into place: whole or not at all.
Result<void> JobLog::place(std::int64_t shift, std::int64_t notice_at) {
    const auto target = place_file(path_);
    auto fresh = target;
    fresh += ".new";
    {
        std::ofstream out(fresh, std::ios::trunc);
        out << attempt_ << ' ' << shift << ' ' << notice_at << '\n';
        out.flush();
        if (!out) {
            return failed("write", fresh);
        }
    }
    if (::rename(fresh.c_str(), target.c_str()) != 0) {
        return failed("write", target);
    }
    shift_ = shift;
    return {};
}

Result<void> JobLog::append(std::string_view text) {
    while (!text.empty()) {
        const auto count = ::write(file_.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return failed("write", path_);
        }
        size_ += count;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<bool> JobLog::ends_with(std::string_view text) const {
    const auto length = std::ssize(text);
    if (length > size_) {
        return false;
    }
    std::string last(text.size(), '\0');
    const auto count = ::pread(file_.get(), last.data(), last.size(), size_ - length);
    if (count < 0) {
        return failed("read", path_);
    }
    return last == text;
}

}  // namespace img::jobs
