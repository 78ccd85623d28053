#include "http/router.hpp"

#include <gtest/gtest.h>

namespace img::http {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef";

class RouterTest : public testing::Test {
protected:
    RouterTest() {
        const auto says = [](std::string text) {
            return [text](const Request&, const Parameters& parameters) {
                auto line = text;
                for (const auto& [name, value] : parameters) {
                    line += " " + name + "=" + value;
                }
                return make_response(200, "text/plain", line);
            };
        };
        router_.add(Method::get, "/", says("start"));
        router_.add(Method::get, "/queue/", says("queue"));
        router_.add(Method::get, "/job/{id:hex32}", says("job"));
        router_.add(Method::del, "/job/{id:hex32}", says("cancel"));
        router_.add(Method::get, "/images/{id:hex32}/{file}", says("image"));
        router_.add(Method::post, "/submit/", says("submit"));
    }

    Response ask(Method method, const std::string& target) const {
        return router_.handle({.method = method, .target = target, .headers = {}, .body = {}});
    }

    Router router_{
        [](const Request&, int status) { return make_response(status, "text/plain", "refused"); }};
};

TEST_F(RouterTest, HandsParametersOverDecoded) {
    EXPECT_EQ(ask(Method::get, "/").text(), "start");
    EXPECT_EQ(ask(Method::get, "/images/" + kId + "/a%20b.raw?x=1").text(),
              "image file=a b.raw id=" + kId);
    EXPECT_EQ(ask(Method::head, "/job/" + kId).text(), "job id=" + kId);
}

TEST_F(RouterTest, TakesAnIdOnlyInItsForm) {
    EXPECT_EQ(ask(Method::get, "/job/1").status, 404);
    EXPECT_EQ(ask(Method::get, "/job/" + kId + "0").status, 404);
    EXPECT_EQ(ask(Method::get, "/job/0123456789ABCDEF0123456789abcdef").status, 404);
}

TEST_F(RouterTest, NamesTheMethodsThatWouldDo) {
    const auto response = ask(Method::put, "/job/" + kId);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.get("Allow"), "GET, HEAD, DELETE");
}

TEST_F(RouterTest, RedirectsToThePathWithTheRightSlash) {
    EXPECT_EQ(ask(Method::get, "/queue?state=done").headers.get("Location"), "/queue/?state=done");
    EXPECT_EQ(ask(Method::get, "/job/" + kId + "/").headers.get("Location"), "/job/" + kId);
    EXPECT_EQ(ask(Method::post, "/submit").status, 404);
    EXPECT_EQ(ask(Method::get, "/nowhere").status, 404);
}

TEST_F(RouterTest, FindsNothingUnderPathsWithTricks) {
    for (const auto& path :
         {std::string("//queue/"), "/images/" + kId + "/..%2fx", "/images/" + kId + "/%00",
          "/images/" + kId + "/..", std::string("//evil.example/%2e%2e")}) {
        EXPECT_EQ(ask(Method::get, path).status, 404) << path;
    }
}

TEST_F(RouterTest, ListsItsRoutes) {
    EXPECT_EQ(router_.routes().at(3), "DELETE /job/{id}");
}

}  // namespace
}  // namespace img::http
