// A folder that stands for a root file system in a test, and goes with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace img::testing {

class TempTree {
public:
    TempTree() { std::filesystem::create_directory(folder); }
    ~TempTree() {
        std::error_code ignored;
        std::filesystem::remove_all(beside, ignored);
    }
    TempTree(const TempTree&) = delete;
    TempTree& operator=(const TempTree&) = delete;

    /// A file of the tree, with the folders above it.
    void put(const std::filesystem::path& path,
             const std::string& text = "",
             bool program = false) {
        const auto file = folder / path.relative_path();
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        if (program) {
            std::filesystem::permissions(file, std::filesystem::perms::all);
        }
    }

    /// "" where there is none.
    std::string get(const std::filesystem::path& path) const {
        std::ifstream stream(folder / path.relative_path());
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    const std::filesystem::path beside = make();  ///< The folder around the tree.
    const std::filesystem::path folder = beside / "tree";

private:
    static std::filesystem::path make() {
        std::string name = (std::filesystem::temp_directory_path() / "img-tree-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            std::abort();  // no test makes sense without it
        }
        return name;
    }
};

}  // namespace img::testing
