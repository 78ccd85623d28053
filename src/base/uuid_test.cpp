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

TEST(Uuid, ReadsWhatUuidsArePrintedAs) {
    const Uuid uuid = uuid_from("any");
    EXPECT_EQ(parse_uuid(uuid.text()).value(), uuid);
    EXPECT_EQ(parse_uuid("6B29FC40-CA47-1067-B31D-00DD010662DA").value().text(),
              "6b29fc40-ca47-1067-b31d-00dd010662da");
}

TEST(Uuid, RefusesEverythingElse) {
    for (const char* text :
         {"", "6b29fc40", "6b29fc40-ca47-1067-b31d-00dd010662dg",
          "6b29fc40-ca47-1067-b31d-00dd010662da0", "6b29fc40ca47-1067-b31d-00dd-010662da",
          "-b29fc40-ca47-1067-b31d-00dd010662da"}) {
        EXPECT_FALSE(parse_uuid(text)) << text;
    }
}

}  // namespace
}  // namespace img
