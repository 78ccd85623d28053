#include "web/job_filter.hpp"

#include <gtest/gtest.h>

namespace img::web {
namespace {

http::Request asking(const std::string& query) {
    return {
        .method = http::Method::get, .target = "/api/v1/jobs?" + query, .headers = {}, .body = {}};
}

TEST(JobFilter, TakesWhatTheAddressSays) {
    const std::string id(32, 'a');
    const auto filter = filter_from(asking("state=done&limit=500&before=" + id)).value();
    EXPECT_EQ(filter.state, jobs::JobState::done);
    EXPECT_EQ(filter.limit, 500u);
    EXPECT_EQ(filter.before, id);
    EXPECT_EQ(filter_from(asking("")).value().limit, 50u);
    EXPECT_EQ(filter_from(asking("state=&before=")).value().state, std::nullopt);
}

TEST(JobFilter, RefusesWhatTheInterfaceDoesNotAllow) {
    for (const auto* query : {"limit=0", "limit=501", "limit=", "limit=-1", "limit=5x",
                              "limit=99999999999999999999", "state=foo", "before=zz"}) {
        const auto filter = filter_from(asking(query));
        ASSERT_FALSE(filter) << query;
        EXPECT_EQ(filter.error().fault, Fault::invalid) << query;
    }
    EXPECT_EQ(filter_from(asking("limit=501")).error().message,
              "limit: \"501\" is not from 1 to 500");
}

}  // namespace
}  // namespace img::web
