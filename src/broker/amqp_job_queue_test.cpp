// The suite over a real RabbitMQ, and what only a broker between two programs can do wrong.
#include "broker/amqp_job_queue.hpp"

#include "broker/amqp_topology.hpp"
#include "broker/broker.hpp"
#include "jobs/job_message.hpp"
#include "tests/support/job_queue_suite.hpp"
#include "tests/support/rabbitmq_server.hpp"

#include <map>
#include <mutex>
#include <set>

namespace img::testing {
namespace {

using broker::AmqpJobQueue;
using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(20);
const std::string kId = "0123456789abcdef0123456789abcdef";

jobs::BuildOrder order_for(const std::string& worker) {
    return {.id = kId, .worker = worker, .request = {.name = "n"}};
}

jobs::Report log(std::uint64_t offset) {
    return {.id = kId, .worker = "w", .what = jobs::Report::Log{offset, "line\n"}};
}

std::shared_ptr<AmqpJobQueue> open(const std::string& url) {
    return std::make_shared<AmqpJobQueue>(broker::parse_amqp_url(url).value());
}

QueueEnds open_rabbitmq() {
    auto& server = RabbitMqServer::get();
    const auto url = server.url(server.new_vhost());
    return {.service = open(url), .worker = open(url)};
}

INSTANTIATE_TEST_SUITE_P(RabbitMq, JobQueueSuite, ::testing::Values(open_rabbitmq));

class AmqpQueue : public ::testing::Test {
protected:
    /// Sends it as often as it takes while the broker is away; how often that was.
    int send_patiently(jobs::JobQueue& queue, const jobs::Report& report) {
        const auto end = Clock::now() + kPatience;
        for (int tries = 1;; ++tries) {
            const auto sent = queue.send(report);
            if (sent) {
                return tries;
            }
            EXPECT_EQ(sent.error().fault, Fault::transient) << sent.error().message;
            if (Clock::now() > end) {
                ADD_FAILURE() << "the broker did not come back: " << sent.error().message;
                return tries;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }
    /// Takes within 20 s, however often it has to connect for that.
    static std::optional<jobs::BuildOrder> take_patiently(jobs::JobQueue& queue) {
        const auto end = Clock::now() + kPatience;
        while (Clock::now() < end) {
            const auto taken = queue.take("w", std::chrono::milliseconds(200));
            if (taken && *taken) {
                return *taken;
            }
        }
        return std::nullopt;
    }
    static std::vector<std::uint64_t> offsets(const std::vector<jobs::Report>& reports) {
        std::vector<std::uint64_t> found;
        for (const auto& report : reports) {
            found.push_back(std::get<jobs::Report::Log>(report.what).offset);
        }
        return found;
    }

    RabbitMqServer& server_ = RabbitMqServer::get();
    const std::string vhost_ = server_.new_vhost();
    const std::string url_ = server_.url(vhost_);
};

TEST_F(AmqpQueue, KeepsWhatItHasTakenWhenTheBrokerIsKilled) {
    const auto service = open(url_);
    const auto worker = open(url_);
    ASSERT_TRUE(worker->send(jobs::Presence{.worker = "w"}));
    ASSERT_TRUE(service->send(order_for("w")));
    for (std::uint64_t i = 0; i < 50; ++i) {
        ASSERT_TRUE(worker->send(log(i)));
    }
    // RabbitMQ 3.10 writes down where a new quorum queue lives only a moment later.
    std::this_thread::sleep_for(std::chrono::seconds(1));
    server_.call("kill");
    const auto begun = Clock::now();
    EXPECT_EQ(worker->send(log(99)).error().fault, Fault::transient);
    EXPECT_EQ(worker->send(log(99)).error().fault, Fault::transient);
    EXPECT_LT(Clock::now() - begun, std::chrono::seconds(2)) << "a sender does not hang";
    server_.call("start");
    send_patiently(*worker, log(50));
    Heard<jobs::Report> heard;
    const auto token = service->on_report(std::ref(heard));
    std::vector<std::uint64_t> all(51);
    std::ranges::generate(all, [next = std::uint64_t{0}]() mutable { return next++; });
    EXPECT_EQ(offsets(heard.wait_for(51)), all) << "none lost, none twice, in their order";
    const auto taken = take_patiently(*worker);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->id, kId);
}

TEST_F(AmqpQueue, ConnectsAgainWhereverItWasCutOff) {
    const auto service = open(url_);
    const auto worker = open(url_);
    Heard<jobs::Report> reports;
    Heard<jobs::CancelOrder> cancels;
    const auto hears = service->on_report(std::ref(reports));
    const auto stops = worker->on_cancel(std::ref(cancels));
    ASSERT_EQ(worker->take("w", std::chrono::milliseconds(10)).value(), std::nullopt);
    for (std::uint64_t i = 0; i < 60; ++i) {
        if (i % 20 == 10) {
            EXPECT_GT(server_.call("cut_connections").get<int>(), 0);
        }
        send_patiently(*worker, log(i));
    }
    const auto end = Clock::now() + kPatience;
    std::set<std::uint64_t> seen;
    while (seen.size() < 60 && Clock::now() < end) {
        const auto now = offsets(reports.wait_for(60));
        seen.insert(now.begin(), now.end());
    }
    EXPECT_EQ(seen.size(), 60u) << "none is lost; one may come twice, as it says";
    while (cancels.size() == 0 && Clock::now() < end) {
        (void)service->send(jobs::CancelOrder{.id = kId});
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_GT(cancels.size(), 0u);
    ASSERT_TRUE(service->send(order_for("w")));
    EXPECT_TRUE(take_patiently(*worker));
}

TEST_F(AmqpQueue, GivesAnOrderToOneSlotThoughItsConnectionIsLostMeanwhile) {
    const auto service = open(url_);
    auto worker = open(url_);
    ASSERT_TRUE(worker->send(jobs::Presence{.worker = "w"}));
    ASSERT_TRUE(service->send(order_for("w")));
    const auto taken = take_patiently(*worker);
    ASSERT_TRUE(taken);
    server_.call("cut_connections");
    EXPECT_EQ(worker->take("w", std::chrono::seconds(2)).value_or(std::nullopt), std::nullopt);
    ASSERT_TRUE(worker->keep(*taken));
    std::this_thread::sleep_for(std::chrono::seconds(1));  // acknowledged ten times a second
    worker.reset();
    EXPECT_EQ(open(url_)->take("w", std::chrono::seconds(1)).value(), std::nullopt);
}

TEST_F(AmqpQueue, HandsOutAgainWhatWasTakenAndNeverKept) {
    const auto service = open(url_);
    auto worker = open(url_);
    ASSERT_TRUE(worker->send(jobs::Presence{.worker = "w"}));
    ASSERT_TRUE(service->send(order_for("w")));
    ASSERT_TRUE(take_patiently(*worker));
    worker = open(url_);  // the old one ends, as by a crash between taking and beginning
    const auto again = take_patiently(*worker);
    ASSERT_TRUE(again);
    EXPECT_TRUE(worker->keep(*again));
}

TEST_F(AmqpQueue, GivesReportsToOneServiceAtATimeAndToTheNextWhenThatEnds) {
    auto first = open(url_);
    const auto second = open(url_);
    const auto worker = open(url_);
    Heard<jobs::Report> one, two;
    auto first_token = first->on_report(std::ref(one));
    const auto second_token = second->on_report(std::ref(two));
    for (std::uint64_t i = 0; i < 20; ++i) {
        ASSERT_TRUE(worker->send(log(i)));
    }
    EXPECT_EQ(one.wait_for(20).size(), 20u);
    EXPECT_EQ(two.size(), 0u);
    first_token.reset();
    first.reset();
    ASSERT_TRUE(worker->send(log(20)));
    EXPECT_EQ(two.wait_for(1).size(), 1u);
}

TEST_F(AmqpQueue, SendsAReportAgainThatNobodyGaveAReceiptFor) {
    constexpr std::uint64_t kReports = 60;
    auto service = open(url_);
    const auto worker = open(url_);
    Heard<jobs::Report> one;
    std::mutex mutex;
    std::map<std::uint64_t, jobs::JobQueue::Receipt> receipts;
    auto token =
        service->on_report([&](const jobs::Report& report, const jobs::JobQueue::Receipt& receipt) {
            {
                const std::lock_guard lock(mutex);
                receipts[std::get<jobs::Report::Log>(report.what).offset] = receipt;
            }
            one(report);
        });
    for (std::uint64_t i = 0; i < kReports; ++i) {
        ASSERT_TRUE(worker->send(log(i)));
    }
    ASSERT_EQ(one.wait_for(kReports).size(), kReports) << "they do not hold up one another";
    {
        const std::lock_guard lock(mutex);
        for (const auto& [offset, receipt] : receipts) {
            if (offset != 7 && offset != 40) {
                receipt();
                receipt();  // twice is once
            }
        }
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));  // acknowledged ten times a second
    token.reset();
    service.reset();   // as by a crash
    receipts.at(7)();  // too late
    const auto next = open(url_);
    Heard<jobs::Report> two;
    const auto again = next->on_report(std::ref(two));
    EXPECT_EQ(offsets(two.wait_for(2)), (std::vector<std::uint64_t>{7, 40}));
}

TEST_F(AmqpQueue, PutsWhatIsNoReportAmongTheDeadLetters) {
    const auto service = open(url_);
    Heard<jobs::Report> heard;
    const auto token = service->on_report(std::ref(heard));
    ASSERT_TRUE(server_.call("publish", vhost_, "img.reports", "img.reports", "{}").get<bool>());
    ASSERT_TRUE(service->send(log(1)));
    EXPECT_EQ(heard.wait_for(1).size(), 1u);
    EXPECT_EQ(server_.count(vhost_, "img.dead"), 1u);
}

TEST_F(AmqpQueue, RefusesAWorkersOrdersWhenThereAreTooMany) {
    const auto service = open(url_);
    ASSERT_TRUE(service->send(jobs::Presence{.worker = "w"}));
    int sent = 0;
    auto last = service->send(order_for("w"));
    while (last && sent < 1000) {
        ++sent;
        last = service->send(order_for("w"));
    }
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().fault, Fault::transient) << last.error().message;
    EXPECT_NE(last.error().message.find("full"), std::string::npos) << last.error().message;
}

TEST_F(AmqpQueue, LivesOnThroughABrokerThatFreezes) {
    const auto worker = open(url_);
    ASSERT_TRUE(worker->send(log(0)));
    server_.call("freeze");
    const auto begun = Clock::now();
    EXPECT_EQ(worker->send(log(1)).error().fault, Fault::transient);
    EXPECT_LT(Clock::now() - begun, std::chrono::seconds(15));
    const auto refused_at = Clock::now();
    server_.call("thaw");
    send_patiently(*worker, log(2));
    EXPECT_LT(Clock::now() - refused_at, std::chrono::seconds(15));
}

TEST_F(AmqpQueue, MakesQueuesThatOutliveABroker) {
    const auto worker = open(url_);
    ASSERT_TRUE(worker->send(jobs::Presence{.worker = "w"}));
    const auto reports = server_.call("queue", vhost_, "img.reports");
    EXPECT_EQ(reports["arguments"]["x-queue-type"], "quorum");
    EXPECT_EQ(reports["arguments"]["x-single-active-consumer"], true);
    const auto orders = server_.call("queue", vhost_, "img.orders.w");
    EXPECT_EQ(orders["durable"], true);
    EXPECT_GT(orders["arguments"]["x-expires"].get<int>(), 60'000);
    for (const auto& queue : {reports, orders}) {
        EXPECT_EQ(queue["arguments"]["x-dead-letter-exchange"], "img.dead");
    }
}

TEST_F(AmqpQueue, SpeaksTls) {
    const auto url = server_.call("tls_url", vhost_).get<std::string>();
    const auto queue = broker::open_job_queue(url);
    ASSERT_TRUE(queue) << queue.error().message;
    EXPECT_TRUE((*queue)->send(log(1)));
    Heard<jobs::Report> heard;
    const auto token = (*queue)->on_report(std::ref(heard));
    EXPECT_EQ(heard.wait_for(1).size(), 1u);
    const auto trusting_others = url.substr(0, url.find('?'));
    const auto distrusted = broker::open_job_queue(trusting_others);
    ASSERT_FALSE(distrusted);
    EXPECT_EQ(distrusted.error().fault, Fault::invalid);
    EXPECT_NE(distrusted.error().message.find("cacertfile="), std::string::npos)
        << distrusted.error().message;
    EXPECT_TRUE(broker::open_job_queue(trusting_others + "?verify=verify_none"));
}

TEST_F(AmqpQueue, SaysWhyItIsNotLetIn) {
    const auto place = url_.substr(url_.find('@'));
    const auto stranger = broker::open_job_queue("amqp://img:wrong" + place);
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().fault, Fault::invalid);
    EXPECT_NE(stranger.error().message.find("does not let us in"), std::string::npos)
        << stranger.error().message;
    EXPECT_EQ(stranger.error().message.find("wrong"), std::string::npos);
    const auto nowhere =
        broker::open_job_queue(url_.substr(0, url_.find('/', url_.find('@'))) + "/nowhere");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().fault, Fault::invalid);
    EXPECT_NE(nowhere.error().message.find("nowhere"), std::string::npos)
        << nowhere.error().message;
    server_.call("permit", vhost_, "", ".*", ".*");
    const auto forbidden = broker::open_job_queue(url_);
    ASSERT_FALSE(forbidden);
    EXPECT_NE(forbidden.error().message.find("img.dead"), std::string::npos)
        << forbidden.error().message;
}

TEST(AmqpQueueAway, IsWaitedFor) {
    const auto queue = broker::open_job_queue("amqp://img:x@127.0.0.1:1/v");
    ASSERT_TRUE(queue) << queue.error().message;
    const auto sent = (*queue)->send(log(1));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().fault, Fault::transient);
    EXPECT_NE(sent.error().message.find("amqp://img@127.0.0.1:1/v: it cannot be reached"),
              std::string::npos)
        << sent.error().message;
    EXPECT_EQ((*queue)->take("w", std::chrono::milliseconds(10)).error().fault, Fault::transient);
    const auto token = (*queue)->on_report([](const jobs::Report&) {});
}

}  // namespace
}  // namespace img::testing
