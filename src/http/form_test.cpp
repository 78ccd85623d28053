#include "http/form.hpp"

#include <gtest/gtest.h>

namespace img::http {
namespace {

Request form_request(std::string type, std::string body) {
    Request request{
        .method = Method::post, .target = "/submit/", .headers = {}, .body = std::move(body)};
    request.headers.set("Content-Type", std::move(type));
    return request;
}

const std::string kMultipart = "multipart/form-data; boundary=xyz";

TEST(Form, ReadsUrlencodedFields) {
    const auto form = parse_form(form_request("application/x-www-form-urlencoded; charset=utf-8",
                                              "name=my+image&kickstart=part+%2F%0D%0A"))
                          .value();
    EXPECT_EQ(form.get("name"), "my image");
    EXPECT_EQ(form.get("kickstart"), "part /\r\n");
    EXPECT_EQ(form.find("absent"), nullptr);
}

TEST(Form, ReadsAFileWithItsBytesUntouched) {
    const std::string content = std::string("a\r\n--xy\0z\r\n", 11);
    const auto form =
        parse_form(form_request(kMultipart,
                                "--xyz\r\nContent-Disposition: form-data; name=\"file\"; "
                                "filename=\"C:\\dir\\..\\root.ks\"\r\n"
                                "Content-Type: text/plain\r\n\r\n" +
                                    content +
                                    "\r\n--xyz\r\ncontent-disposition: form-data; name=type"
                                    "\r\n\r\nraw\r\n--xyz--\r\n"))
            .value();
    EXPECT_EQ(form.get("file"), content);
    EXPECT_EQ(form.find("file")->file_name, "root.ks");
    EXPECT_EQ(form.get("type"), "raw");
}

TEST(Form, RefusesWhatIsBroken) {
    const std::string part = "Content-Disposition: form-data; name=\"a\"\r\n\r\nvalue";
    for (const auto& body :
         {std::string(), "--xyz\r\n" + part, "--xyz\r\n" + part + "\r\n--xyz", "--xyzzy\r\n" + part,
          std::string("--xyz\r\nContent-Disposition: form-data\r\n\r\nv\r\n--xyz--"),
          std::string("--xyz\r\nno header end\r\n--xyz--"), std::string("--other\r\n")}) {
        const auto form = parse_form(form_request(kMultipart, body));
        ASSERT_FALSE(form) << body;
        EXPECT_EQ(form.error().fault, Fault::invalid);
    }
}

TEST(Form, RefusesTypesThatAreNoForm) {
    EXPECT_FALSE(parse_form(form_request("application/json", "{}")));
    EXPECT_FALSE(parse_form(form_request("", "a=1")));
    EXPECT_FALSE(parse_form(form_request("multipart/form-data", "--\r\n")));
    EXPECT_FALSE(
        parse_form(form_request("multipart/form-data; boundary=" + std::string(71, 'x'), "")));
}

TEST(Form, TakesNoMoreThan64Fields) {
    std::string body;
    for (int i = 0; i < 65; ++i) {
        body += "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv\r\n";
    }
    EXPECT_FALSE(parse_form(form_request(kMultipart, body + "--xyz--")));
}

}  // namespace
}  // namespace img::http
