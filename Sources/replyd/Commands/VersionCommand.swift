internal import ArgumentParser

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

  func run() {
    Answer.line(Replyd.version)
  }
}

struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Lists every setting: environment, name in replyd.yaml, default, meaning.")

  func run() {
    for setting in Setting.all {
      let name = setting.isSecret ? "(not in replyd.yaml)" : setting.key
      Answer.line("\(setting.environment)  \(name)  \(setting.standard.map { "default \($0)" } ?? "no default")\n    \(setting.meaning)")
    }
  }
}
