#include "http/stream.hpp"

#include <deque>
#include <gtest/gtest.h>

namespace img::http {
namespace {

/// A connection that the test turns by hand.
struct Wire {
    std::deque<std::function<void()>> tasks;
    std::deque<std::function<void(bool)>> unsent;
    std::string bytes;
    bool is_finished = false;

    void run() {
        while (!tasks.empty()) {
            const auto task = std::move(tasks.front());
            tasks.pop_front();
            task();
        }
    }
    void take(bool ok = true) {
        const auto sent = std::move(unsent.front());
        unsent.pop_front();
        sent(ok);
        run();
    }
};

class HandOutlet : public Outlet {
public:
    explicit HandOutlet(Wire& wire) : wire_(wire) {}
    void post(std::function<void()> task) override { wire_.tasks.push_back(std::move(task)); }
    void send(std::string bytes, std::function<void(bool)> sent) override {
        wire_.bytes += bytes;
        wire_.unsent.push_back(std::move(sent));
    }
    void finish() override { wire_.is_finished = true; }

private:
    Wire& wire_;
};

TEST(Stream, AsksForMoreOnlyWhenTheClientHasTakenWhatWasWritten) {
    Wire wire;
    int calls = 0;
    const auto stream = std::make_shared<Stream>([&](Stream& s) {
        ++calls;
        EXPECT_TRUE(s.write("x"));
    });
    stream->attach(std::make_unique<HandOutlet>(wire));
    wire.run();
    EXPECT_EQ(calls, 1);
    stream->wake();
    stream->wake();
    wire.run();
    EXPECT_EQ(calls, 1);
    wire.take();
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(wire.bytes, "xx");
}

TEST(Stream, SleepsWhileThereIsNothingToWrite) {
    Wire wire;
    int calls = 0;
    const auto stream = std::make_shared<Stream>([&](Stream&) { ++calls; });
    stream->attach(std::make_unique<HandOutlet>(wire));
    wire.run();
    stream->wake();
    stream->wake();
    wire.run();
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(wire.bytes, "");
}

TEST(Stream, SendsItsLastBytesBeforeItEnds) {
    Wire wire;
    const auto stream = std::make_shared<Stream>([](Stream& s) {
        EXPECT_TRUE(s.write("end"));
        s.close();
        EXPECT_FALSE(s.write("more"));
    });
    stream->attach(std::make_unique<HandOutlet>(wire));
    wire.run();
    EXPECT_EQ(wire.bytes, "end");
    EXPECT_FALSE(wire.is_finished);
    EXPECT_TRUE(stream->is_closed());
    EXPECT_FALSE(stream->is_finished());
    wire.take();
    EXPECT_TRUE(stream->is_finished());
    EXPECT_TRUE(wire.is_finished);
}

TEST(Stream, HoldsNoMoreThanItsBacklog) {
    Wire wire;
    const auto stream = std::make_shared<Stream>([](Stream& s) {
        EXPECT_TRUE(s.write(std::string(Stream::kBacklogMax, 'x')));
        EXPECT_FALSE(s.write("y"));
    });
    stream->attach(std::make_unique<HandOutlet>(wire));
    wire.run();
    EXPECT_EQ(wire.bytes.size(), Stream::kBacklogMax);
}

TEST(Stream, LetsGoOfWhatItKeptWhenTheConnectionBreaks) {
    Wire wire;
    const auto kept = std::make_shared<int>(1);
    const auto stream = std::make_shared<Stream>([](Stream& s) { EXPECT_TRUE(s.write("x")); });
    stream->keep(kept);
    stream->attach(std::make_unique<HandOutlet>(wire));
    wire.run();
    EXPECT_EQ(kept.use_count(), 2);
    wire.take(false);
    EXPECT_EQ(kept.use_count(), 1);
    EXPECT_TRUE(stream->is_closed());
    stream->wake();
    EXPECT_TRUE(wire.tasks.empty());
}

TEST(Stream, BeatsOnlyInSilence) {
    Wire wire;
    const auto stream = std::make_shared<Stream>([](Stream&) {}, ": beat\n\n");
    stream->attach(std::make_unique<HandOutlet>(wire));
    wire.run();
    const auto now = std::chrono::steady_clock::now();
    stream->beat(now, std::chrono::seconds(15));
    EXPECT_EQ(wire.bytes, "");
    stream->beat(now + std::chrono::seconds(20), std::chrono::seconds(15));
    EXPECT_EQ(wire.bytes, ": beat\n\n");
}

}  // namespace
}  // namespace img::http
