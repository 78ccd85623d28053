#include "engine/partial_folder.hpp"

#include "system/files.hpp"
#include "system/sandbox.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace img::engine {
namespace {

namespace fs = std::filesystem;
using system::Sandbox;

constexpr const char* kPrefix = ".img-partial-";

/// A tree on disk holds files of subordinate ids, which only root of a namespace may remove.
void remove_tree(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (!error) {
        return;
    }
    auto cleaner = Sandbox::start({.shared = {{path, "/partial", true}}}, [](system::Fd) {
        std::error_code inside;
        for (const auto& file : system::files_in("/partial").value_or(std::vector<fs::path>{})) {
            fs::remove_all(file, inside);
        }
        return 0;
    });
    if (cleaner) {
        cleaner->wait();
    }
    fs::remove_all(path, error);
}

/// What builds left that were killed: their locks are free.
void sweep(const fs::path& output) {
    for (const auto& path : system::files_in(output).value_or(std::vector<fs::path>{})) {
        if (!path.filename().string().starts_with(kPrefix)) {
            continue;
        }
        if (const auto lock = system::FileLock::try_take(path / "lock"); lock) {
            remove_tree(path);
        }
    }
}

}  // namespace

Result<PartialFolder> PartialFolder::in(const fs::path& output) {
    std::error_code error;
    const bool made = fs::create_directories(output, error);
    if (error) {
        return fail(Fault::invalid,
                    fmt::format("output folder {}: {}", output.string(), error.message()));
    }
    sweep(output);
    std::string name = (output / (std::string(kPrefix) + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr) {
        const int number = errno;
        return fail(Fault::invalid,
                    fmt::format("output folder {}: {}", output.string(), std::strerror(number)));
    }
    PartialFolder folder(name, made ? output : fs::path());
    folder.lock_ = TRY(system::FileLock::take(folder.path_ / "lock"));
    for (const fs::path& part : {folder.out(), folder.work()}) {
        if (!fs::create_directory(part, error)) {
            return fail(Fault::exhausted, fmt::format("{}: {}", part.string(), error.message()));
        }
    }
    return folder;
}

PartialFolder::~PartialFolder() {
    if (path_.empty()) {
        return;
    }
    remove_tree(path_);
    std::error_code error;
    if (!made_.empty()) {
        fs::remove(made_, error);  // only while it is empty
    }
}

}  // namespace img::engine
