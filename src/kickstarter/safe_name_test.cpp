#include "kickstarter/safe_name.hpp"

#include <gtest/gtest.h>
#include <string>

namespace img::kickstarter {
namespace {

TEST(SafeName, IsOneComponentOfAPath) {
    for (const auto* name : {"netbook", "M0-REF", "common-m_2.1", "Geräte board"}) {
        EXPECT_TRUE(is_safe_name(name)) << name;
    }
    for (const std::string& name :
         {std::string(), std::string("."), std::string(".."), std::string("../x"),
          std::string("a/b"), std::string("/etc"), std::string(".hidden"), std::string("-c"),
          std::string("a\nb"), std::string("a\0b", 3), std::string("a\xff"),
          std::string(101, 'a')}) {
        EXPECT_FALSE(is_safe_name(name)) << name;
    }
}

}  // namespace
}  // namespace img::kickstarter
