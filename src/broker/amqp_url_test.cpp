#include "broker/amqp_url.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace img::broker {
namespace {

TEST(AmqpUrl, HasAllThatItSays) {
    const auto url =
        parse_amqp_url(
            "amqps://an%40n:p%3aw@[::1]:1234/img%2Fv?cacertfile=/a%20b&verify=verify_none")
            .value();
    EXPECT_EQ(url.user, "an@n");
    EXPECT_EQ(url.password, "p:w");
    EXPECT_EQ(url.host, "::1");
    EXPECT_EQ(url.port, 1234);
    EXPECT_EQ(url.vhost, "img/v");
    EXPECT_TRUE(url.has_tls);
    EXPECT_FALSE(url.verifies_peer);
    EXPECT_EQ(url.authorities_file, "/a b");
}

TEST(AmqpUrl, FillsInWhatTheProtocolSays) {
    const auto bare = parse_amqp_url("amqp://").value();
    EXPECT_EQ(bare.host, "localhost");
    EXPECT_EQ(bare.port, 5672);
    EXPECT_EQ(bare.user, "guest");
    EXPECT_EQ(bare.vhost, "/");
    EXPECT_EQ(parse_amqp_url("amqps://broker").value().port, 5671);
    const auto original = parse_amqp_url("amqp://img:imgpwd@localhost:5672/imgvhost").value();
    EXPECT_EQ(original.vhost, "imgvhost");
    EXPECT_EQ(original.password, "imgpwd");
}

TEST(AmqpUrl, NeverShowsThePassword) {
    const auto url = parse_amqp_url("amqp://img:s3cret@h/v").value();
    EXPECT_EQ(url.to_text(), "amqp://img@h:5672/v");
    for (const std::string& text : std::vector<std::string>{
             "amqp://img:s3cret@h:x/v", "amqp://img:s3cret%zz@h/v", "amqp://img:s3cret@h/v?x=1"}) {
        const auto bad = parse_amqp_url(text);
        ASSERT_FALSE(bad) << text;
        EXPECT_EQ(bad.error().fault, Fault::invalid);
        EXPECT_EQ(bad.error().message.find("s3cret"), std::string::npos) << bad.error().message;
    }
}

TEST(AmqpUrl, RefusesWhatIsNone) {
    for (const std::string& text : std::vector<std::string>{
             "", "amqp", "http://x", "amqp://h:0", "amqp://h:65536", "amqp://h:1x", "amqp://[::1",
             "amqp://h/%", "amqp://h/%00", "amqp://h?verify=perhaps"}) {
        EXPECT_FALSE(parse_amqp_url(text)) << text;
    }
}

}  // namespace
}  // namespace img::broker
