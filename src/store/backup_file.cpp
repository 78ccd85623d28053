#include "store/backup_file.hpp"

#include "base/json.hpp"
#include "store/migration.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace img::store {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kFormat = "img backup";
constexpr int kFormatVersion = 1;

std::unexpected<Error> is_no_backup(const std::filesystem::path& file) {
    return fail(Fault::invalid, fmt::format("{}: no backup of IMG", file.native()));
}

std::unexpected<Error> is_damaged(const std::filesystem::path& file, std::string_view how) {
    return fail(Fault::broken, fmt::format("{}: {}; nothing was restored, take another backup",
                                           file.native(), how));
}

/// Onto the disk, for a backup that a power cut takes away is none.
int synchronise(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const int code = fd < 0 || ::fsync(fd) != 0 ? errno : 0;
    if (fd >= 0) {
        ::close(fd);
    }
    return code;
}

Result<BackupHead> head_from(const std::filesystem::path& file, const std::string& line) {
    const auto head = json::parse(line, nullptr, false);
    if (!head.is_object() || !head.contains("format") || head["format"] != kFormat) {
        return is_no_backup(file);
    }
    BackupHead found;
    try {
        const auto format = number_at<int>(head, "format_version");
        found.schema = number_at<int>(head, "schema");
        if (format > kFormatVersion || found.schema > current_version()) {
            return fail(Fault::invalid,
                        fmt::format("{}: a backup of version {}, this program knows {}; use the "
                                    "newer IMG that made it",
                                    file.native(), found.schema, current_version()));
        }
        found.made = jobs::Time(std::chrono::milliseconds(number_at<std::int64_t>(head, "made")));
        const auto& rows = head.at("rows");
        for (const auto& [table, count] : rows.items()) {
            found.rows[table] = number_at<std::uint64_t>(rows, table.c_str());
        }
    } catch (const json::exception& error) {
        return is_damaged(file, fmt::format("damaged: its first line: {}", said_by(error)));
    } catch (const std::invalid_argument& error) {
        return is_damaged(file, fmt::format("damaged: its first line: {}", error.what()));
    }
    return found;
}

}  // namespace

ordered_json to_json(const BackupHead& head) {
    return {{"format", kFormat},
            {"format_version", kFormatVersion},
            {"schema", head.schema},
            {"made", head.made.time_since_epoch().count()},
            {"rows", head.rows}};
}

BackupWriter::BackupWriter(std::filesystem::path file)
    : file_(std::move(file)), draft_(file_.native() + ".part"), out_(draft_.path()) {
    remember_failure();
}

void BackupWriter::add(const ordered_json& line) {
    const auto text = line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    digest_.add(text);
    write(text);
}

void BackupWriter::write(const std::string& text) {
    errno = 0;
    out_ << text;
    remember_failure();
}

/// The first one is the cause of all others.
void BackupWriter::remember_failure() {
    const int code = errno != 0 ? errno : EIO;
    if (!out_ && failure_ == 0) {
        failure_ = code;
    }
}

Error BackupWriter::error(int code) const {
    const auto fault = code == ENOSPC || code == EDQUOT ? Fault::exhausted : Fault::broken;
    return {fault, fmt::format("{}: cannot be written: {}", file_.native(), std::strerror(code))};
}

Result<std::string> BackupWriter::finish() {
    auto sha256 = digest_.hex();
    write(json{{"sha256", sha256}}.dump() + "\n");
    out_.close();
    remember_failure();
    if (failure_ != 0) {
        return std::unexpected(error(failure_));
    }
    if (const int code = synchronise(draft_.path()); code != 0) {
        return std::unexpected(error(code));
    }
    if (::rename(draft_.path().c_str(), file_.c_str()) != 0) {
        return std::unexpected(error(errno));
    }
    draft_.keep();
    const auto folder = file_.has_parent_path() ? file_.parent_path() : ".";
    if (const int code = synchronise(folder); code != 0) {
        return std::unexpected(error(code));
    }
    return sha256;
}

Result<BackupSummary> check_backup(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    if (!in) {
        return fail(Fault::missing, fmt::format("{}: cannot be opened", file.native()));
    }
    if (!std::getline(in, line)) {
        return is_no_backup(file);
    }
    const auto head = head_from(file, line);
    if (!head) {
        return std::unexpected(head.error());
    }
    Sha256 digest;
    digest.add(line + "\n");
    BackupSummary summary{.schema = head->schema, .made = head->made};
    for (const auto& [table, rows] : head->rows) {
        summary.rows += rows;
        summary.jobs += table == "jobs" ? rows : 0;
    }
    for (std::uint64_t row = 0; row < summary.rows; ++row) {
        if (!std::getline(in, line) || in.eof()) {
            return is_damaged(file,
                              fmt::format("cut short after {} of {} rows", row, summary.rows));
        }
        digest.add(line + "\n");
    }
    if (!std::getline(in, line) || in.eof()) {
        return is_damaged(file, "cut short before its last line");
    }
    summary.sha256 = digest.hex();
    const auto end = json::parse(line, nullptr, false);
    if (!end.is_object() || !end.contains("sha256") || end["sha256"] != summary.sha256) {
        return is_damaged(file, "damaged: its bytes are not those that were written");
    }
    return summary;
}

Result<void> read_backup(const std::filesystem::path& file, const TakeRow& take) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        const auto row = json::parse(line, nullptr, false);
        if (!row.is_object() || row.size() != 1) {
            return is_damaged(file, "a line is no row");
        }
        if (!row.contains("sha256")) {
            take(row.begin().key(), row.begin().value());
        }
    }
    return {};
}

}  // namespace img::store
