#include "sim/app_maker.hpp"

#include <fmt/core.h>

namespace nap::sim {

const std::vector<std::string>& image_names() {
    static const std::vector<std::string> names{"one:1", "two:1", "three:1"};
    return names;
}

std::string WantedApp::text() const {
    std::string text = version_1 ? "" : "services:\n";
    if (colocate) text = "x-nap: {colocate: true}\n" + text;
    const std::string in = version_1 ? "" : "  ";
    std::set<std::string> networks;
    std::set<std::string> volumes;
    for (const auto& [name, service] : services) {
        text +=
            fmt::format("{0}{1}:\n{0}  image: {2}\n{0}  environment: {{MARK: {3}{4}}}\n", in, name,
                        service.image, service.mark, service.stops ? ", STOPS: 'yes'" : "");
        if (!service.needs.empty()) {
            text += in + "  " + (version_1 ? "links:" : "depends_on:") + "\n";
            for (const std::string& need : service.needs)
                text += fmt::format("{}    - {}\n", in, need);
        }
        if (service.stops) text += in + "  x-nap: {partition: stop}\n";
        if (service.global) {
            text += in + "  deploy: {mode: global}\n";
        } else if (service.replicas != 1) {
            text += fmt::format("{}  deploy: {{replicas: {}}}\n", in, service.replicas);
        }
        if (service.port > 0) text += fmt::format("{}  ports: ['{}:80']\n", in, service.port);
        if (service.checked) {
            text += in + "  healthcheck: {test: [CMD, check], interval: 1s}\n";
        }
        if (service.hooked) {
            text += in + "  post_start: [{command: 'true'}]\n";
            text += in + "  pre_stop: [{command: 'true'}]\n";
        }
        if (service.slow_to_stop) text += in + "  stop_grace_period: 3s\n";
        if (!service.volume.empty()) {
            text += fmt::format("{}  volumes: ['{}:/data']\n", in, service.volume);
            volumes.insert(service.volume);
        }
        if (!service.network.empty()) {
            text += fmt::format("{}  networks: [{}]\n", in, service.network);
            networks.insert(service.network);
        }
    }
    if (!networks.empty()) text += "networks:\n";
    for (const std::string& network : networks)
        text += fmt::format("  {}: {{}}\n", network);
    if (!volumes.empty() && !version_1) {
        text += "volumes:\n";
        for (const std::string& volume : volumes)
            text += fmt::format("  {}: {{}}\n", volume);
    }
    return text;
}

WantedService AppMaker::service(int port, const std::set<std::string>& others,
                                const WantedApp& app) {
    const bool version_1 = app.version_1;
    WantedService service;
    service.image = random_.pick(image_names());
    service.mark = mark();
    for (const std::string& other : others) {
        if (random_.chance(300)) service.needs.push_back(other);
    }
    if (!version_1 && random_.chance(400)) service.replicas = static_cast<int>(random_.below(4));
    if (!version_1 && random_.chance(400)) service.network = random_.chance(500) ? "front" : "back";
    if (random_.chance(200)) service.volume = "data";
    if (service.replicas == 1 && random_.chance(300)) service.port = port;
    if (!version_1 && !app.colocate && random_.chance(100)) {
        service.global = true;
        service.replicas = hosts_;
        service.port = 0;
    }
    service.stops = hosts_ > 1 && !service.global && random_.chance(300);
    service.checked = random_.chance(200);
    service.slow_to_stop = random_.chance(200);
    service.hooked = random_.chance(150);
    return service;
}

WantedApp AppMaker::make(int index) {
    WantedApp app;
    app.version_1 = random_.chance(250);
    const bool colocated = random_.chance(200);
    app.colocate = colocated_.try_emplace(index, colocated).first->second;
    if (!splits_) app.colocate = hosts_ > 1;
    std::set<std::string> others;
    const std::size_t count = 1 + random_.below(3);
    const std::vector<std::string> names{"db", "web", "worker"};
    for (std::size_t i = 0; i < count; ++i) {
        const int port = 20000 + index * 10 + static_cast<int>(i);
        app.services[names[i]] = service(port, others, app);
        others.insert(names[i]);
    }
    return app;
}

WantedApp AppMaker::change(const WantedApp& app) {
    WantedApp changed = app;
    auto& [name, service] =
        *std::next(changed.services.begin(),
                   static_cast<std::ptrdiff_t>(random_.below(changed.services.size())));
    const bool may_scale = !app.version_1 && service.port == 0 && !service.global;
    switch (random_.below(may_scale ? 4 : 2)) {
        case 0:
            service.mark = mark();
            break;
        case 1:
            service.image = random_.pick(image_names());
            service.mark = mark();
            break;
        case 2:
            service.replicas = static_cast<int>(random_.below(5));
            break;
        default:
            service.network = service.network.empty() ? "front" : "";
            service.mark = mark();
            break;
    }
    return changed;
}

std::string AppMaker::garbage() {
    static const std::vector<std::string> texts{
        "",
        "services:\n  web: {}\n",
        "{",
        "services: [1, 2]\n",
        "web:\n  image: one:1\n  imagee: x\n",
        "services:\n  web:\n    image: one:1\n    annotations: {b: c}\n",
        std::string(300'000, '#'),
        "\xff\xfe",
        "services:\n  web:\n    image: one:1\n    links: [nobody]\n"};
    return random_.pick(texts);
}

}  // namespace nap::sim
