#include "base/uuid.hpp"

#include <gtest/gtest.h>

namespace img {
namespace {

TEST(Uuid, IsTheSameForTheSameSeedAndAnotherForAnother) {
    EXPECT_EQ(uuid_from("disk"), uuid_from("disk"));
    EXPECT_NE(uuid_from("disk"), uuid_from("root"));
}

TEST(Uuid, SaysItsVersionAndVariant) {
    EXPECT_EQ(uuid_from("disk").text()[14], '8');
    EXPECT_EQ(random_uuid().text()[14], '4');
    EXPECT_NE(std::string("89ab").find(random_uuid().text()[19]), std::string::npos);
    EXPECT_EQ(random_uuid().text().size(), 36u);
    EXPECT_NE(random_uuid(), random_uuid());
}

}  // namespace
}  // namespace img
