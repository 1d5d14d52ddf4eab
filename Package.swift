// swift-tools-version: 6.0
import Foundation
import PackageDescription

// Elsewhere one line, not a page of errors: the programs are made of Linux's own calls (epoll, flock, /proc, inotify).
#if !os(Linux) || !(arch(x86_64) || arch(arm64))
  FileHandle.standardError.write(
    Data("Observer runs on Linux (WSL2 too), x86-64 and arm64: it cannot be built on this system\n".utf8))
  exit(1)
#endif

/// The pure filters carry their Swift runtime with them: they start faster and run on a host without a toolchain.
/// Where the C library comes as an archive too (Debian and Ubuntu, not Fedora) they are static altogether, which
/// halves their start and their memory. The linker's remark about dlopen is left out: nothing here loads a library.
let hasStaticC = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
  .contains { FileManager.default.fileExists(atPath: $0 + "/libc.a") }
let release = BuildSettingCondition.when(platforms: [.linux], configuration: .release)
let staticRuntime: [LinkerSetting] = [.unsafeFlags(["-static-stdlib"], release)]
let standalone: [LinkerSetting] =
  hasStaticC
  ? [.unsafeFlags(["-static-executable", "-use-ld=lld", "-Xlinker", "--no-warnings"], release)]
  : staticRuntime

let package = Package(
  name: "observer",
  products: [
    .executable(name: "kis-fetch", targets: ["kis-fetch"]),
    .executable(name: "snap-validate", targets: ["snap-validate"]),
    .executable(name: "snap-guard", targets: ["snap-guard"]),
    .executable(name: "snap-enrich", targets: ["snap-enrich"]),
    .executable(name: "jsonl-sink", targets: ["jsonl-sink"]),
    .executable(name: "jsonl-verify", targets: ["jsonl-verify"]),
    .executable(name: "snap-audit", targets: ["snap-audit"]),
    .executable(name: "observer-health", targets: ["observer-health"]),
  ],
  targets: [
    .target(name: "JSONBytes"),
    .target(name: "Plumbing", dependencies: ["JSONBytes"]),
    .target(name: "Contract", dependencies: ["JSONBytes"]),
    .target(name: "Configuration", dependencies: ["JSONBytes", "Plumbing"]),
    .target(name: "Archive", dependencies: ["Plumbing"]),
    .target(name: "Inputs", dependencies: ["Archive", "Plumbing"]),
    .target(name: "Filters", dependencies: ["Contract", "Inputs", "JSONBytes", "Plumbing"]),
    .target(name: "CCurl"),
    .target(name: "Market", dependencies: ["JSONBytes", "Plumbing"]),
    .target(name: "Pages", dependencies: ["Market", "Plumbing"]),
    .target(name: "Values", dependencies: ["Contract", "JSONBytes", "Market", "Plumbing"]),
    .target(
      name: "Completeness", dependencies: ["Contract", "JSONBytes", "Market", "Pages", "Plumbing", "Values"]),
    .target(name: "Board", dependencies: ["Completeness", "JSONBytes", "Plumbing"]),
    .target(name: "Network", dependencies: ["Plumbing"]),
    .target(name: "WebSocket", dependencies: ["JSONBytes", "Network", "Plumbing"]),
    .target(
      name: "KIS",
      dependencies: ["CCurl", "Completeness", "Contract", "JSONBytes", "Market", "Network", "Plumbing"]),
    .target(
      name: "Fetch",
      dependencies: ["Board", "KIS", "WebSocket", "Market", "Configuration", "JSONBytes", "Plumbing"]),
    .target(
      name: "Health",
      dependencies: ["Archive", "Board", "Configuration", "JSONBytes", "Market", "Pages", "Plumbing"]),

    .executableTarget(
      name: "kis-fetch", dependencies: ["Fetch", "Plumbing"],
      linkerSettings: staticRuntime),
    .executableTarget(
      name: "snap-validate", dependencies: ["Filters", "Contract", "JSONBytes", "Plumbing"],
      linkerSettings: standalone),
    .executableTarget(
      name: "snap-guard",
      dependencies: ["Configuration", "Contract", "Filters", "JSONBytes", "Market", "Plumbing", "Values"],
      linkerSettings: standalone),
    .executableTarget(
      name: "snap-enrich", dependencies: ["Filters", "Contract", "JSONBytes", "Plumbing"],
      linkerSettings: standalone),
    .executableTarget(
      name: "jsonl-sink", dependencies: ["Archive", "Configuration", "Contract", "JSONBytes", "Plumbing"],
      linkerSettings: standalone),
    .executableTarget(
      name: "jsonl-verify", dependencies: ["Contract", "Inputs", "JSONBytes", "Plumbing"],
      linkerSettings: standalone),
    .executableTarget(
      name: "snap-audit",
      dependencies: ["Completeness", "Configuration", "Inputs", "JSONBytes", "Market", "Plumbing"],
      linkerSettings: standalone),
    .executableTarget(
      name: "observer-health", dependencies: ["Health", "Configuration", "JSONBytes", "Plumbing"],
      linkerSettings: staticRuntime),

    .target(name: "TestSupport", dependencies: ["Plumbing"], path: "Tests/TestSupport"),
    .testTarget(name: "JSONBytesTests", dependencies: ["JSONBytes", "TestSupport"]),
    .testTarget(name: "PlumbingTests", dependencies: ["Plumbing", "TestSupport"]),
    .testTarget(name: "ContractTests", dependencies: ["Contract", "JSONBytes", "TestSupport"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "Plumbing", "TestSupport"]),
    .testTarget(name: "ArchiveTests", dependencies: ["Archive", "Plumbing", "TestSupport"]),
    .testTarget(name: "NetworkTests", dependencies: ["Network", "Plumbing"]),
    .testTarget(name: "WebSocketTests", dependencies: ["WebSocket", "JSONBytes", "Plumbing", "TestSupport"]),
    .testTarget(
      name: "KISTests",
      dependencies: ["KIS", "Completeness", "JSONBytes", "Market", "Plumbing", "TestSupport"]),
    .testTarget(
      name: "FetchTests",
      dependencies: [
        "Board", "Configuration", "Fetch", "JSONBytes", "KIS", "Plumbing", "TestSupport", "WebSocket",
      ]),
    .testTarget(name: "CompletenessTests", dependencies: ["Completeness", "TestSupport"]),
    .testTarget(name: "BoardTests", dependencies: ["Board", "Completeness", "Plumbing"]),
    .testTarget(name: "PagesTests", dependencies: ["Market", "Pages", "Plumbing"]),
    .testTarget(name: "FilterTests", dependencies: ["TestSupport"]),
    .testTarget(
      name: "ValuesTests", dependencies: ["Contract", "JSONBytes", "Market", "Plumbing", "Values"]),
    .testTarget(name: "MarketTests", dependencies: ["Market", "Plumbing", "TestSupport"]),
    .testTarget(
      name: "HealthTests", dependencies: ["Board", "Health", "KIS", "Market", "Plumbing", "TestSupport"]),
    .testTarget(name: "PipelineTests", dependencies: ["TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)

// The fuzzer reaches into the modules (@testable), so it is built on its own: make fuzz.
if ProcessInfo.processInfo.environment["OBSERVER_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "observer-fuzz",
      dependencies: [
        "Board", "JSONBytes", "WebSocket", "KIS", "Configuration", "Contract", "Fetch", "Health", "Market",
        "Plumbing", "Values",
      ],
      path: "Tests/observer-fuzz"))
}
