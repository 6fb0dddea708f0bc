#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/random.hpp"

namespace nap::sim {

/// One service as its manifest wants it. `mark` is in its environment and changes with each change
/// that has to recreate containers, so that a container tells what it was made from.
struct WantedService {
    std::string image;
    std::string mark;
    int replicas = 1;
    std::vector<std::string> needs;
    std::string network;
    std::string volume;
    int port = 0;
    bool checked = false;
    bool slow_to_stop = false;

    friend bool operator==(const WantedService&, const WantedService&) = default;
};

struct WantedApp {
    std::map<std::string, WantedService> services;
    bool version_1 = false;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] const WantedService* find(const std::string& service, int slot) const {
        const auto found = services.find(service);
        const bool wanted = found != services.end() && slot <= found->second.replicas;
        return wanted ? &found->second : nullptr;
    }
};

/// Makes up manifests, and changes of them. What is in them is known without reading them.
class AppMaker {
  public:
    explicit AppMaker(Random& random) : random_(random) {}

    /// `index` is this app's own, so that no two apps want the same port.
    WantedApp make(int index);
    WantedApp change(const WantedApp& app);
    /// A text that is no valid manifest.
    std::string garbage();

  private:
    WantedService service(int port, const std::set<std::string>& others, bool version_1);
    std::string mark() { return "m" + std::to_string(++marks_); }

    Random& random_;
    int marks_ = 0;
};

[[nodiscard]] const std::vector<std::string>& image_names();

}  // namespace nap::sim
