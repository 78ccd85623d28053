#include "syntax/address.hpp"

#include <gtest/gtest.h>

namespace img::syntax {
namespace {

TEST(Address, TakesTheUrlsThatPeopleUse) {
    for (const std::string_view url :
         {"http://example.org/debian", "https://user:p%40ss@example.org:8443/x/?y=1",
          "http://[2001:db8::1]:80/x", "http://192.0.2.1/", "file:///srv/repo", "file:/srv/repo",
          "copy:///srv/repo", "file://localhost/srv",
          "https://example.org/$releasever/$basearch/os"}) {
        EXPECT_EQ(parse_url(url).value_or(""), url);
    }
    EXPECT_EQ(parse_url("HTTP://Example.org/A").value(), "http://Example.org/A");
}

TEST(Address, SaysWhyAUrlDoesNotDo) {
    EXPECT_EQ(parse_url("example.org/debian").error().message,
              "address 'example.org/debian' has no scheme; write it with http:, https:, file: or "
              "copy:");
    EXPECT_EQ(parse_url("ftp://example.org/").error().message,
              "address 'ftp://example.org/' has a scheme that IMG does not fetch; use http, https, "
              "file or copy");
    EXPECT_EQ(parse_url("http:///x").error().message, "address 'http:///x' names no host");
    EXPECT_EQ(parse_url("file://host/x").error().message,
              "address 'file://host/x' names a host; write file:///path");
}

TEST(Address, RefusesWhatIsNoUrl) {
    for (const std::string_view url : {"",
                                       ":",
                                       "http:",
                                       "http://",
                                       "http://a b/",
                                       "http://a/\n",
                                       "http://a/\x7f",
                                       "http://a/\"",
                                       "http://a/<x>",
                                       "http://a/%",
                                       "http://a/%2",
                                       "http://a/%zz",
                                       "http://a_b/",
                                       "http://a:0/",
                                       "http://a:70000/",
                                       "http://a:x/",
                                       "http://[::1/",
                                       "http://[x]/",
                                       "http://-a/",
                                       "http://a/[b]",
                                       "file:x",
                                       "file:",
                                       "copy:../x",
                                       "--url=http://a/",
                                       "http://a/grün"}) {
        EXPECT_FALSE(parse_url(url)) << url;
    }
    EXPECT_FALSE(parse_url("http://a/" + std::string(2048, 'x')));
}

TEST(Address, TakesOnlyHttpAsAProxy) {
    EXPECT_TRUE(parse_proxy("http://proxy:3128"));
    EXPECT_EQ(parse_proxy("file:///x").error().message,
              "address 'file:///x' is no proxy; use http: or https:");
}

}  // namespace
}  // namespace img::syntax
