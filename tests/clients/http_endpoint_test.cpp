#include <gtest/gtest.h>

#include "clients/http.hpp"

namespace nap {

TEST(HttpEndpoint, ReadsEveryForm) {
    struct Case {
        const char* text;
        const char* path;
        const char* host;
        int port;
        bool tls;
    };
    for (const Case& expected : {
             Case{"unix:///run/docker.sock", "/run/docker.sock", "localhost", 0, false},
             Case{"http://127.0.0.1:8500", "", "127.0.0.1", 8500, false},
             Case{"http://127.0.0.1:8500/", "", "127.0.0.1", 8500, false},
             Case{"127.0.0.1:8501", "", "127.0.0.1", 8501, false},
             Case{"consul", "", "consul", 99, false},
             Case{"tcp://docker:2376", "", "docker", 2376, false},
             Case{"https://consul.example:8501", "", "consul.example", 8501, true},
             Case{"https://[2001:db8::1]:8501", "", "2001:db8::1", 8501, true},
             Case{"http://[::1]", "", "::1", 99, false},
         }) {
        const auto endpoint = parse_endpoint(expected.text, 99);
        ASSERT_TRUE(endpoint) << expected.text;
        EXPECT_EQ(endpoint->socket_path, expected.path) << expected.text;
        EXPECT_EQ(endpoint->host, expected.host) << expected.text;
        EXPECT_EQ(endpoint->port, expected.port) << expected.text;
        EXPECT_EQ(endpoint->tls, expected.tls) << expected.text;
    }
}

TEST(HttpEndpoint, RefusesTheRest) {
    for (const std::string text :
         {"", "http://", "ftp://x", "unix://relative", "http://x:0", "http://x:65536",
          "http://x:", "http://x:1a", "http://[::1", "http://a b:1", "http://x\r\nHost:1",
          "http://u@h:1", "http://x/path"}) {
        const auto endpoint = parse_endpoint(text, 99);
        ASSERT_FALSE(endpoint) << text;
        EXPECT_EQ(endpoint.error().code, Errc::rejected);
    }
    EXPECT_FALSE(parse_endpoint("unix:///" + std::string(108, 'x'), 99));
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a b/c?d#e%\r\n"), "a%20b%2Fc%3Fd%23e%25%0D%0A");
    EXPECT_EQ(percent_encode("a/b:c", "/"), "a/b%3Ac");
    EXPECT_EQ(percent_encode("\xc3\xa9"), "%C3%A9");
}

}  // namespace nap
