#include "broker/broker.hpp"

#include "tests/support/job_queue_suite.hpp"

namespace img::testing {
namespace {

OpenQueue open(const std::string& url) {
    return [url] { return broker::open_job_queue(url).value(); };
}

INSTANTIATE_TEST_SUITE_P(Memory, JobQueueSuite, ::testing::Values(open("memory:")));

TEST(OpenJobQueue, RefusesAnUnknownKindOfUrl) {
    for (const std::string& url : std::vector<std::string>{"", "memory", "http://x"}) {
        const auto queue = broker::open_job_queue(url);
        ASSERT_FALSE(queue) << url;
        EXPECT_EQ(queue.error().fault, Fault::invalid);
    }
}

TEST(MemoryJobQueue, TakesNoMoreThanItCanHold) {
    const auto queue = broker::open_job_queue("memory:").value();
    std::size_t taken = 0;
    auto sent = queue->send(jobs::BuildOrder{.id = "a"});
    while (sent && taken < 100'000) {
        ++taken;
        sent = queue->send(jobs::BuildOrder{.id = "a"});
    }
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().fault, Fault::transient);
    ASSERT_TRUE(queue->take(std::chrono::milliseconds(0)).value());
    EXPECT_TRUE(queue->send(jobs::BuildOrder{.id = "a"}));
}

TEST(MemoryJobQueue, ForgetsTheOrderOfACancelledJob) {
    const auto queue = broker::open_job_queue("memory:").value();
    EXPECT_FALSE(queue->is_durable());
    ASSERT_TRUE(queue->send(jobs::BuildOrder{.id = "a"}));
    ASSERT_TRUE(queue->send(jobs::BuildOrder{.id = "b"}));
    ASSERT_TRUE(queue->send(jobs::CancelOrder{.id = "a"}));
    EXPECT_EQ(queue->take(std::chrono::milliseconds(0)).value()->id, "b");
    EXPECT_EQ(queue->take(std::chrono::milliseconds(0)).value(), std::nullopt);
}

}  // namespace
}  // namespace img::testing
