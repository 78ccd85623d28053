// img-client against a real RabbitMQ, with a service's front door on the other side.
#include "client/client.hpp"

#include "broker/broker.hpp"
#include "tests/support/heard.hpp"
#include "tests/support/stranger.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <sstream>

namespace img::testing {
namespace {

using jobs::JobState;

const std::string kId = "0123456789abcdef0123456789abcdef";

struct Said {
    int code = -1;
    std::string out{}, err{};
};

class Client : public ::testing::Test {
protected:
    Said run(const std::vector<std::string>& arguments) const {
        std::ostringstream out, err;
        const auto variable = [this](const char* name) {
            return name == std::string("IMG_BROKER") ? vhost_.url : std::string();
        };
        const auto code = client::run(arguments, {.out = out, .err = err, .variable = variable});
        return {.code = code, .out = out.str(), .err = err.str()};
    }
    /// Serves inquiries: these states one after another, the last one for good.
    jobs::FrontDoor::Token answer(std::vector<JobState> states) {
        return door_->on_inquiry([states = std::move(states),
                                  at = std::size_t{0}](const std::string& reference) mutable
                                     -> Result<std::optional<jobs::StatusNotice>> {
            if (reference == "unknown") {
                return std::nullopt;
            }
            const auto state = states[std::min(at++, states.size() - 1)];
            return jobs::StatusNotice{.job = {.id = kId,
                                              .request = {.name = "n"},
                                              .state = state,
                                              .error = state == JobState::error ? "no room" : "",
                                              .image = "n.raw",
                                              .started = jobs::Time(std::chrono::seconds(1))}};
        });
    }
    /// Asks until the service listens.
    Said poll(const std::vector<std::string>& arguments) const {
        Said said;
        for (int i = 0; i < 100; ++i) {
            said = run(arguments);
            if (said.err.find("no service listens") == std::string::npos) {
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return said;
    }

    Vhost vhost_;
    TempFolder folder_;
    std::unique_ptr<jobs::FrontDoor> door_ =
        broker::open_front_door(vhost_.url, {.public_url = "http://h"}).value();
};

TEST_F(Client, SubmitsAndEndsWithTheIdAlone) {
    const auto file = folder_.write("phone.ks", "part /\n").string();
    const auto said = run({"-a", "-t", "vdi", "-e", "a@b", file});
    EXPECT_EQ(said.code, 0) << said.err;
    const auto line_end = said.out.find('\n');
    const auto id = said.out.substr(line_end + 1, said.out.size() - line_end - 2);
    EXPECT_EQ(id.size(), 36u) << said.out;
    const auto waiting = vhost_.wait_for("image_queue", 1);
    ASSERT_EQ(waiting.size(), 1u);
    const auto body = nlohmann::json::parse(waiting[0]["payload"].get<std::string>());
    EXPECT_EQ(body,
              (nlohmann::json{
                  {"email", "a@b"}, {"id", id}, {"imagetype", "vdi"}, {"ksfile", "part /\n"}}));
    EXPECT_EQ(waiting[0]["properties"]["message_id"], id);
    EXPECT_EQ(run({"-a", folder_.write("c.yaml", "a: b").string()}).code, 0);
    EXPECT_EQ(vhost_.wait_for("kickstarter_queue", 1).size(), 1u);
}

TEST_F(Client, SaysWhatIsWrongWithTheFile) {
    EXPECT_EQ(run({"-a", "/nowhere.ks"}).code, 3);
    EXPECT_EQ(run({"-a", folder_.path().string()}).code, 1);
    EXPECT_EQ(run({"-a", folder_.write("empty.ks", "").string()}).code, 1);
    EXPECT_TRUE(vhost_.messages("image_queue").empty());
}

TEST_F(Client, ExitsByTheStatusAndStealsItFromNobody) {
    ASSERT_TRUE(door_->send({.job = {.id = kId}, .references = {"r1"}}));
    auto token = answer({JobState::building});
    const auto building = poll({"-p", "r1"});
    EXPECT_EQ(building.code, 4) << building.err;
    EXPECT_EQ(building.out,
              "Image build status: BUILDING\nImage url available in: http://h/images/" + kId +
                  "/\nLog available here: http://h/images/" + kId + "/n.log\n");
    token = {};
    token = answer({JobState::done});
    const auto done = poll({"-p", "r1"});
    EXPECT_EQ(done.code, 0);
    EXPECT_NE(done.out.find("/n.raw\n"), std::string::npos) << done.out;
    token = {};
    token = answer({JobState::error});
    const auto failed = poll({"-p", "r1"});
    EXPECT_EQ(failed.code, 6);
    EXPECT_NE(failed.out.find("no room"), std::string::npos) << failed.out;
    EXPECT_EQ(run({"-p", "unknown"}).code, 3);
    EXPECT_EQ(vhost_.messages("status_queue").size(), 1u);
}

TEST_F(Client, WaitsForTheEndWhereItIsAsked) {
    const auto token = answer({JobState::queued, JobState::building, JobState::done});
    const auto said = run({"-p", "r1", "--wait"});
    EXPECT_EQ(said.code, 0);
    EXPECT_NE(said.out.find("BUILDING"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find("DONE"), std::string::npos) << said.out;
}

TEST_F(Client, SaysThatNobodyAnswers) {
    const auto said = run({"-p", "r1"});
    EXPECT_EQ(said.code, 4);
    EXPECT_NE(said.err.find("no service listens"), std::string::npos) << said.err;
    EXPECT_EQ(run({"-p", "r1", "--broker", "amqp://127.0.0.1:1/v"}).code, 4);
    EXPECT_EQ(run({"-p", "r1", "--broker", "http://h"}).code, 1);
}

}  // namespace
}  // namespace img::testing
