#include "volume/content_size.hpp"

#include "base/byte_size.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace img::volume {
namespace {

namespace fs = std::filesystem;

TEST(ContentSize, CountsBlocksAndInodes) {
    const testing::TempFolder folder;
    folder.write("empty", "");
    folder.write("a/one", "x");
    folder.write("a/two", std::string(4097, 'x'));
    fs::create_symlink("one", folder.path() / "a/link");
    const ContentSize size = measure(folder.path()).value();
    EXPECT_EQ(size.inodes, 6u);
    EXPECT_EQ(size.bytes, (1 + 1 + 1 + 2 + 1) * 4 * kKiB);
}

TEST(ContentSize, CountsHardLinksOnceAndTheirCopiesApart) {
    const testing::TempFolder folder;
    const auto first = folder.write("first", std::string(9000, 'x'));
    fs::create_hard_link(first, folder.path() / "second");
    fs::create_hard_link(first, folder.path() / "third");
    const ContentSize size = measure(folder.path()).value();
    EXPECT_EQ(size.inodes, 2u);
    EXPECT_EQ(size.bytes, 16 * kKiB);
    EXPECT_EQ(size.linked_inodes, 2u);
    EXPECT_EQ(size.linked_bytes, 24 * kKiB);
}

TEST(ContentSize, NamesFilesWithCapabilities) {
    const testing::TempFolder folder;
    const auto ping = folder.write("bin/ping", "x");
    // VFS_CAP_REVISION_2 with cap_net_raw permitted and effective (linux/capability.h).
    const std::string capability("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    ASSERT_EQ(
        ::setxattr(ping.c_str(), "security.capability", capability.data(), capability.size(), 0), 0)
        << "run the tests as root, or in a user namespace";
    EXPECT_EQ(measure(folder.path()).value().with_capabilities,
              std::vector<std::string>{"/bin/ping"});
}

TEST(ContentSize, NamesSockets) {
    const testing::TempFolder folder;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = (folder.path() / "s").string();
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ::close(fd);
    const ContentSize size = measure(folder.path()).value();
    EXPECT_EQ(size.sockets, std::vector<std::string>{"/s"});
    EXPECT_EQ(size.inodes, 1u);
}

TEST(ContentSize, SaysThatAFolderIsMissing) {
    const auto measured = measure("/no/such/folder");
    EXPECT_EQ(measured.error().fault, Fault::missing);
    EXPECT_EQ(measured.error().message, "/no/such/folder: No such file or directory");
}

TEST(ContentSize, NeedsMoreForJournalsAndCopies) {
    const ContentSize size{
        .bytes = 100 * kMiB, .inodes = 5000, .linked_bytes = 300 * kMiB, .linked_inodes = 10};
    EXPECT_LT(needed_bytes(FileSystem::ext2, size), needed_bytes(FileSystem::ext4, size));
    EXPECT_GT(needed_bytes(FileSystem::ext4, size), size.bytes + 5000 * 256);
    EXPECT_LT(needed_bytes(FileSystem::ext4, size), 130 * kMiB);
    EXPECT_GT(needed_bytes(FileSystem::xfs, size), 400 * kMiB);
    EXPECT_EQ(needed_bytes(FileSystem::swap, size), 0u);
}

}  // namespace
}  // namespace img::volume
