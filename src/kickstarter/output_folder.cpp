#include "kickstarter/output_folder.hpp"

#include "system/files.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <vector>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;

/// Files that go with their owner; those that were renamed are no longer there to go.
class Drafts {
public:
    explicit Drafts(fs::path folder) : folder_(std::move(folder)) {}
    Drafts(const Drafts&) = delete;
    Drafts& operator=(const Drafts&) = delete;
    ~Drafts() {
        for (const auto& file : files_) {
            std::error_code ignored;
            fs::remove(file, ignored);
        }
    }

    Result<void> write(const Kickstart& kickstart) {
        files_.push_back(folder_ / fmt::format(".{}.ks-{}", kickstart.file_name, ::getpid()));
        return system::write_file(files_.back(), kickstart.text);
    }

    Result<void> publish(std::size_t index, const fs::path& file) {
        std::error_code error;
        fs::rename(files_[index], file, error);
        return error ? fail(Fault::broken, fmt::format("{}: {}", file.string(), error.message()))
                     : Result<void>();
    }

private:
    fs::path folder_;
    std::vector<fs::path> files_;
};

}  // namespace

Result<void> write_kickstarts(const fs::path& folder, std::span<const Kickstart> kickstarts) {
    std::error_code ignored;
    if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
        return fail(Fault::invalid,
                    fmt::format("'{}' is a file and not a folder", folder.string()));
    }
    TRY(system::make_folder(folder));
    Drafts drafts(folder);
    for (const auto& kickstart : kickstarts) {
        TRY(drafts.write(kickstart));
    }
    for (std::size_t i = 0; i < kickstarts.size(); ++i) {
        TRY(drafts.publish(i, folder / (kickstarts[i].file_name + ".ks")));
    }
    return {};
}

}  // namespace img::kickstarter
