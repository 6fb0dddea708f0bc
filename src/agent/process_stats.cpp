#include "agent/process_stats.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace nap {

namespace {

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type,
                                double value) {
    prometheus::ClientMetric metric;
    if (type == prometheus::MetricType::Counter) {
        metric.counter.value = value;
    } else {
        metric.gauge.value = value;
    }
    return {name, help, type, {metric}};
}

struct Stat {
    double cpu_seconds = 0;
    double start_seconds = 0;  ///< since boot
    double virtual_bytes = 0;
    double resident_bytes = 0;
};

std::optional<Stat> read_stat() {
    std::ifstream in("/proc/self/stat");
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    // The second field is the name in brackets and may hold anything; the rest follows it.
    const std::size_t after_name = line.rfind(')');
    if (after_name == std::string::npos) return std::nullopt;
    std::istringstream fields(line.substr(after_name + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    for (int i = 0; i < 6; ++i)
        fields >> skipped;
    double start = 0;
    double pages = 0;
    Stat stat;
    fields >> start >> stat.virtual_bytes >> pages;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    stat.cpu_seconds = (user + system) / ticks;
    stat.start_seconds = start / ticks;
    stat.resident_bytes = pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
    return stat;
}

double boot_time_seconds() {
    std::ifstream in("/proc/stat");
    std::string word;
    while (in >> word) {
        double value = 0;
        if (word == "btime" && in >> value) return value;
    }
    return 0;
}

double open_descriptors() {
    std::error_code error;
    double count = 0;
    for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        count += 1;
    }
    return count;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessStats::Collect() const {
    using prometheus::MetricType;
    std::vector<prometheus::MetricFamily> families;
    if (const auto stat = read_stat()) {
        families.push_back(family("process_cpu_seconds_total", "User and system CPU time used.",
                                  MetricType::Counter, stat->cpu_seconds));
        families.push_back(family("process_resident_memory_bytes", "Resident memory size.",
                                  MetricType::Gauge, stat->resident_bytes));
        families.push_back(family("process_virtual_memory_bytes", "Virtual memory size.",
                                  MetricType::Gauge, stat->virtual_bytes));
        families.push_back(family("process_start_time_seconds",
                                  "Start time of the process since the Unix epoch.",
                                  MetricType::Gauge, boot_time_seconds() + stat->start_seconds));
    }
    families.push_back(family("process_open_fds", "Open file descriptors.", MetricType::Gauge,
                              open_descriptors()));
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    families.push_back(family("process_max_fds", "Most file descriptors that may be open.",
                              MetricType::Gauge, static_cast<double>(limit.rlim_cur)));
    return families;
}

}  // namespace nap
