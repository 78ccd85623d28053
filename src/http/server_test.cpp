// The real server on a free port, asked by our client, and by raw sockets where ours is too polite.
#include "http/server.hpp"

#include "http/client.hpp"
#include "http/event_stream.hpp"
#include "http/file_response.hpp"
#include "http/router.hpp"
#include "http/stream.hpp"
#include "system/beneath.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <thread>

namespace img::http {
namespace {

namespace fs = std::filesystem;
using namespace std::literals;

std::string read_all(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Sends bytes as they are and reads until the server closes or `limit` has passed.
std::string ask_raw(std::uint16_t port, const std::string& bytes, std::chrono::milliseconds limit) {
    const system::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{.tv_sec = limit.count() / 1000, .tv_usec = limit.count() % 1000 * 1000};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return "no connection";
    }
    ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    std::string answer;
    std::array<char, 4096> piece{};
    for (ssize_t count = 1; count > 0;) {
        count = ::recv(socket.get(), piece.data(), piece.size(), 0);
        if (count < 0) {
            return answer + (errno == EAGAIN ? "[still open]" : "[reset]");
        }
        answer.append(piece.data(), static_cast<std::size_t>(count));
    }
    return answer;
}

/// A text that grows, and streams that follow it from an offset.
class GrowingText {
public:
    void append(std::string_view text, bool ends = false) {
        std::vector<std::shared_ptr<Stream>> streams;
        {
            const std::lock_guard lock(mutex_);
            text_ += text;
            has_ended_ = ends;
            for (const auto& watcher : watchers_) {
                if (auto stream = watcher.lock()) {
                    streams.push_back(std::move(stream));
                }
            }
        }
        for (const auto& stream : streams) {
            stream->wake();
        }
    }

    std::shared_ptr<Stream> follow(std::size_t offset) {
        auto stream = std::make_shared<Stream>(
            [this, offset](Stream& out) mutable {
                const std::lock_guard lock(mutex_);
                if (offset < text_.size()) {
                    const auto piece = text_.substr(offset, 7);
                    offset += piece.size();
                    out.write(
                        to_text({.name = "log", .id = std::to_string(offset), .data = piece}));
                } else if (has_ended_) {
                    out.close();
                }
            },
            ": beat\n\n");
        const std::lock_guard lock(mutex_);
        watchers_.push_back(stream);
        return stream;
    }

private:
    std::mutex mutex_;
    std::string text_;
    bool has_ended_ = false;
    std::vector<std::weak_ptr<Stream>> watchers_;
};

class ServerTest : public testing::Test {
protected:
    ServerTest() {
        std::string name = (fs::temp_directory_path() / "img-server-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        for (int i = 0; i < 300'000; ++i) {
            content_ += static_cast<char>('a' + i * 7 % 26);
        }
        std::ofstream(folder_ / "image.raw", std::ios::binary) << content_;
        std::ofstream(folder_ / "empty");
        router_.add(
            Method::get, "/files/{file}", [this](const Request& request, const Parameters& p) {
                auto file = system::open_beneath(folder_, p.at("file"));
                return file ? serve_file(request, *std::move(file), {.attachment = p.at("file")})
                            : make_response(404, "text/plain", "absent");
            });
        router_.add(Method::get, "/events", [this](const Request& request, const Parameters&) {
            auto response = make_response(200, "text/event-stream", "");
            const auto id = std::string(request.headers.get("Last-Event-ID"));
            response.body = text_.follow(id.empty() ? 0 : std::stoul(id));
            return response;
        });
        router_.add(Method::post, "/echo", [](const Request& request, const Parameters&) {
            return make_response(200, "text/plain", std::to_string(request.body.size()));
        });
        router_.add(Method::get, "/thrown", [](const Request&, const Parameters&) -> Response {
            throw std::out_of_range("/var/lib/secret");
        });
        router_.add(Method::get, "/evil-header", [](const Request&, const Parameters&) {
            auto response = make_response(200, "text/plain", "x");
            response.headers.set("X-Name", "a\r\nSet-Cookie: b");
            return response;
        });
    }
    ~ServerTest() override {
        server_.stop();
        fs::remove_all(folder_);
    }

    ServerOptions quick() {
        ServerOptions options;
        options.trouble = [this](const Error& error) { trouble_ = error.message; };
        options.read_timeout = 2s;
        options.body_max = 100'000;
        options.heartbeat = 1s;
        return options;
    }

    Client client() const {
        return Client(fmt::format("http://127.0.0.1:{}", server_.port()), {.timeout = 10s});
    }

    fs::path folder_;
    std::string content_;
    std::string trouble_;
    GrowingText text_;
    Router router_{
        [](const Request&, int status) { return make_response(status, "text/plain", "refused"); }};
    Server server_ =
        Server::start(quick(), [this](const Request& r) { return router_.handle(r); }).value();
};

TEST_F(ServerTest, SendsFilesWholeAndInPart) {
    EXPECT_EQ(client().get("/files/image.raw")->text(), content_);
    const auto part = client().get("/files/image.raw", {{"Range", "bytes=1000-200999"}}).value();
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.text(), std::string_view(content_).substr(1000, 200'000));
    EXPECT_EQ(client().get("/files/image.raw", {{"Range", "bytes=300000-"}})->status, 416);
    EXPECT_EQ(client().get("/files/empty")->text(), "");
}

TEST_F(ServerTest, AnswersAConditionalRequestWithoutABody) {
    const auto tag = std::string(client().get("/files/image.raw")->headers.get("ETag"));
    const auto again = client().get("/files/image.raw", {{"If-None-Match", tag}}).value();
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.text(), "");
}

TEST_F(ServerTest, GivesHeadTheLengthAndNoBody) {
    const auto answer =
        ask_raw(server_.port(),
                "HEAD /files/image.raw HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 5s);
    EXPECT_NE(answer.find("Content-Length: 300000\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(ServerTest, RefusesUnknownPathsAndMethods) {
    EXPECT_EQ(client().get("/nowhere")->status, 404);
    const auto wrong = client().post("/files/image.raw", "text/plain", "x").value();
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.headers.get("Allow"), "GET, HEAD");
}

TEST_F(ServerTest, RefusesABodyOverTheLimitWithASentence) {
    EXPECT_EQ(client().post("/echo", "text/plain", std::string(100'000, 'x'))->text(), "100000");
    const auto large = client().post("/echo", "text/plain", std::string(100'001, 'x')).value();
    EXPECT_EQ(large.status, 413);
    EXPECT_NE(large.text().find("100000 bytes"), std::string_view::npos);
    EXPECT_FALSE(client().post("/echo", "text/plain", std::string(200'001, 'x')));
}

TEST_F(ServerTest, TellsTheLogAndNotTheClientWhatAHandlerThrew) {
    const auto failed = client().get("/thrown").value();
    EXPECT_EQ(failed.status, 500);
    EXPECT_EQ(failed.headers.get("Content-Type"), "application/problem+json");
    EXPECT_EQ(failed.text().find("secret"), std::string_view::npos) << failed.text();
    EXPECT_EQ(trouble_, "GET /thrown: /var/lib/secret");
}

TEST_F(ServerTest, ClosesTheConnectionOfAClientThatDawdles) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(ask_raw(server_.port(), "GET /files/image.raw HTTP/1.1\r\nHost: x\r\nX-", 10s), "");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 6s);
}

TEST_F(ServerTest, ClosesTheConnectionOverAHeaderWithoutEnd) {
    const auto answer =
        ask_raw(server_.port(), "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x'), 5s);
    EXPECT_TRUE(answer.empty() || answer == "[reset]") << answer;
}

TEST_F(ServerTest, FindsNothingUnderPathsThatTryToLeave) {
    for (const auto* path :
         {"/files/../../etc/passwd", "/files/..%2f..%2fetc%2fpasswd",
          "/files/%2e%2e/%2e%2e/etc/passwd", "/files//etc/passwd", "//files/image.raw",
          "/files/image.raw%00", "/files/..", "/files/.", "/files/%2fetc%2fpasswd",
          "/files/..%5c..%5cetc", "/files/%c0%ae%c0%ae/x", "/files/..;/x"}) {
        const auto answer = client().get(path).value();
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(answer.text().find("root:"), std::string_view::npos) << path;
    }
    const auto raw = ask_raw(
        server_.port(), "GET /files/a\0b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"s, 5s);
    EXPECT_EQ(raw.find("200 OK"), std::string::npos) << raw;
}

TEST_F(ServerTest, LetsNoHeaderValueStartAHeader) {
    const auto answer = client().get("/evil-header").value();
    EXPECT_FALSE(answer.headers.has("Set-Cookie"));
    EXPECT_EQ(answer.headers.get("X-Name"), "a  Set-Cookie: b");
}

TEST_F(ServerTest, StreamsTheSameTextToManyWatchersWhileItGrows) {
    constexpr int kWatchers = 20;
    std::vector<std::string> seen(kWatchers);
    std::vector<std::jthread> watchers;
    for (int i = 0; i < kWatchers; ++i) {
        watchers.emplace_back([&, i] {
            EventReader reader(
                [&](const Event& event) { seen[static_cast<std::size_t>(i)] += event.data; });
            const auto done = client().follow(
                "/events", [&](std::string_view bytes) { return reader.add(bytes); });
            EXPECT_TRUE(done) << done.error().message;
        });
    }
    std::string text;
    for (int i = 0; i < 50; ++i) {
        const auto piece = fmt::format("piece {} of the log;", i);
        text += piece;
        text_.append(piece);
        std::this_thread::sleep_for(2ms);
    }
    text_.append("", true);
    watchers.clear();
    for (const auto& one : seen) {
        EXPECT_EQ(one, text);
    }
}

TEST_F(ServerTest, GoesOnWithAStreamAtTheOffsetThatWasSeenLast) {
    text_.append("0123456789abcdefghij");
    std::string seen;
    std::string last;
    EventReader first([&](const Event& event) {
        seen += event.data;
        last = event.id;
    });
    const auto broken = client().follow(
        "/events", [&](std::string_view bytes) { return first.add(bytes) && last.empty(); });
    ASSERT_TRUE(broken);
    EXPECT_EQ(last, std::to_string(seen.size()));
    text_.append("", true);
    EventReader second([&](const Event& event) { seen += event.data; });
    ASSERT_TRUE(client().follow("/events",
                                [&](std::string_view bytes) { return second.add(bytes); },
                                {{"Last-Event-ID", last}}));
    EXPECT_EQ(seen, "0123456789abcdefghij");
}

TEST_F(ServerTest, SendsAHeartbeatOverASilentStream) {
    std::string seen;
    ASSERT_TRUE(client().follow("/events", [&](std::string_view bytes) {
        seen += bytes;
        return false;
    }));
    EXPECT_EQ(seen, ": beat\n\n");
}

TEST_F(ServerTest, StopsWhileStreamsAreOpen) {
    std::atomic<bool> is_open = false;
    std::jthread watcher([&] {
        (void)client().follow("/events", [&](std::string_view) { return is_open = true; });
    });
    text_.append("x");
    while (!is_open) {
        std::this_thread::sleep_for(1ms);
    }
    const auto begin = std::chrono::steady_clock::now();
    server_.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    text_.append("y");
}

TEST_F(ServerTest, ClosesConnectionsOverTheLimitAndTakesThemAgainLater) {
    auto options = quick();
    options.connections_max = 1;
    auto server =
        Server::start(options, [this](const Request& r) { return router_.handle(r); }).value();
    const auto base = fmt::format("http://127.0.0.1:{}", server.port());
    std::jthread([&] {
        (void)Client(base).follow("/events", [&](std::string_view) {
            EXPECT_FALSE(Client(base).get("/files/empty"));
            return false;
        });
    }).join();
    auto later = Client(base).get("/files/empty");
    for (int tries = 0; !later && tries < 100; ++tries) {  // until the server has seen it close
        std::this_thread::sleep_for(20ms);
        later = Client(base).get("/files/empty");
    }
    EXPECT_TRUE(later);
}

TEST_F(ServerTest, SaysWhenThePortIsTaken) {
    auto options = quick();
    options.port = server_.port();
    const auto second = Server::start(options, [](const Request&) { return Response{}; });
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::transient);
    EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;
}

TEST_F(ServerTest, IsNotThereAnyMoreOnceStopped) {
    auto late = client();
    server_.stop();
    const auto answer = late.get("/files/empty");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, Fault::transient);
    EXPECT_NE(answer.error().message.find("start imgd or set IMG_SERVER"), std::string::npos);
}

TEST_F(ServerTest, LetsADownloadGoOnWhereItWasStopped) {
    const auto file = folder_ / "copy";
    const auto stopped = client().download(
        "/files/image.raw", file, [](std::uint64_t done, std::uint64_t) { return done < 1000; });
    ASSERT_FALSE(stopped);
    EXPECT_FALSE(fs::exists(file));
    const auto there = fs::file_size(file.string() + ".part");
    ASSERT_GT(there, 0u);
    ASSERT_LT(there, content_.size());
    std::uint64_t first = 0;
    const auto done =
        client().download("/files/image.raw", file, [&](std::uint64_t now, std::uint64_t total) {
            first = first == 0 ? now : first;
            EXPECT_EQ(total, content_.size());
            return true;
        });
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, 206);
    EXPECT_GT(first, there);
    EXPECT_EQ(read_all(file), content_);
    EXPECT_FALSE(fs::exists(file.string() + ".part.etag"));
}

TEST_F(ServerTest, OutlivesClientsThatHangUpInMidFile) {
    std::ofstream(folder_ / "large.raw").close();
    fs::resize_file(folder_ / "large.raw", 64 << 20);  // more than the sockets' buffers hold
    for (int i = 0; i < 5; ++i) {
        ASSERT_FALSE(client().download("/files/large.raw", folder_ / "copy",
                                       [](std::uint64_t, std::uint64_t) { return false; }));
        fs::remove(folder_ / "copy.part");
    }
    const auto after = client().get("/files/image.raw");
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(after->text(), content_);
}

TEST_F(ServerTest, BeginsADownloadAgainIfTheFileHasChanged) {
    const auto file = folder_ / "copy";
    ASSERT_FALSE(client().download("/files/image.raw", file,
                                   [](std::uint64_t, std::uint64_t) { return false; }));
    std::ofstream(folder_ / "image.raw") << "short";
    ASSERT_TRUE(client().download("/files/image.raw", file));
    EXPECT_EQ(read_all(file), "short");
    ASSERT_EQ(client().download("/files/absent", folder_ / "no")->status, 404);
    EXPECT_FALSE(fs::exists(folder_ / "no"));
    ASSERT_TRUE(client().download("/files/empty", folder_ / "none"));
    EXPECT_TRUE(fs::exists(folder_ / "none"));
}

}  // namespace
}  // namespace img::http
