import Testing

/// Runs the tests that are linked with it, as `swift test` does: it would build all of replyd, optimised, for those of one module.
@main struct EntryPoint {
  static func main() async { await Testing.__swiftPMEntryPoint() as Never }
}
