// The suite over a real RabbitMQ, and what only a broker between two programs can do wrong.
#include "broker/amqp_job_queue.hpp"

#include "broker/amqp_topology.hpp"
#include "broker/broker.hpp"
#include "jobs/job_message.hpp"
#include "tests/support/job_queue_suite.hpp"
#include "tests/support/rabbitmq_server.hpp"

#include <set>

namespace img::testing {
namespace {

using broker::AmqpJobQueue;
using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(20);

std::shared_ptr<AmqpJobQueue> open(const std::string& url) {
    return std::make_shared<AmqpJobQueue>(broker::parse_amqp_url(url).value());
}

QueueEnds open_rabbitmq() {
    auto& server = RabbitMqServer::get();
    const auto url = server.url(server.new_vhost());
    return {.service = open(url), .worker = open(url)};
}

INSTANTIATE_TEST_SUITE_P(RabbitMq, JobQueueSuite, ::testing::Values(open_rabbitmq));

}  // namespace
}  // namespace img::testing
