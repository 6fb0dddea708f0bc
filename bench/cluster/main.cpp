// Measures nap beside Swarm and a plain client on three hosts with the same engines. Starts and
// ends all of it; needs root. See bench/README.md.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "cluster/lab.hpp"
#include "support/scratch.hpp"

namespace nap::bench {

namespace {

/// The width of UTF-8 text, as far as this table's signs go.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string padded(const std::string& text, std::size_t size) {
    return text + std::string(size - std::min(size, width(text)), ' ');
}

void print(const std::vector<Row>& rows) {
    const auto line = [](const Row& row, const std::string& verdict) {
        fmt::print("| {} | {} | {} | {} | {} |\n", padded(row.measure, 56), padded(row.peer, 9),
                   padded(row.nap, 9), padded(row.target, 16), padded(verdict, 4));
    };
    line({.measure = "measure", .peer = "beside", .nap = "nap", .target = "at most"}, "");
    fmt::print("|{:-<58}|{:-<11}|{:-<11}|{:-<18}|{:-<6}|\n", "", "", "", "", "");
    for (const Row& row : rows)
        line(row, row.met ? "ok" : "over");
}

const std::map<std::string, void (*)(Lab&, std::vector<Row>&)> parts{
    {"deploy", measure_deploy},         {"cut", measure_cut},
    {"cut-routed", measure_cut_routed}, {"cut-swarm-leader", measure_cut_of_swarm_leader},
    {"leader", measure_leader},         {"relink", measure_relink},
};

/// One image with one id on all engines, as a registry would give them.
void share_image(const Cluster& cluster) {
    const std::filesystem::path file = cluster.dir() / "image.tar";
    cluster.docker("nap1").cli({"save", "-o", file, "nap/busybox:1"});
    for (const std::string& host : test::hosts_but({"nap1"}))
        cluster.docker(host).cli({"load", "-q", "-i", file});
}

int run(const Names& wanted) {
    test::Scratch scratch("/tmp/nap-cb");
    std::vector<Row> rows;
    {
        Cluster cluster(scratch.path() / "cluster");
        cluster.up({"--swarm", "--routed", "--no-nap", "--only", "busybox"});
        share_image(cluster);
        Lab lab(cluster);
        lab.start_agents();
        for (const std::string& part : wanted)
            parts.at(part)(lab, rows);
    }
    scratch.clean_up();
    print(rows);
    return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.met; }) ? 0 : 1;
}

}  // namespace

}  // namespace nap::bench

/// 0: all targets met, 1: some missed, 2: could not measure.
int main(int argc, char** argv) {
    nap::bench::Names wanted(argv + 1, argv + argc);
    if (wanted.empty()) {
        wanted = {"deploy", "cut", "cut-routed", "cut-swarm-leader", "leader", "relink"};
    }
    for (const std::string& part : wanted) {
        if (nap::bench::parts.contains(part)) continue;
        fmt::print(stderr,
                   "usage: nap_cluster_bench [deploy] [cut] [cut-routed] "
                   "[cut-swarm-leader] [leader] [relink]\n");
        return 2;
    }
    try {
        return nap::bench::run(wanted);
    } catch (const std::exception& error) {
        fmt::print(stderr, "nap_cluster_bench: {}\n", error.what());
        return 2;
    }
}
