// docs/openapi.yaml describes the routes that there are, all of them and no others.
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "web/assets.hpp"
#include "web/site.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

namespace img::web {
namespace {

/// "GET /path" of each operation. The file keeps to two spaces a level, so lines are enough.
std::set<std::string> documented(std::string_view yaml) {
    std::set<std::string> operations;
    std::istringstream lines{std::string(yaml)};
    std::string path;
    bool in_paths = false;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(' ')) {
            in_paths = line == "paths:";
        } else if (in_paths && line.starts_with("  /")) {
            path = line.substr(2, line.find(':') - 2);
        } else if (in_paths) {
            for (const auto& [key, method] : {std::pair("    get:", "GET "),
                                              {"    post:", "POST "},
                                              {"    delete:", "DELETE "},
                                              {"    put:", "PUT "}}) {
                if (line == key) {
                    operations.insert(method + path);
                }
            }
        }
    }
    return operations;
}

TEST(OpenApi, DescribesExactlyTheRoutesForPrograms) {
    testing::FakeJobStore store;
    testing::FakeJobQueue queue;
    jobs::JobFeed feed;
    jobs::Dispatcher dispatcher(store, queue, feed,
                                {.www_root = std::filesystem::temp_directory_path()});
    const auto router = make_router(std::make_shared<Site>(SiteOptions{
        .dispatcher = dispatcher, .store = store, .feed = feed, .image_types = {"raw"}}));
    // Pages are for people; they change without notice.
    const std::set<std::string> pages{"GET /",
                                      "GET /submit/",
                                      "POST /submit/",
                                      "GET /queue/",
                                      "GET /job/{id}",
                                      "POST /job/{id}/cancel",
                                      "POST /job/{id}/pin",
                                      "POST /job/{id}/unpin",
                                      "GET /images/{id}/",
                                      "GET /static/{file}"};
    std::set<std::string> routes;
    for (const auto& route : router.routes()) {
        if (!pages.contains(route)) {
            routes.insert(route);
        }
    }
    EXPECT_EQ(documented(embedded_file("openapi.yaml")), routes);
}

}  // namespace
}  // namespace img::web
