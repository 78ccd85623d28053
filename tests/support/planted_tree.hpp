// The tree of tests/image/plant_tree.py, and how what was read back is held against it.
#pragma once

#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace img::testing {

/// What a program says, or its failure.
inline std::string said(std::vector<std::string> argv,
                        const std::filesystem::path& directory = "/") {
    const auto output = system::ProcessRunner().run({.argv = std::move(argv),
                                                     .environment = {"TZ=UTC"},
                                                     .directory = directory,
                                                     .captured = true});
    return output ? *output : "failed: " + output.error().message;
}

/// Two such trees, the second made backwards; a folder for what is read back.
class PlantedTree : public ::testing::Test {
protected:
    static constexpr std::int64_t kEpoch = 1700000000;  // as plant_tree.py has it

    void SetUp() override {
        ASSERT_EQ(::geteuid(), 0U) << "only root can plant owners and devices: run this as root";
        ASSERT_EQ(said({"python3", tool("plant_tree.py"), tree()}), "");
        std::filesystem::create_directory(back());
    }

    void plant_again() {
        ASSERT_EQ(said({"python3", tool("plant_tree.py"), other_tree(), "--backwards"}), "");
    }

    std::filesystem::path tree() const { return folder.path() / "tree"; }
    std::filesystem::path other_tree() const { return folder.path() / "other"; }
    std::filesystem::path back() const { return folder.path() / "back"; }

    /// Both trees' difference, `without` some fields: empty where there is none.
    std::string difference(const std::filesystem::path& from,
                           const std::filesystem::path& to,
                           const std::vector<std::string>& without = {}) const {
        std::vector<std::string> argv{"python3", tool("compare_tree.py"), "compare", from, to,
                                      "--epoch", std::to_string(kEpoch)};
        for (const std::string& field : without) {
            argv.insert(argv.end(), {"--without", field});
        }
        const auto found = system::ProcessRunner().finish({.argv = argv, .captured = true});
        if (!found) {
            return found.error().message;
        }
        return found->status == 0 ? "" : found->output + found->tail;
    }

    TempFolder folder;

private:
    static std::string tool(const std::string& name) {
        return IMG_SOURCE_DIR "/tests/image/" + name;
    }
};

}  // namespace img::testing
