#include "system/file_lock.hpp"

#include <gtest/gtest.h>
#include <optional>

namespace img::system {
namespace {

TEST(FileLock, IsHeldByOneAndFreeAfterIt) {
    const auto file = std::filesystem::temp_directory_path() / "img-file-lock-test";
    std::optional<FileLock> first = FileLock::take(file).value();
    const auto second = FileLock::try_take(file);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::transient);
    first.reset();
    EXPECT_TRUE(FileLock::try_take(file));
    std::filesystem::remove(file);
}

TEST(FileLock, SaysWhichFileCannotBeMade) {
    const auto lock = FileLock::take("/no/such/folder/lock");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().message, "lock /no/such/folder/lock: No such file or directory");
}

}  // namespace
}  // namespace img::system
