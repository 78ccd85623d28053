// The file of a backup: its lines, whole or refused.
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "store/admin_report.hpp"
#include "system/draft.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace img::store {

/// What the first line says.
struct BackupHead {
    int schema = 0;
    jobs::Time made{};
    std::map<std::string, std::uint64_t> rows{};  ///< By table.
};

/// Writes beside the file and puts it in place when it is complete.
class BackupWriter {
public:
    explicit BackupWriter(std::filesystem::path file);

    /// One line. Failures show when it is finished.
    void add(const nlohmann::ordered_json& line);
    bool has_failed() const { return failure_ != 0; }

    /// The digest. Fault::exhausted: the disk is full; Fault::broken: it cannot be written.
    Result<std::string> finish();

private:
    void write(const std::string& text);
    void remember_failure();
    Error error(int code) const;

    std::filesystem::path file_;
    system::Draft draft_;
    std::ofstream out_;
    Sha256 digest_;
    int failure_ = 0;  ///< errno of the first.
};

nlohmann::ordered_json to_json(const BackupHead& head);

/// Reads it all and holds it against its counts and digest. Faults as of restore().
Result<BackupSummary> check_backup(const std::filesystem::path& file);

/// Calls take(table, row) for each row of a file that check_backup() found to be whole.
using TakeRow = std::function<void(const std::string& table, const nlohmann::json& row)>;
Result<void> read_backup(const std::filesystem::path& file, const TakeRow& take);

}  // namespace img::store
