#include "broker/broker.hpp"

#include "tests/support/job_queue_suite.hpp"

namespace img::testing {
namespace {

constexpr auto kNow = std::chrono::milliseconds(0);

QueueEnds open_memory() {
    const std::shared_ptr<jobs::JobQueue> both = broker::open_job_queue("memory:").value();
    return {.service = both, .worker = both};
}

INSTANTIATE_TEST_SUITE_P(Memory, JobQueueSuite, ::testing::Values(open_memory));

TEST(OpenJobQueue, RefusesAnUnknownKindOfUrl) {
    for (const std::string& url : std::vector<std::string>{"", "memory", "http://x"}) {
        const auto queue = broker::open_job_queue(url);
        ASSERT_FALSE(queue) << url;
        EXPECT_EQ(queue.error().fault, Fault::invalid);
        EXPECT_EQ(broker::check_url(url).error().message, queue.error().message);
    }
    for (const std::string& url : std::vector<std::string>{"memory:", "amqp://nobody.example/v"}) {
        EXPECT_TRUE(broker::check_url(url)) << url;
    }
}

TEST(MemoryJobQueue, TakesNoMoreThanItCanHold) {
    const auto queue = broker::open_job_queue("memory:").value();
    const jobs::BuildOrder order{.id = "a", .worker = "w"};
    EXPECT_EQ(queue->take("w", kNow).value(), std::nullopt);
    std::size_t taken = 0;
    auto sent = queue->send(order);
    while (sent && taken < 100'000) {
        ++taken;
        sent = queue->send(order);
    }
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().fault, Fault::transient);
    ASSERT_TRUE(queue->take("w", kNow).value());
    EXPECT_TRUE(queue->send(order));
}

TEST(MemoryJobQueue, KnowsABoundedNumberOfWorkers) {
    const auto queue = broker::open_job_queue("memory:").value();
    for (int i = 0; i < 1000; ++i) {
        const auto name = fmt::format("w{}", i);
        EXPECT_TRUE(queue->send(jobs::Presence{.worker = name}));
        (void)queue->take(name, kNow);
    }
    EXPECT_EQ(queue->take("one more", kNow).error().fault, Fault::transient);
}

TEST(MemoryJobQueue, ForgetsTheOrderOfACancelledJob) {
    const auto queue = broker::open_job_queue("memory:").value();
    ASSERT_TRUE(queue->send(jobs::Presence{.worker = "w"}));
    ASSERT_TRUE(queue->send(jobs::BuildOrder{.id = "a", .worker = "w"}));
    ASSERT_TRUE(queue->send(jobs::BuildOrder{.id = "b", .worker = "w"}));
    ASSERT_TRUE(queue->send(jobs::CancelOrder{.id = "a"}));
    EXPECT_EQ(queue->take("w", kNow).value()->id, "b");
    EXPECT_EQ(queue->take("w", kNow).value(), std::nullopt);
}

}  // namespace
}  // namespace img::testing
