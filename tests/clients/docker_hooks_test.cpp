#include "clients/docker_hooks.hpp"

#include <gtest/gtest.h>

#include "clients/memory_codec.hpp"

namespace nap {
namespace {

TEST(DockerHooks, ComeBackOutOfTheirLabel) {
    Hooks hooks;
    hooks.post_start = {{.command = {"sh", "-c", "a \"b\""},
                         .user = "0",
                         .working_dir = "/x",
                         .environment = {{"A", "1=2"}},
                         .privileged = true},
                        {.command = {"b"}}};
    EXPECT_EQ(encode_hooks(hooks),
              R"({"post_start":[{"command":["sh","-c","a \"b\""],"environment":{"A":"1=2"},)"
              R"("privileged":true,"user":"0","working_dir":"/x"},{"command":["b"]}]})");
    EXPECT_EQ(decode_hooks(encode_hooks(hooks)), hooks);
    hooks.pre_stop = {{.command = {"c"}}};
    hooks.pre_stop_max = milliseconds(3000);
    EXPECT_EQ(decode_hooks(encode_hooks(hooks)), hooks);
    for (const char* bad :
         {"", "[]", "{\"post_start\": 1}", "{\"post_start\": [{\"command\": 1}]}"})
        EXPECT_TRUE(decode_hooks(bad).empty()) << bad;
}

TEST(DockerHooks, AskTheEngine) {
    EXPECT_EQ(encode_exec({.command = {"a", "b"}}),
              R"({"AttachStderr":true,"AttachStdout":true,"Cmd":["a","b"]})");
    EXPECT_EQ(encode_exec({.command = {"a"},
                           .user = "u",
                           .working_dir = "/x",
                           .environment = {{"A", "1"}},
                           .privileged = true}),
              R"({"AttachStderr":true,"AttachStdout":true,"Cmd":["a"],"Env":["A=1"],)"
              R"("Privileged":true,"User":"u","WorkingDir":"/x"})");
    const auto ended = decode_exec(R"({"Running":false,"ExitCode":3})");
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 3);
    EXPECT_FALSE(decode_exec("{}"));
}

std::string frame(char stream, const std::string& text) {
    std::string head{stream,
                     0,
                     0,
                     0,
                     0,
                     0,
                     static_cast<char>(text.size() >> 8U),
                     static_cast<char>(text.size() & 0xFFU)};
    return head + text;
}

TEST(DockerHooks, TheLastLineOfTheirOutputIsKept) {
    const std::string all = frame(1, "one\ntw") + frame(2, "o\nthree \n") + frame(1, "\n");
    for (std::size_t piece = 1; piece <= all.size(); ++piece) {
        OutputTail tail;
        for (std::size_t at = 0; at < all.size(); at += piece)
            tail.add(all.substr(at, piece));
        EXPECT_EQ(tail.last_line(), "three") << piece;
    }
    OutputTail long_one;
    for (int i = 0; i < 1000; ++i)
        long_one.add(frame(1, std::string(300, 'x')));
    EXPECT_EQ(long_one.last_line().size(), 200U);
    EXPECT_EQ(OutputTail{}.last_line(), "");
}

TEST(DockerHooks, AreRememberedOnDisk) {
    Attempts attempts;
    attempts["web/1"].hooked_run = "c1@5";
    attempts["web/1"].hook_error = "no";
    const auto read = decode_attempts(encode(attempts));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, attempts);
    attempts["web/1"] = {};
    EXPECT_EQ(encode(attempts).find("hook"), std::string::npos);
}

}  // namespace
}  // namespace nap
