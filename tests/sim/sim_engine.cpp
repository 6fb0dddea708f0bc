#include "sim/sim_engine.hpp"

#include <fmt/core.h>

namespace nap::sim {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr nanoseconds read_deadline = seconds(10);
constexpr nanoseconds networks_deadline = seconds(3);
constexpr nanoseconds change_deadline = seconds(60);
constexpr nanoseconds pull_deadline = seconds(120);
constexpr milliseconds stop_margin = seconds(30);
constexpr milliseconds unknown_grace = seconds(180);

std::string short_id(const ContainerId& id) {
    return id.str().substr(0, 12);
}

class SimEventStream final : public EventStream {
  public:
    explicit SimEventStream(std::shared_ptr<Subscription> subscription)
        : subscription_(std::move(subscription)) {}

    asio::awaitable<Result<EngineEvent>> next() override {
        struct Leave {
            Subscription& subscription;
            ~Leave() { subscription.listener = nullptr; }
        };
        Wake wake(co_await asio::this_coro::executor);
        subscription_->listener = &wake;
        const Leave leave{*subscription_};
        while (subscription_->events.empty() && !subscription_->closed)
            co_await wake.wait();
        if (subscription_->events.empty()) {
            co_return Error{Errc::unreachable, "the event stream ended"};
        }
        EngineEvent event = std::move(subscription_->events.front());
        subscription_->events.pop_front();
        co_return event;
    }

  private:
    std::shared_ptr<Subscription> subscription_;
};

}  // namespace

template <class T>
void SimEngine::answer(std::shared_ptr<Pending<T>> pending, nanoseconds delay, Result<T> result) {
    auto shared = std::make_shared<Result<T>>(std::move(result));
    o_.kernel.after(delay, [run = o_.run, pending, shared] {
        run->deliver([pending, shared] { pending->reply(std::move(*shared)); });
    });
}

template <class T>
void SimEngine::arrive(std::shared_ptr<Pending<T>> pending, Fault fault, const std::string& what,
                       const Serve<T>& serve) {
    if (!o_.state.up()) {
        return answer<T>(pending, nanoseconds{0}, Error{Errc::unreachable, what + ": no engine"});
    }
    // Should the engine go down before it has answered, the connection breaks.
    const std::uint64_t cut = o_.state.on_cut([this, run = o_.run, pending, what] {
        if (!run->alive) return;
        answer<T>(pending, nanoseconds{0}, Error{Errc::unreachable, what + ": engine is gone"});
    });
    auto* state = &o_.state;
    serve(o_.state, o_.run->name, [this, state, cut, run = o_.run, pending, fault, what](auto r) {
        state->forget_cut(cut);
        if (!run->alive) return;
        if (fault == Fault::crash_after) return o_.crash();
        if (fault == Fault::answer_lost) return;
        if (fault == Fault::answer_cut) r = Error{Errc::unreachable, what + ": broken"};
        Random& chance = o_.kernel.random;
        answer<T>(pending, chance.between(microseconds(100), milliseconds(2)), std::move(r));
    });
}

template <class T>
void SimEngine::send(std::shared_ptr<Pending<T>> pending, const Request& request, Serve<T> serve) {
    if (!o_.run->alive) return;
    Random& random = o_.kernel.random;
    const Fault fault = draw_fault(random, o_.rates.engine, o_.rates.crash);
    const std::string& what = request.what;
    o_.kernel.log(fmt::format("{} {}{}", o_.run->name, what,
                              fault == Fault::none ? "" : fmt::format(" fault {}", int(fault))));
    nanoseconds delay = random.between(microseconds(100), milliseconds(2));
    switch (fault) {
        case Fault::crash_before:
            return o_.crash();
        case Fault::refused:
            return answer<T>(pending, delay, Error{Errc::unreachable, what + ": refused"});
        case Fault::lost:
            return;
        case Fault::late:
            delay = random.between(milliseconds(100), seconds(30));
            break;
        default:
            break;
    }
    auto* state = &o_.state;
    o_.kernel.after(delay,
                    [this, state, run = o_.run, pending, fault, what, serve = std::move(serve)] {
                        if (run->alive) {
                            arrive<T>(pending, fault, what, serve);
                        } else if (state->up()) {
                            serve(*state, run->name, [](const Result<T>&) {});
                        }
                    });
}

template <class T>
asio::awaitable<Result<T>> SimEngine::call(Request request, Serve<T> serve) {
    struct Leave {
        int& count;
        ~Leave() { --count; }
    };
    auto pending = std::make_shared<Pending<T>>();
    int unused = 0;
    int& under_way = request.object.empty() ? unused : under_way_[request.object];
    if (++under_way > 1) {
        o_.kernel.violate(fmt::format("{} has two changes of {} under way, the second {} (S12)",
                                      o_.run->name, request.object, request.what));
    }
    const Leave leave{under_way};
    send<T>(pending, request, std::move(serve));
    co_return co_await await_answer(pending, request.what, request.deadline);
}

asio::awaitable<Result<void>> SimEngine::change(Request request, Serve<void> serve) {
    return call<void>(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::ping() {
    Serve<void> serve = [](EngineState&, const std::string&, const Reply<void>& reply) {
        reply(Result<void>{});
    };
    return call<void>({"ping", read_deadline, ""}, std::move(serve));
}

asio::awaitable<Result<EngineInfo>> SimEngine::info() {
    Serve<EngineInfo> serve = [](EngineState& state, const std::string&,
                                 const Reply<EngineInfo>& reply) {
        EngineInfo info{.version = "20.10.24", .api_version = "1.41"};
        info.root_dir = state.root_dir();
        info.id = "engine-of-" + state.host();
        info.os = "linux";
        info.architecture = "amd64";
        info.nano_cpus = 4'000'000'000;
        info.memory_bytes = std::int64_t{8} << 30;
        reply(std::move(info));
    };
    return call<EngineInfo>({"info", read_deadline, ""}, std::move(serve));
}

asio::awaitable<Result<std::vector<ContainerSummary>>> SimEngine::list_containers() {
    using List = std::vector<ContainerSummary>;
    Serve<List> serve = [](EngineState& state, const std::string&, const Reply<List>& reply) {
        reply(state.list());
    };
    return call<List>({"list_containers", read_deadline, ""}, std::move(serve));
}

asio::awaitable<Result<ObservedContainer>> SimEngine::inspect_container(ContainerId id) {
    Serve<ObservedContainer> serve = [id](EngineState& state, const std::string&,
                                          Reply<ObservedContainer> reply) {
        state.inspect(id, std::move(reply));
    };
    return call<ObservedContainer>({"inspect " + short_id(id), read_deadline, ""},
                                   std::move(serve));
}

asio::awaitable<Result<std::vector<ObservedNetwork>>> SimEngine::list_networks() {
    using List = std::vector<ObservedNetwork>;
    Serve<List> serve = [](EngineState& state, const std::string&, const Reply<List>& reply) {
        if (!state.swarm_silent()) reply(state.networks());
    };
    return call<List>({"list_networks", networks_deadline, ""}, std::move(serve));
}

asio::awaitable<Result<std::vector<ObservedVolume>>> SimEngine::list_volumes() {
    using List = std::vector<ObservedVolume>;
    Serve<List> serve = [](EngineState& state, const std::string&, const Reply<List>& reply) {
        reply(state.volumes());
    };
    return call<List>({"list_volumes", read_deadline, ""}, std::move(serve));
}

asio::awaitable<Result<std::optional<ImageId>>> SimEngine::find_image(std::string reference) {
    using Found = std::optional<ImageId>;
    Serve<Found> serve = [reference](EngineState& state, const std::string&,
                                     const Reply<Found>& reply) { reply(state.image(reference)); };
    return call<Found>({"find_image " + reference, read_deadline, ""}, std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::create_network(NetworkSpec spec) {
    Request request{"create_network " + spec.name, change_deadline, "network " + spec.name};
    Serve<void> serve = [spec](EngineState& state, const std::string& by,
                               const Reply<void>& reply) { reply(state.create_network(by, spec)); };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::remove_network(NetworkId id) {
    Request request{"remove_network " + id.str().substr(0, 12), change_deadline, id.str()};
    Serve<void> serve = [id](EngineState& state, const std::string& by, const Reply<void>& reply) {
        reply(state.remove_network(by, id));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::create_volume(VolumeSpec spec) {
    Request request{"create_volume " + spec.name, change_deadline, "volume " + spec.name};
    Serve<void> serve = [spec](EngineState& state, const std::string& by,
                               const Reply<void>& reply) { reply(state.create_volume(by, spec)); };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::pull_image(std::string reference, std::string) {
    Request request{"pull " + reference, pull_deadline, ""};
    Serve<void> serve = [reference](EngineState& state, const std::string& by, Reply<void> reply) {
        state.pull(by, reference, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<ContainerId>> SimEngine::create_container(std::string name,
                                                                 ContainerConfig config) {
    Request request{"create " + name, change_deadline, "name " + name};
    Serve<ContainerId> serve = [name, config = std::move(config)](EngineState& state,
                                                                  const std::string& by,
                                                                  Reply<ContainerId> reply) {
        state.create(by, name, config, std::move(reply));
    };
    return call<ContainerId>(std::move(request), std::move(serve));
}

/// Files make no difference to anything that is simulated.
asio::awaitable<Result<void>> SimEngine::write_files(ContainerId id, std::vector<ContainerFile>) {
    Request request{"write files of " + short_id(id), change_deadline, id.str()};
    Serve<void> serve = [](EngineState&, const std::string&, const Reply<void>& reply) {
        reply(Result<void>{});
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::connect_network(ContainerId id, ContainerNetwork network) {
    Request request{"connect " + short_id(id) + " " + network.network, change_deadline, id.str()};
    Serve<void> serve = [id, network](EngineState& state, const std::string& by,
                                      Reply<void> reply) {
        state.connect(by, id, network, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::start_container(ContainerId id) {
    Request request{"start " + short_id(id), change_deadline, id.str()};
    Serve<void> serve = [id](EngineState& state, const std::string& by, Reply<void> reply) {
        state.start(by, id, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::unpause_container(ContainerId id) {
    Request request{"unpause " + short_id(id), change_deadline, id.str()};
    Serve<void> serve = [id](EngineState& state, const std::string& by, Reply<void> reply) {
        state.unpause(by, id, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::stop_container(ContainerId id,
                                                        std::optional<milliseconds> grace) {
    Request request{"stop " + short_id(id), grace.value_or(unknown_grace) + stop_margin, id.str()};
    Serve<void> serve = [id, grace](EngineState& state, const std::string& by, Reply<void> reply) {
        state.stop(by, id, grace, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::restart_container(ContainerId id,
                                                           std::optional<milliseconds> grace) {
    Request request{"restart " + short_id(id), grace.value_or(unknown_grace) + stop_margin,
                    id.str()};
    Serve<void> serve = [id, grace](EngineState& state, const std::string& by, Reply<void> reply) {
        state.restart(by, id, grace, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::signal_container(ContainerId id, std::string signal) {
    Request request{"signal " + short_id(id) + " " + signal, change_deadline, id.str()};
    Serve<void> serve = [id, signal](EngineState& state, const std::string& by, Reply<void> reply) {
        state.signal(by, id, signal, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<HookEnd>> SimEngine::run_hook(ContainerId id, Hook hook,
                                                     milliseconds limit) {
    Request request{"hook in " + short_id(id), limit, id.str()};
    Serve<HookEnd> serve = [id, hook](EngineState& state, const std::string& by,
                                      Reply<HookEnd> reply) {
        state.run_hook(by, id, hook, std::move(reply));
    };
    return call<HookEnd>(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::remove_container(ContainerId id) {
    Request request{"remove " + short_id(id), change_deadline, id.str()};
    Serve<void> serve = [id](EngineState& state, const std::string& by, Reply<void> reply) {
        state.remove(by, id, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<void>> SimEngine::rename_container(ContainerId id, std::string name) {
    Request request{"rename " + short_id(id) + " " + name, change_deadline, id.str()};
    Serve<void> serve = [id, name](EngineState& state, const std::string& by, Reply<void> reply) {
        state.rename(by, id, name, std::move(reply));
    };
    return change(std::move(request), std::move(serve));
}

asio::awaitable<Result<std::unique_ptr<EventStream>>> SimEngine::open_events(TimePoint since) {
    using Stream = std::shared_ptr<Subscription>;
    Serve<Stream> serve = [since, run = o_.run](EngineState& state, const std::string&,
                                                const Reply<Stream>& reply) {
        reply(state.subscribe(run, since));
    };
    Request request{"events", read_deadline, ""};
    auto subscription = co_await call<Stream>(std::move(request), std::move(serve));
    if (!subscription) co_return subscription.error();
    std::unique_ptr<EventStream> stream = std::make_unique<SimEventStream>(*subscription);
    co_return std::move(stream);
}

}  // namespace nap::sim
