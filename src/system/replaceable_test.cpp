#include "system/replaceable.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::system {
namespace {

TEST(CheckReplaceable, AcceptsFilesAndLinksToThemOnly) {
    const testing::TempFolder folder;
    const auto path = [&](const char* name) { return folder.path() / name; };
    folder.write("file", "x");
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    std::filesystem::create_directory(path("folder"));
    for (const char* target : {"file", "pipe", "nothing"}) {
        std::filesystem::create_symlink(target, path((std::string("to-") + target).c_str()));
    }
    for (const char* name : {"none", "file", "to-file"}) {
        EXPECT_TRUE(check_replaceable(path(name))) << name;
    }
    for (const char* name : {"pipe", "to-pipe", "folder", "to-nothing"}) {
        const auto refused = check_replaceable(path(name));
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().fault, Fault::invalid);
        EXPECT_EQ(refused.error().message,
                  "'" + path(name).string() +
                      "' is there and is neither a file nor a link to one; only these are "
                      "replaced: remove it, or give another name");
    }
}

}  // namespace
}  // namespace img::system
