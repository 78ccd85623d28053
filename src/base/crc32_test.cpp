#include "base/crc32.hpp"

#include <gtest/gtest.h>

namespace img {
namespace {

// The check values of CRC-32/ISO-HDLC and CRC-32/ISCSI in the catalogue of parametrised CRCs.
TEST(Crc32, GivesTheCheckValues) {
    EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

TEST(Crc32, GoesOnWhereItStopped) {
    EXPECT_EQ(crc32("6789", crc32("12345")), crc32("123456789"));
    EXPECT_EQ(crc32c("6789", crc32c("12345")), crc32c("123456789"));
}

}  // namespace
}  // namespace img
