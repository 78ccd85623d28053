// `img templates` and `img submit --template`, against a server that answers as each test says.
#include "api/api.hpp"
#include "api/template_view.hpp"
#include "base/exit_code.hpp"
#include "cli/recorded_console.hpp"
#include "http/server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mutex>
#include <nlohmann/json.hpp>

namespace img::cli {
namespace {

class TemplateVerbsTest : public ::testing::Test {
protected:
    int run(std::vector<std::string> words) {
        words.insert(words.end(), {"--server", fmt::format("http://127.0.0.1:{}", server_.port())});
        return terminal_.run(words);
    }
    nlohmann::json sent() {
        const std::scoped_lock lock(mutex_);
        return nlohmann::json::parse(body_);
    }

    RecordedConsole terminal_;
    std::string answer_ =
        api::to_json(api::TemplateViews{.templates = {{.name = "board",
                                                       .kind = "configuration",
                                                       .display_name = "A board\x1b",
                                                       .description = "small",
                                                       .image_type = "raw",
                                                       .architecture = "",
                                                       .platform = "BOARD",
                                                       .kickstart = ""}},
                                        .faults = {"b.ks is larger than 1.0 MiB"}});
    std::mutex mutex_;
    std::string body_;
    http::Server server_ = http::Server::start({}, [this](const http::Request& request) {
                               const std::scoped_lock lock(mutex_);
                               body_ = request.body;
                               return http::make_response(200, "application/json", answer_);
                           }).value();
};

TEST_F(TemplateVerbsTest, ListsWhatIsOfferedAndWhatIsNot) {
    EXPECT_EQ(run({"templates"}), kDone);
    EXPECT_EQ(terminal_.out.str(),
              "board                    raw        A board\\x1b — BOARD: small\n");
    EXPECT_EQ(terminal_.err.str(), "img: not offered: b.ks is larger than 1.0 MiB\n");
}

TEST_F(TemplateVerbsTest, ListsAsJson) {
    EXPECT_EQ(run({"templates", "--json"}), kDone);
    EXPECT_EQ(nlohmann::json::parse(terminal_.out.str()).at("templates")[0].at("name"), "board");
}

TEST_F(TemplateVerbsTest, SubmitsATemplateWithAnOverlay) {
    answer_ = api::to_json(api::JobView{.id = std::string(32, 'a'), .name = "board"});
    EXPECT_EQ(run({"submit", "--template", "board", "--overlay", " vim ,\n-nano,@core"}), kDone)
        << terminal_.err.str();
    EXPECT_EQ(terminal_.out.str(), std::string(32, 'a') + "\n");
    EXPECT_EQ(sent().at("template"), "board");
    EXPECT_EQ(sent().at("overlay"), " vim ,\n-nano,@core");
    EXPECT_FALSE(sent().contains("kickstart"));
    EXPECT_EQ(sent().at("name"), "");
}

TEST_F(TemplateVerbsTest, WantsAFileOrATemplate) {
    EXPECT_EQ(run({"submit", "-t", "raw"}), kUsage);
    EXPECT_NE(terminal_.err.str().find("needs a FILE or --template"), std::string::npos);
    EXPECT_EQ(run({"submit", "a.ks", "--template", "board"}), kUsage);
    EXPECT_NE(terminal_.err.str().find("not both"), std::string::npos);
    EXPECT_EQ(run({"submit", "a.ks"}), kUsage);
    EXPECT_NE(terminal_.err.str().find("--type is required"), std::string::npos);
}

}  // namespace
}  // namespace img::cli
