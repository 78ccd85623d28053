// docs/openapi.yaml describes the routes that there are, all of them and no others.
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "web/assets.hpp"
#include "web/site.hpp"
#include "web/upload_api.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <sstream>
#include <yaml-cpp/yaml.h>

namespace img::web {
namespace {

YAML::Node description() {
    return YAML::Load(std::string(embedded_file("openapi.yaml")));
}

/// "GET /path" of each operation.
std::set<std::string> documented() {
    std::set<std::string> operations;
    for (const auto& path : description()["paths"]) {
        for (const auto& entry : path.second) {
            auto method = entry.first.as<std::string>();
            std::ranges::transform(method, method.begin(), [](unsigned char c) {
                return static_cast<char>(std::toupper(c));
            });
            if (method != "PARAMETERS") {
                operations.insert(method + " " + path.first.as<std::string>());
            }
        }
    }
    return operations;
}

/// Calls visit(key, value) for all that is in it; the members of a list have the list's key.
template <typename Visit>
void for_each(const YAML::Node& node, const std::string& key, const Visit& visit) {
    if (!node.IsMap() && !node.IsSequence()) {
        visit(key, node);
    } else if (node.IsMap()) {
        for (const auto& entry : node) {
            for_each(entry.second, entry.first.as<std::string>(), visit);
        }
    } else {
        for (const auto& entry : node) {
            for_each(entry, key, visit);
        }
    }
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
    EXPECT_EQ(routes.size() + pages.size(), router.routes().size()) << "a page that is none";
    for (auto& route : upload_routes()) {
        routes.insert(std::move(route));
    }
    EXPECT_EQ(documented(), routes);
}

TEST(OpenApi, RefersToNothingThatIsNotThere) {
    const auto whole = description();
    for_each(whole, "", [&](const std::string& key, const YAML::Node& value) {
        // A comma between braces begins a new key, unless the text stands in quotes.
        ASSERT_TRUE(value.IsScalar()) << "\"" << key << "\" has no value";
        if (key != "$ref") {
            return;
        }
        std::istringstream parts(value.as<std::string>());
        std::string part;
        ASSERT_TRUE(std::getline(parts, part, '/') && part == "#") << value;
        auto place = YAML::Clone(whole);
        while (std::getline(parts, part, '/')) {
            place.reset(place[part]);
            ASSERT_TRUE(place.IsDefined()) << value;
        }
    });
}

}  // namespace
}  // namespace img::web
