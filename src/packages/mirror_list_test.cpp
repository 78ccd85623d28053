#include "packages/mirror_list.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

TEST(MirrorList, HasServersAndLeavesOutTheRest) {
    EXPECT_EQ(read_mirrors("# mirrors\r\n\nhttp://a.example/debian/\tpriority:1 arch:amd64\r\n"
                           "file:/etc\n-oX=y\nhttps://b.example/debian\nhttp://c\"/\n"),
              (std::vector<std::string>{"http://a.example/debian/", "https://b.example/debian"}));
}

TEST(MirrorList, NamesTheSameFileOnAMirror) {
    for (const char* mirror : {"http://a.example/debian", "http://a.example/debian/"}) {
        EXPECT_EQ(on_mirror("mirror+http://h/list/pool/x.deb", "mirror+http://h/list", mirror),
                  "http://a.example/debian/pool/x.deb");
    }
}

}  // namespace
}  // namespace img::packages
