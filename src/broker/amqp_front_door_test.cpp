// The front door over a real RabbitMQ, as a stranger and as an operator see it.
#include "broker/amqp_front_door.hpp"

#include "broker/broker.hpp"
#include "broker/visitor.hpp"
#include "tests/support/heard.hpp"
#include "tests/support/stranger.hpp"

#include <atomic>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::ForeignRequest;
using jobs::Verdict;
using nlohmann::json;

const std::string kGood = R"({"email":"a@b","id":"r1","imagetype":"raw","ksfile":"part /"})";
const std::string kId = "0123456789abcdef0123456789abcdef";

class FrontDoor : public ::testing::Test {
protected:
    std::unique_ptr<jobs::FrontDoor> open() {
        return broker::open_front_door(vhost_.url, {.public_url = "http://h/"}).value();
    }
    /// Serves requests with this verdict.
    jobs::FrontDoor::Token serve(jobs::FrontDoor& door, Verdict verdict) {
        return door.on_request(
            [this, verdict](const ForeignRequest& request) {
                requests_(request);
                return verdict;
            },
            std::ref(refused_));
    }
    static json payload(const json& message) {
        return json::parse(message["payload"].get<std::string>());
    }

    Vhost vhost_;
    Heard<ForeignRequest> requests_;
    Heard<jobs::RefusedMessage> refused_;
    std::unique_ptr<jobs::FrontDoor> door_ = open();
};

TEST_F(FrontDoor, HandsOverWhatStrangersPublishToEitherKey) {
    const auto token = serve(*door_, {});
    ASSERT_TRUE(vhost_.publish("image_exchange", "img", kGood));
    ASSERT_TRUE(vhost_.publish("image_exchange", "ks", R"({"config":"a: b","id":"r2"})"));
    const auto requests = requests_.wait_for(2);
    ASSERT_EQ(requests.size(), 2u);
    const auto& one = requests[requests[0].configuration.empty() ? 0 : 1];
    const auto& two = requests[requests[0].configuration.empty() ? 1 : 0];
    EXPECT_EQ(one.request.kickstart, "part /");
    EXPECT_EQ(one.request.reference, "r1");
    EXPECT_EQ(two.configuration, "a: b");
    EXPECT_TRUE(vhost_.messages("image_queue").empty());
}

TEST_F(FrontDoor, RefusesABadBodyInFourPlaces) {
    const auto token = serve(*door_, {});
    ASSERT_TRUE(vhost_.publish("image_exchange", "img", R"({"id":"r1","ksfile":7})"));
    const auto dead = vhost_.wait_for("img.dead", 1);
    ASSERT_EQ(dead.size(), 1u);
    EXPECT_EQ(dead[0]["payload"], R"({"id":"r1","ksfile":7})");
    EXPECT_EQ(dead[0]["properties"]["headers"]["x-img-queue"], "image_queue");
    EXPECT_EQ(dead[0]["properties"]["headers"]["x-img-reason"], "\"ksfile\" is no text");
    const auto status = payload(vhost_.wait_for("status_queue", 1).at(0));
    EXPECT_EQ(status["status"], "ERROR");
    EXPECT_EQ(status["id"], "r1");
    EXPECT_EQ(status["error"], "\"ksfile\" is no text");
    EXPECT_EQ(payload(vhost_.wait_for("error_queue", 1).at(0))["id"], "r1");
    const auto told = refused_.wait_for(1);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].queue, "image_queue");
    EXPECT_EQ(told[0].reference, "r1");
    EXPECT_EQ(requests_.size(), 0u);
    EXPECT_TRUE(vhost_.messages("image_queue").empty());
}

TEST_F(FrontDoor, RefusesWhatItsHandlerRefuses) {
    const auto token =
        serve(*door_, {.kind = Verdict::Kind::refused, .reason = "there is no such type"});
    ASSERT_TRUE(vhost_.publish("image_exchange", "img", kGood));
    EXPECT_EQ(payload(vhost_.wait_for("status_queue", 1).at(0))["error"], "there is no such type");
    EXPECT_EQ(refused_.wait_for(1).at(0).reason, "there is no such type");
    EXPECT_EQ(vhost_.wait_for("img.dead", 1).size(), 1u);
}

TEST_F(FrontDoor, KeepsARequestForWhichThereIsNoVerdictYet) {
    auto token = serve(*door_, {.kind = Verdict::Kind::later, .reason = "the store is away"});
    ASSERT_TRUE(vhost_.publish("image_exchange", "img", kGood));
    EXPECT_GE(requests_.wait_for(3).size(), 3u) << "it asks again and again";
    token.reset();
    EXPECT_EQ(vhost_.wait_for("image_queue", 1).size(), 1u);
    EXPECT_EQ(refused_.size(), 0u);
    const auto before = requests_.size();
    token = serve(*door_, {});
    requests_.wait_for(before + 1);
    EXPECT_EQ(requests_.size(), before + 1);
}

TEST_F(FrontDoor, DeadLettersARequestThatEndsItsReadersAgainAndAgain) {
    auto token = serve(*door_, {.kind = Verdict::Kind::later});
    ASSERT_TRUE(vhost_.publish("image_exchange", "img", kGood));
    for (int life = 1; life <= 20 && vhost_.messages("img.dead").empty(); ++life) {
        requests_.wait_for(static_cast<std::size_t>(life));
        token.reset();  // the desk goes with the request in its hand
        token = serve(*door_, {.kind = Verdict::Kind::later});
    }
    EXPECT_EQ(vhost_.wait_for("img.dead", 1).size(), 1u);
    EXPECT_TRUE(vhost_.messages("image_queue").empty());
}

TEST_F(FrontDoor, TellsEachClientOfAJobHowItIs) {
    const jobs::StatusNotice notice{.job = {.id = kId,
                                            .request = {.name = "n"},
                                            .state = jobs::JobState::done,
                                            .image = "n.raw"},
                                    .references = {"r1", "r2"}};
    ASSERT_TRUE(door_->send(notice));
    const auto statuses = vhost_.wait_for("status_queue", 4);
    ASSERT_EQ(statuses.size(), 4u);
    EXPECT_EQ(payload(statuses[0])["image"], "http://h/images/" + kId + "/n.raw");
    EXPECT_EQ(payload(statuses[1])["status"], "DONE");
    EXPECT_EQ(payload(statuses[3])["id"], "r2");
    EXPECT_EQ(statuses[0]["properties"]["delivery_mode"], 2);
    EXPECT_EQ(vhost_.wait_for("link_queue", 2).size(), 2u);
    ASSERT_TRUE(door_->send({.job = {.id = kId, .state = jobs::JobState::queued}}));
    EXPECT_EQ(payload(vhost_.wait_for("status_queue", 5).at(4))["id"], kId);
}

TEST_F(FrontDoor, AnswersInquiriesWithoutTakingFromTheStatusQueue) {
    ASSERT_TRUE(door_->send({.job = {.id = kId}, .references = {"r1"}}));
    const auto token = door_->on_inquiry(
        [](const std::string& reference) -> Result<std::optional<jobs::StatusNotice>> {
            if (reference != "r1") {
                return std::nullopt;
            }
            return jobs::StatusNotice{.job = {.id = kId, .state = jobs::JobState::building}};
        });
    auto visitor = broker::Visitor::come_to(vhost_.url).value();
    Result<broker::OriginalStatus> known = fail(Fault::transient, "not asked");
    for (int i = 0; i < 50 && !known; ++i) {  // until the service listens
        known = visitor.ask("r1", std::chrono::seconds(5));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ASSERT_TRUE(known) << known.error().message;
    EXPECT_EQ(known->status, "BUILDING");
    EXPECT_EQ(known->id, "r1");
    const auto unknown = visitor.ask("r2", std::chrono::seconds(5)).value();
    EXPECT_EQ(unknown.status, "");
    EXPECT_EQ(unknown.error, "no job is known by this id");
    EXPECT_EQ(vhost_.messages("status_queue").size(), 1u);
}

TEST_F(FrontDoor, LeavesAVisitorInNoDoubtThatNobodyServes) {
    auto visitor = broker::Visitor::come_to(vhost_.url).value();
    const auto asked = visitor.ask("r1", std::chrono::seconds(5));
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().fault, Fault::transient);
    EXPECT_EQ(asked.error().message, "no service listens at the broker, try again later");
    ASSERT_TRUE(visitor.send({.request = {.kickstart = "part /", .reference = "r1"}}));
    EXPECT_EQ(vhost_.wait_for("image_queue", 1).size(), 1u) << "it waits for a service";
}

TEST_F(FrontDoor, BoundsQueuesThatNobodyReads) {
    const jobs::StatusNotice notice{.job = {.id = kId}, .references = {"r1"}};
    const auto arguments =
        RabbitMqServer::get().call("queue", vhost_.name, "status_queue")["arguments"];
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const auto most = arguments["x-max-length"].get<std::size_t>();
    EXPECT_GT(arguments["x-message-ttl"].get<std::int64_t>(), 0);
    auto connection =
        broker::Connection::open(broker::parse_amqp_url(vhost_.url).value(), "flood").value();
    for (std::size_t i = 0; i < most + 100; ++i) {  // without waiting for confirms
        ASSERT_TRUE(connection.publish(
            {.exchange = "django_result_exchange", .key = "status", .body = R"({"id":"old"})"}));
    }
    while (vhost_.messages("status_queue").size() < most) {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
    ASSERT_TRUE(door_->send(notice));
    const auto left = vhost_.messages("status_queue");
    EXPECT_EQ(left.size(), most);
    EXPECT_EQ(payload(left.back())["id"], "r1") << "the newest stay";
}

TEST(ForeignTopology, IsUsedAsItIs) {
    const Vhost vhost;
    auto& server = RabbitMqServer::get();
    server.call("declare", vhost.name, "image_queue");  // classic, as the original made it
    server.call("declare", vhost.name, "status_queue", json::object(), false);
    const auto door = broker::open_front_door(vhost.url, {.public_url = "http://h"}).value();
    Heard<ForeignRequest> requests;
    const auto token = door->on_request(
        [&](const ForeignRequest& request) {
            requests(request);
            return Verdict{};
        },
        [](const jobs::RefusedMessage&) {});
    ASSERT_TRUE(vhost.publish("image_exchange", "img", kGood));
    EXPECT_EQ(requests.wait_for(1).size(), 1u);
    ASSERT_TRUE(door->send({.job = {.id = kId}}));
    EXPECT_EQ(vhost.wait_for("status_queue", 1).size(), 1u);
    EXPECT_EQ(server.call("queue", vhost.name, "image_queue")["arguments"], json::object());
    EXPECT_EQ(server.call("queue", vhost.name, "kickstarter_queue")["arguments"]["x-queue-type"],
              "quorum");
}

TEST(ForeignTopology, IsEnoughForAUserWhoMayDeclareNothing) {
    const Vhost vhost;
    auto& server = RabbitMqServer::get();
    const auto forbidden = broker::open_front_door(vhost.url, {});  // declares all, as an operator
    server.call("permit", vhost.name, "", ".*", ".*");  // the original's own permissions
    const auto door = broker::open_front_door(vhost.url, {.public_url = "http://h"});
    ASSERT_TRUE(door) << door.error().message;
    Heard<jobs::RefusedMessage> refused;
    const auto token =
        (*door)->on_request([](const ForeignRequest&) { return Verdict{}; }, std::ref(refused));
    ASSERT_TRUE(vhost.publish("image_exchange", "img", "nothing"));
    EXPECT_EQ(refused.wait_for(1).size(), 1u);
}

TEST(ForeignTopology, ThatIsNotThereAndMayNotBeMadeIsNamed) {
    const Vhost vhost;
    RabbitMqServer::get().call("permit", vhost.name, "", ".*", ".*");
    const auto door = broker::open_front_door(vhost.url, {});
    ASSERT_FALSE(door);
    EXPECT_EQ(door.error().fault, Fault::invalid);
    EXPECT_NE(door.error().message.find("image_exchange"), std::string::npos)
        << door.error().message;
}

/// The original's service declared its exchange and queues; nothing of ours is there.
TEST(ForeignTopology, WithoutAPlaceForDeadLettersStillRefuses) {
    const Vhost vhost;
    auto& server = RabbitMqServer::get();
    server.call("declare_original", vhost.name);
    server.call("permit", vhost.name, "", ".*", ".*");
    const auto door = broker::open_front_door(vhost.url, {.public_url = "http://h"});
    ASSERT_TRUE(door) << door.error().message;
    Heard<jobs::RefusedMessage> refused;
    const auto token =
        (*door)->on_request([](const ForeignRequest&) { return Verdict{}; }, std::ref(refused));
    ASSERT_TRUE(vhost.publish("image_exchange", "img", R"({"id":"r1"})"));
    EXPECT_EQ(refused.wait_for(1).size(), 1u);
    EXPECT_EQ(vhost.wait_for("status_queue", 1).size(), 1u);
}

}  // namespace
}  // namespace img::testing
