#include "client/client_options.hpp"

#include "client/client.hpp"

#include <gtest/gtest.h>
#include <sstream>

namespace img::client {
namespace {

Options read(const std::vector<std::string>& arguments) {
    return std::get<Options>(read_options(arguments).value());
}

TEST(ClientOptions, AreTheOriginals) {
    const auto sent = std::get<Submission>(read({"-a", "-t", "vdi", "phone.ks"}).what);
    EXPECT_EQ(sent.file, "phone.ks");
    EXPECT_EQ(sent.type, "vdi");
    EXPECT_EQ(std::get<Submission>(read({"phone.ks", "--async"}).what).type, "raw");
    const auto named = std::get<Submission>(
        read({"-a", "-n", "n", "-e", "a@b", "--priority", "-3", "--fresh", "phone.ks"}).what);
    EXPECT_EQ(named.name, "n");
    EXPECT_EQ(named.email, "a@b");
    EXPECT_EQ(named.priority, -3);
    EXPECT_TRUE(named.is_fresh);
    const auto asked = std::get<Poll>(read({"-p", "7c9e", "--wait"}).what);
    EXPECT_EQ(asked.id, "7c9e");
    EXPECT_TRUE(asked.waits);
    EXPECT_EQ(read({"--poll", "x", "--broker", "amqp://h"}).broker, "amqp://h");
}

TEST(ClientOptions, EndWithUsageWhereTheyMakeNoSense) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"a.ks"},
                                               {"-a"},
                                               {"-p"},
                                               {"-a", "-p", "x", "a.ks"},
                                               {"-p", "x", "a.ks"},
                                               {"-a", "--wait", "a.ks"},
                                               {"-a", "a.ks", "b.ks"},
                                               {"-x"},
                                               {"-a", "--priority", "11", "a.ks"}}) {
        std::ostringstream out, err;
        EXPECT_EQ(
            run(arguments,
                {.out = out, .err = err, .variable = [](const char*) { return std::string(); }}),
            2)
            << (arguments.empty() ? "" : arguments[0]);
        EXPECT_EQ(out.str(), "");
        EXPECT_TRUE(err.str().starts_with("img-client: ")) << err.str();
    }
}

TEST(ClientOptions, CanBeAskedFor) {
    std::ostringstream out, err;
    EXPECT_EQ(run({"--help"},
                  {.out = out, .err = err, .variable = [](const char*) { return std::string(); }}),
              0);
    EXPECT_NE(out.str().find("IMG_BROKER"), std::string::npos);
}

TEST(ClientOptions, SaysWhichProgramItIs) {
    std::ostringstream out, err;
    EXPECT_EQ(run({"--version"},
                  {.out = out, .err = err, .variable = [](const char*) { return std::string(); }}),
              0);
    EXPECT_TRUE(out.str().starts_with("img-client ")) << out.str();
}

TEST(Client, TellsOfAWrongFileBeforeItLooksForABroker) {
    std::ostringstream out, err;
    const auto nothing = [](const char*) { return std::string(); };
    EXPECT_EQ(client::run({"-a", "/no/such.ks", "--broker", "amqp://u:p@127.0.0.1:1/v"},
                          {.out = out, .err = err, .variable = nothing}),
              3);
    EXPECT_EQ(err.str(), "img-client: /no/such.ks: there is no such file\n");
}

}  // namespace
}  // namespace img::client
