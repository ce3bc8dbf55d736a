internal import ArgumentParser

/// The settings as flags; each is optional and without a default, for a default here would win over the environment and the file.
struct SettingsOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The settings file; ./replyd.yaml when it is there.", valueName: "file"))
  var config: String?
  @Option(help: ArgumentHelp("The spool folder (REPLYD_SPOOL, ./spool).", valueName: "folder"))
  var spool: String?
  @Option(help: ArgumentHelp("The folder of the ledger (REPLYD_DATA, ./data).", valueName: "folder"))
  var data: String?
  @Option(help: ArgumentHelp("How much is logged (REPLYD_LOG_LEVEL, info).", valueName: "level"))
  var logLevel: String?

  var values: [(Setting, String?)] {
    [(.spool, spool), (.data, data), (.logLevel, logLevel)]
  }
}
