// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// A verb of the design: a folder in Sources, with the tests of the same name beside it.
func verb(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: readmes[name] ?? [], swiftSettings: strict)
}

func tests(of name: String, with dependencies: [Target.Dependency] = [], beside tables: [String] = []) -> Target {
  .testTarget(name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: tables, swiftSettings: strict)
}

let readmes = ["Spooling": ["README.md"], "Recording": ["README.md"], "Processing": ["README.md"]]

let locks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "replyd",
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
    .systemLibrary(name: "CLinux"),

    verb(
      "Receiving",
      uses: [
        "CLinux", "Spooling", hummingbird, hummingbirdCore, httpTypes, nio, .product(name: "NIOHTTP1", package: "swift-nio"), crypto,
        locks, logging, lifecycle,
      ]),
    verb("Spooling", uses: ["CLinux", crypto, locks]),
    verb("Watching", uses: ["CInotifyTools", locks]),
    verb("Parsing"),
    verb("Deciding", uses: ["Parsing"]),
    verb("Transferring", uses: ["CCurl", locks]),
    verb("Replying", uses: ["Parsing", "Transferring", yaml, locks]),
    verb("Sending", uses: ["Parsing", "Transferring"]),
    verb(
      "Recording",
      uses: [.product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"), crypto, locks]),
    verb(
      "Processing",
      uses: [
        "Deciding", "Parsing", "Recording", "Replying", "Sending", "Spooling", "Watching", crypto, locks, logging, lifecycle,
      ]),
    verb("Serving", uses: ["Recording", hummingbird, httpTypes, nio, crypto, locks, logging]),
    verb("Simulating", uses: ["Transferring", hummingbird, httpTypes, nio, crypto, locks, logging, lifecycle]),
    .executableTarget(
      name: "replyd",
      dependencies: [
        "Deciding", "Parsing", "Processing", "Receiving", "Recording", "Replying", "Sending", "Serving", "Simulating", "Spooling",
        "Transferring", "Watching", hummingbird,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"), crypto, lifecycle, locks, logging, yaml,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Measuring",
      dependencies: [
        "CLinux", "Parsing", "Receiving", "Spooling", "Transferring", hummingbird, crypto, lifecycle, logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),

    tests(of: "Receiving", with: ["Spooling", hummingbird, hummingbirdTesting, httpTypes, nio, crypto, logging]),
    tests(of: "Spooling", with: [crypto, locks]),
    tests(of: "Measuring", with: ["Parsing", "Receiving"]),
    tests(of: "Watching"),
    tests(of: "Parsing"),
    tests(of: "Deciding", with: ["Parsing"]),
    tests(of: "Transferring"),
    tests(of: "Replying", with: ["Transferring"]),
    tests(of: "Sending", with: ["Transferring"]),
    tests(of: "Recording", with: [.product(name: "GRDB", package: "GRDB.swift"), locks]),
    tests(
      of: "Processing",
      with: [
        "Parsing", "Deciding", "Recording", "Replying", "Sending", "Simulating", "Spooling", "Transferring", locks, logging,
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
      ], beside: ["error-table.txt"]),
    tests(of: "Serving", with: ["Recording", hummingbird, hummingbirdTesting, httpTypes, nio, crypto, logging]),
    tests(of: "Simulating", with: ["Transferring", logging, lifecycle]),
    .testTarget(
      name: "replydTests",
      dependencies: [
        "replyd", "Simulating", "Spooling", "Receiving", "Recording", "Transferring", .product(name: "GRDB", package: "GRDB.swift"), locks,
      ],
      exclude: ["integration-guide.md"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
