#include "web/guard.hpp"

#include <gtest/gtest.h>

namespace img::web {
namespace {

const std::vector<std::string> kHosts{"127.0.0.1", "localhost", "[::1]"};

int status(http::Method method, const http::Headers& headers) {
    const auto problem =
        refuse({.method = method, .target = "/", .headers = headers, .body = {}}, kHosts);
    return problem ? problem->status : 200;
}

TEST(Guard, AnswersToItsOwnNamesOnAnyPort) {
    for (const auto* host : {"127.0.0.1", "127.0.0.1:8080", "LocalHost:1", "[::1]", "[::1]:8080"}) {
        EXPECT_EQ(status(http::Method::get, {{"Host", host}}), 200) << host;
    }
}

TEST(Guard, KnowsNobodyByAnotherName) {
    for (const auto* host :
         {"", "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "[::2]:80"}) {
        EXPECT_EQ(status(http::Method::get, {{"Host", host}}), 421) << host;
    }
}

TEST(Guard, LeadsToItsOwnNameOnThePortThatWasAsked) {
    const auto next = [](const std::string& host) {
        return refuse({.method = http::Method::get,
                       .target = "/",
                       .headers = {{"Host", host}},
                       .body = {}},
                      kHosts)
            ->next;
    };
    EXPECT_EQ(next("evil.example:8080"), "use http://127.0.0.1:8080");
    EXPECT_EQ(next("evil.example"), "use http://127.0.0.1");
    EXPECT_EQ(next("evil.example:80x"), "use http://127.0.0.1");
}

TEST(Guard, RefusesChangesThatAForeignPageAsksFor) {
    using http::Method;
    const std::pair<std::string, std::string> host{"Host", "localhost:8080"};
    EXPECT_EQ(status(Method::post, {host}), 200);
    EXPECT_EQ(status(Method::post, {host, {"Origin", "http://localhost:8080"}}), 200);
    EXPECT_EQ(status(Method::post, {host, {"Sec-Fetch-Site", "same-origin"}}), 200);
    for (const auto* origin : {"http://evil.example", "null", "http://localhost:9090",
                               "http://localhost", "http://localhost:8080.evil.example"}) {
        EXPECT_EQ(status(Method::post, {host, {"Origin", origin}}), 403) << origin;
        EXPECT_EQ(status(Method::del, {host, {"Origin", origin}}), 403) << origin;
        EXPECT_EQ(status(Method::get, {host, {"Origin", origin}}), 200) << origin;
    }
    EXPECT_EQ(status(Method::post, {host, {"Sec-Fetch-Site", "cross-site"}}), 403);
    EXPECT_EQ(status(Method::post, {host, {"Sec-Fetch-Site", "same-site"}}), 403);
}

}  // namespace
}  // namespace img::web
