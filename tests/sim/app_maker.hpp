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
    bool hooked = false;  ///< commands are run in it
    bool global = false;  ///< one on each node: `replicas` then is their number
    bool stops = false;   ///< `partition: stop`: never two of an instance

    friend bool operator==(const WantedService&, const WantedService&) = default;
};

struct WantedApp {
    std::map<std::string, WantedService> services;
    bool version_1 = false;
    bool colocate = false;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] const WantedService* find(const std::string& service, int slot) const {
        const auto found = services.find(service);
        // The slots of a global service may have gaps.
        const bool wanted =
            found != services.end() && (found->second.global || slot <= found->second.replicas);
        return wanted ? &found->second : nullptr;
    }
};

/// Makes up manifests, and changes of them. What is in them is known without reading them.
class AppMaker {
  public:
    /// `splits`: services that talk to each other may be on several hosts.
    AppMaker(Random& random, int hosts, bool splits)
        : random_(random), hosts_(hosts), splits_(splits) {}

    /// `index` is this app's own, so that no two apps want the same port.
    WantedApp make(int index);
    WantedApp change(const WantedApp& app);
    /// A text that is no valid manifest.
    std::string garbage();

  private:
    WantedService service(int port, const std::set<std::string>& others, const WantedApp& app);
    std::string mark() { return "m" + std::to_string(++marks_); }

    Random& random_;
    int hosts_;
    bool splits_;
    std::map<int, bool> colocated_;  ///< by app; for good, as an app that is spread stays so
    int marks_ = 0;
};

[[nodiscard]] const std::vector<std::string>& image_names();

}  // namespace nap::sim
