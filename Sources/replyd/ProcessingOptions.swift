internal import ArgumentParser

/// The settings of a processor as flags.
struct ProcessingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where replies are sent (META_GRAPH_URL).", valueName: "url"))
  var graphURL: String?
  @Option(help: ArgumentHelp("How long an outcome may be unknown (REPLYD_SEND_GRACE, 10m).", valueName: "time"))
  var sendGrace: String?
  @Option(help: ArgumentHelp("How long a customer must be quiet (REPLYD_QUIET_PERIOD, 2s).", valueName: "time"))
  var quietPeriod: String?
  @Option(help: ArgumentHelp("How many conversations run at once (REPLYD_PROCESS_TURNS, 1000).", valueName: "count"))
  var turns: String?

  var values: [(Setting, String?)] {
    [(.graphURL, graphURL), (.sendGrace, sendGrace), (.quietPeriod, quietPeriod), (.turns, turns)]
  }
}
