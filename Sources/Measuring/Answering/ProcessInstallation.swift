internal import Foundation

/// A user with credits, a number and an agent, set up once by replyd's own commands and copied for each run.
struct ProcessInstallation {
  let replyd: String
  private let data: String
  private let key = String(repeating: "5c", count: 32)

  init(in folder: String, replyd: String) throws {
    self.replyd = replyd
    data = folder + "/data"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("a-token-for-measuring-only".utf8).write(to: URL(fileURLWithPath: folder + "/token"))
    let user = try call("user", "add", "--email", "bench@example.com", "--name", "Bench")
    let channel = try call(
      "channel", "add", "--user", user, "--meta-phone-number-id", Canned.address, "--display-name", "Bench", "--access-token-file",
      folder + "/token")
    let prompt = try call("prompt", "add", "--user", user, "--name", "Bench")
    _ = try call("agent", "add", "--channel", channel, "--name", "Bench", "--prompt", prompt)
    _ = try call("credits", "add", "--user", user, "--amount", "1000000000")
  }

  func copy(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: data, toPath: folder + "/data")
  }

  /// No quiet period, no pacing, no loop breaker, no question whose number it is: what is measured is replyd's own work.
  func environment(in folder: String, model: Int, graph: Int) -> [String: String] {
    [
      "REPLYD_SPOOL": folder + "/spool", "REPLYD_DATA": folder + "/data", "REPLYD_SECRET_KEY": key, "REPLYD_QUIET_PERIOD": "0s",
      "REPLYD_CHANNEL_RATE": "0", "REPLYD_CHANNELS_VERIFY": "false", "REPLYD_LISTEN": "127.0.0.1:0", "META_APP_SECRET": Load.secret,
      "WEBHOOK_VERIFY_TOKEN": "token", "META_GRAPH_URL": "http://127.0.0.1:\(graph)", "OPENAI_BASE_URL": "http://127.0.0.1:\(model)/v1",
      "OPENAI_API_KEY": "bench", "OPENAI_MODEL": "gpt-bench", "REPLYD_ANSWER_LOOP_TURNS": "0", "REPLYD_ANSWER_LOOP_REPEATS": "0",
    ]
  }

  private func call(_ words: String...) throws -> String {
    let process = Child.process(replyd, words)
    let output = Pipe()
    process.environment = ["REPLYD_DATA": data, "REPLYD_SECRET_KEY": key]
    _ = FileManager.default.createFile(atPath: data + "-talk", contents: nil)
    (process.standardOutput, process.standardError) = (output, FileHandle(forWritingAtPath: data + "-talk"))
    try process.run()
    let answer = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = (try? String(contentsOfFile: data + "-talk", encoding: .utf8)) ?? ""
      throw MeasureFailure("replyd \(words.joined(separator: " ")): \(said)")
    }
    return answer.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
