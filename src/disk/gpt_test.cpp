#include "disk/gpt.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "base/uuid.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::disk {
namespace {

constexpr std::uint64_t kSectors = 64 * kMiB / 512;

Uuid uuid(const char* text) {
    return parse_uuid(text).value();
}

std::vector<GptEntry> entries() {
    return {{.type = uuid("c12a7328-f81f-11d2-ba4b-00a0c93ec93b"),
             .unique = uuid("01234567-89ab-cdef-8123-456789abcdef"),
             .first_sector = 2048,
             .last_sector = 4095,
             .name = "/boot/efi"},
            {.type = uuid("0fc63daf-8483-4772-8e79-3d69d8477de4"),
             .unique = uuid("11234567-89ab-cdef-8123-456789abcdef"),
             .first_sector = 4096,
             .last_sector = kSectors - 34,
             .name = "/stra\u00dfe \u20ac"}};
}

/// What a program says of a disk that holds nothing but our tables.
std::string said(const GptTables& tables, std::uint64_t bytes, std::vector<std::string> asked) {
    const testing::TempFolder folder;
    const auto file = folder.write("disk", tables.head);
    std::filesystem::resize_file(file, bytes - tables.tail.size());
    std::ofstream(file, std::ios::app | std::ios::binary) << tables.tail;
    asked.push_back(file);
    system::ProcessRunner runner;
    const auto answer = runner.run({.argv = std::move(asked), .captured = true});
    return answer ? *answer : answer.error().message;
}
std::string sgdisk(const GptTables& tables, std::uint64_t sectors, std::vector<std::string> asked) {
    asked.insert(asked.begin(), "sgdisk");
    return said(tables, sectors * 512, std::move(asked));
}

TEST(Gpt, IsFoundWithoutAFaultBySgdisk) {
    const auto tables = gpt_tables(uuid_from("disk"), kSectors, entries());
    const std::string said = sgdisk(tables, kSectors, {"--verify"});
    EXPECT_NE(said.find("No problems found. 2014 free sectors (1007.0 KiB) available in 1"),
              std::string::npos)
        << said;
}

TEST(Gpt, StoresTheGuidsAndNamesThatSgdiskReads) {
    const auto tables =
        gpt_tables(uuid("89abcdef-0123-4567-89ab-cdef01234567"), kSectors, entries());
    const std::string disk = sgdisk(tables, kSectors, {"--print"});
    EXPECT_NE(disk.find("Disk identifier (GUID): 89ABCDEF-0123-4567-89AB-CDEF01234567"),
              std::string::npos)
        << disk;
    const std::string first = sgdisk(tables, kSectors, {"--info=1"});
    EXPECT_NE(first.find("GUID code: C12A7328-F81F-11D2-BA4B-00A0C93EC93B (EFI system partition)"),
              std::string::npos)
        << first;
    EXPECT_NE(first.find("unique GUID: 01234567-89AB-CDEF-8123-456789ABCDEF"), std::string::npos);
    EXPECT_NE(first.find("First sector: 2048 "), std::string::npos);
    EXPECT_NE(first.find("Last sector: 4095 "), std::string::npos);
    const std::string second = sgdisk(tables, kSectors, {"--info=2"});
    EXPECT_NE(second.find("Partition name: '/stra\u00dfe \u20ac'"), std::string::npos) << second;
}

TEST(Gpt, CoversADiskBeyondTwoTebibytes) {
    const std::uint64_t sectors = 3 * 1024 * kGiB / 512;
    const GptTables tables = gpt_tables(uuid_from("disk"), sectors, {});
    EXPECT_EQ(tables.head.substr(446 + 12, 4), "\xff\xff\xff\xff");
    const std::string said = sgdisk(tables, sectors, {"--verify"});
    EXPECT_NE(said.find("No problems found."), std::string::npos) << said;
}

// sgdisk takes sectors of 512 bytes for granted in a file; fdisk checks both headers too, and says
// so where one of them is wrong.
TEST(Gpt, IsReadByFdiskInSectorsOfFourKibibytes) {
    auto two = entries();
    two[0].first_sector = 256;
    two[0].last_sector = 511;
    two[1].first_sector = 512;
    two[1].last_sector = kSectors / 8 - 6;
    const GptTables tables = gpt_tables(uuid_from("disk"), kSectors / 8, two, 4096);
    const std::string listed =
        said(tables, kSectors * 512, {"fdisk", "-b", "4096", "-o", "Start,End,Type", "-l"});
    EXPECT_NE(listed.find("Disklabel type: gpt"), std::string::npos) << listed;
    EXPECT_NE(listed.find("Start   End Type\n"
                          "  256   511 EFI System\n"
                          "  512 16378 Linux filesystem\n"),
              std::string::npos)
        << listed;
    EXPECT_EQ(listed.find("corrupt"), std::string::npos) << listed;
    EXPECT_EQ(listed.find("mismatch"), std::string::npos) << listed;
}

// Both say where the other is, and that the first and last sectors for partitions are 6 from
// either end: the table's entries take four sectors.
TEST(Gpt, HasItsCopyAtTheEndOfADiskOfLargeSectors) {
    constexpr std::uint64_t kLargeSectors = kSectors / 8;
    const GptTables tables = gpt_tables(uuid_from("disk"), kLargeSectors, entries(), 4096);
    ASSERT_EQ(tables.head.size(), 6u * 4096);
    ASSERT_EQ(tables.tail.size(), 5u * 4096);
    const std::string first = tables.head.substr(4096, 4096);
    const std::string second = tables.tail.substr(4 * 4096);
    for (const std::string& header : {first, second}) {
        EXPECT_EQ(header.substr(0, 8), "EFI PART");
        EXPECT_EQ(get_le<std::uint64_t>(header, 40), 6u);
        EXPECT_EQ(get_le<std::uint64_t>(header, 48), kLargeSectors - 6);
    }
    EXPECT_EQ(get_le<std::uint64_t>(first, 32), kLargeSectors - 1);
    EXPECT_EQ(get_le<std::uint64_t>(second, 32), 1u);
    EXPECT_EQ(get_le<std::uint64_t>(second, 72), kLargeSectors - 5);
}

TEST(Gpt, LeavesRoomForBootCodeAndFillsWholeSectors) {
    const GptTables tables = gpt_tables(uuid_from("disk"), kSectors, entries());
    EXPECT_EQ(tables.head.substr(0, 440), std::string(440, '\0'));
    EXPECT_EQ(tables.head.size(), 34u * 512);
    EXPECT_EQ(tables.tail.size(), 33u * 512);
}

// sgdisk 1.0.9 prints such a pair wrongly, so the bytes themselves are looked at.
TEST(Gpt, StoresACharacterBeyondSixteenBitsAsASurrogatePair) {
    auto one = entries();
    one.resize(1);
    one[0].name = "\U0001f427";
    const GptTables tables = gpt_tables(uuid_from("disk"), kSectors, one);
    EXPECT_EQ(tables.head.substr(1024 + 56, 6), std::string("\x3d\xd8\x27\xdc\0\0", 6));
}

TEST(Gpt, CutsALongNameWithoutTearingACharacter) {
    auto one = entries();
    one.resize(1);
    one[0].name = std::string(35, 'x') + "\U0001f427";
    const GptTables tables = gpt_tables(uuid_from("disk"), kSectors, one);
    const std::size_t name = 1024 + 56;
    EXPECT_EQ(tables.head.substr(name + 68, 4), std::string("x\0\0\0", 4));
}

TEST(Gpt, WritesTheSameBytesForTheSameArguments) {
    EXPECT_EQ(gpt_tables(uuid_from("a"), kSectors, entries()).head,
              gpt_tables(uuid_from("a"), kSectors, entries()).head);
    EXPECT_NE(gpt_tables(uuid_from("a"), kSectors, entries()).head,
              gpt_tables(uuid_from("b"), kSectors, entries()).head);
}

TEST(Gpt, TakesATypeFromTheRoleUnlessOneIsGiven) {
    PartitionRecipe partition;
    partition.role = PartitionRole::linux_swap;
    EXPECT_EQ(partition_type(partition).value().text(), "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f");
    partition.type_guid = "933AC7E1-2EB4-4F13-B844-0E14E2AEF915";
    EXPECT_EQ(partition_type(partition).value().text(), "933ac7e1-2eb4-4f13-b844-0e14e2aef915");
    partition.name = "/home";
    partition.type_guid = "linux";
    EXPECT_EQ(partition_type(partition).error().message,
              "partition /home: its type 'linux' is not a UUID");
}

}  // namespace
}  // namespace img::disk
