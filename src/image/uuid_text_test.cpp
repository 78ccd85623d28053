#include "image/uuid_text.hpp"

#include <gtest/gtest.h>

namespace img::image {
namespace {

TEST(UuidText, ReadsWhatUuidsArePrintedAs) {
    const Uuid uuid = uuid_from("any");
    EXPECT_EQ(parse_uuid(uuid.text()).value(), uuid);
    EXPECT_EQ(parse_uuid("6B29FC40-CA47-1067-B31D-00DD010662DA").value().text(),
              "6b29fc40-ca47-1067-b31d-00dd010662da");
}

TEST(UuidText, RefusesEverythingElse) {
    for (const char* text :
         {"", "6b29fc40", "6b29fc40-ca47-1067-b31d-00dd010662dg",
          "6b29fc40-ca47-1067-b31d-00dd010662da0", "6b29fc40ca47-1067-b31d-00dd-010662da",
          "-b29fc40-ca47-1067-b31d-00dd010662da"}) {
        EXPECT_FALSE(parse_uuid(text)) << text;
    }
}

}  // namespace
}  // namespace img::image
