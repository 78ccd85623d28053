#include "image/image_type.hpp"

#include <gtest/gtest.h>
#include <set>

namespace img::image {
namespace {

TEST(ImageType, IsListedOnceAndCanBeMade) {
    std::set<std::string_view> names;
    for (const ImageType& type : image_types()) {
        EXPECT_TRUE(names.insert(type.name).second) << type.name;
        EXPECT_NE(type.make, nullptr) << type.name;
        EXPECT_FALSE(type.what.empty()) << type.name;
        EXPECT_LT(type.what.size(), 80u) << type.name << ": one line";
    }
}

TEST(ImageType, IsFoundByItsName) {
    EXPECT_EQ(find_image_type("raw").value().name, "raw");
}

TEST(ImageType, NamesTheNearestOfOneThatThereIsNot) {
    EXPECT_EQ(find_image_type("rww").error().message, "no image type 'rww'; did you mean 'raw'?");
    const auto far = find_image_type("floppydisk");
    ASSERT_FALSE(far);
    EXPECT_EQ(far.error().fault, Fault::invalid);
    EXPECT_TRUE(far.error().message.contains("there is: ")) << far.error().message;
}

TEST(ImageType, HasTheSubformatsThatItsRowNamesAndNoOthers) {
    const auto raw = find_image_type("raw").value();
    const auto vdi = find_image_type("vdi").value();
    EXPECT_TRUE(check_subformat(raw, ""));
    EXPECT_TRUE(check_subformat(vdi, "fixed"));
    EXPECT_EQ(check_subformat(vdi, "flat").error().message,
              "vdi has no subformat 'flat'; there is: dynamic, fixed");
    EXPECT_EQ(check_subformat(raw, "flat").error().message,
              "raw has no subformat 'flat'; there is only one form of it");
}

}  // namespace
}  // namespace img::image
