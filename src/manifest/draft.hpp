#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "manifest/yaml_field.hpp"
#include "model/app_spec.hpp"
#include "model/cluster.hpp"

namespace nap {

/// The old form with services at top level, or the one with a `services:` key.
enum class ManifestForm { version1, services };

/// One entry of `links` or `depends_on`, kept until every service is known.
struct Dependency {
    std::string service;
    std::string target;
    YamlPosition position;
    std::string path;
    bool required = true;  ///< false: it may be missing
};

/// What constraints say of one attribute: the value it must have, and those it must not have.
struct ConstraintClaim {
    std::optional<std::string> equal;
    std::set<std::string> unequal;
};
using ConstraintClaims = std::map<std::string, ConstraintClaim>;  ///< by attribute

/// The spec while it is being read, with what the checks of the whole app need besides.
struct Draft {
    const ManifestText* manifest = nullptr;  ///< what is being read, for the files beside it
    ManifestForm form = ManifestForm::services;
    AppSpec spec;
    std::map<std::string, NetworkSpec> networks_declared;
    std::map<std::string, VolumeSpec> volumes_declared;
    std::set<std::string> services_seen;  ///< also those with errors in them
    std::vector<Dependency> dependencies;
    std::map<std::string, std::string> container_names;  ///< → path of the service that took it
    std::size_t ports = 0;                               ///< published and exposed, of all services
    std::set<std::string> asked;  ///< paths in the project directory that it names
    std::size_t bound_bytes = 0;  ///< of files that are mounted
    ConstraintClaims claims;      ///< of all services, where they are kept together
    std::map<std::string, std::string> configs_declared;  ///< content by name
    std::map<std::string, std::string> secrets_declared;  ///< content by name
    std::map<std::string, YamlPosition> left_out;  ///< services whose profiles are off: of those
    std::set<std::string> restarts_said;           ///< services that say when they are restarted
};

/// A range counts as its ports. Keeps the spec of any manifest to some megabytes.
inline constexpr std::size_t ports_max = 20'000;

// Each reads one field of a service into `service`, and reports what is wrong with it.
void read_ports(const YamlField& field, Draft& draft, ServiceSpec& service);
void read_expose(const YamlField& field, Draft& draft, ServiceSpec& service);
void read_volumes(const YamlField& field, Draft& draft, ServiceSpec& service);
/// What is asked of a mount from the app's project directory.
enum class Writing { unsaid, wanted };
/// Settles a mount of kind `project`: its files, or, for a folder that has none, a volume. False,
/// and said so, when it can be neither.
bool bind_files(const YamlField& field, Writing writing, MountSpec& mount, Draft& draft);
void read_volumes_from(const YamlField& field, const std::string& name, Draft& draft);
/// `post_start` and `pre_stop`.
void read_hooks(const YamlField& field, Hooks& hooks);
/// A command line; nullopt when it is null, or wrong, which is then said.
[[nodiscard]] std::optional<std::vector<std::string>> read_command(const YamlField& field);
/// The text of the `seccomp` profile in a file of the project directory; empty, and said so, when
/// there is none.
[[nodiscard]] std::string read_profile(const YamlField& field, const std::string& path,
                                       Draft& draft);
void read_service_networks(const YamlField& field, Draft& draft, ServiceSpec& service);
void join_default_network(Draft& draft, ServiceSpec& service);
void read_extra_hosts(const YamlField& field, ServiceSpec& service);
void read_healthcheck(const YamlField& field, ServiceSpec& service);
void read_restart(const YamlField& field, ServiceSpec& service);
void read_deploy(const YamlField& field, Draft& draft, ServiceSpec& service);
void read_x_nap(const YamlField& field, ServiceSpec& service);
/// All that limits or sets aside memory and cores, of the service that `field` is.
void read_resources(const YamlField& field, ServiceSpec& service);

/// What goes to the engine as it is.
void read_options(const YamlField& field, Draft& draft, ServiceSpec& service);
void read_devices(const YamlField& field, ContainerOptions& options);
void read_pull_policy(const YamlField& field, ServiceSpec& service);
/// Network, pid, ipc and other namespaces; last, as they exclude other keys.
void read_modes(const YamlField& field, const std::string& name, Draft& draft);
/// `links` and `depends_on`.
void read_dependencies(const YamlField& field, const std::string& name, Draft& draft);
/// Whether none of the service's profiles is on, which is then said.
bool is_left_out(const YamlField& field, const std::string& name, Draft& draft);

/// Configs, or secrets.
struct FileKind {
    const char* section;
    const char* folder;  ///< where files go that say nothing else
    std::map<std::string, std::string> Draft::*declared;
};
extern const FileKind configs_kind;
extern const FileKind secrets_kind;
void read_files_declared(const YamlField& field, const FileKind& kind, Draft& draft);
void read_files(const YamlField& field, const FileKind& kind, const Draft& draft,
                ServiceSpec& service);

/// Reads a service and adds it to the draft.
void read_service(const YamlField& field, const std::string& name, Draft& draft);

/// `x-nap` at top level.
void read_app_x_nap(const YamlField& field, AppSpec& spec);

/// The top-level sections of the `services:` form.
void read_networks(const YamlField& field, Draft& draft);
void read_volumes_declared(const YamlField& field, Draft& draft);

/// Labels without a value are empty; variables of `environment` without one would be those of a
/// shell, and are left out with a warning.
enum class PairValues { required, optional, of_shell };

/// A mapping of scalars, or a list of `key=value`. Never shows a value in an error.
[[nodiscard]] StringMap read_pairs(const YamlField& field, PairValues values);
[[nodiscard]] StringMap read_labels(const YamlField& field);
[[nodiscard]] std::optional<milliseconds> read_duration(const YamlField& field);

/// Links and dependencies name other services and form no cycle.
void check_dependencies(const Draft& draft, ErrorSink& errors);
/// What the conditions of `depends_on` ask of the services they name.
void settle_conditions(Draft& draft, ErrorSink& errors);
/// Takes services out whose profiles are off; others must not need them.
void drop_left_out(Draft& draft, ErrorSink& errors);

}  // namespace nap
