internal import Logging
internal import Processing
internal import Receiving
internal import ServiceLifecycle
internal import UnixSignals

extension Settings {
  /// How long all may take to stop: what is under way, and then what a client or a stand-in holds up.
  var stopPatience: Duration { stopGrace + .seconds(10) }
}

/// Runs services until one ends or a signal comes.
enum ServiceRun {
  /// By then every service works.
  private static let startTime: Duration = .seconds(1)

  ///
  /// - Parameters:
  ///   - services: Told to stop from the last to the first.
  ///   - logger: Hears warnings of the run itself.
  ///   - patience: How long they may take to stop; then they are cancelled.
  /// - Returns: Why it ended early, if it did.
  static func run(_ services: [any Service], logger: Logger, patience: Duration = .seconds(30)) async -> Result<Void, CommandFailure> {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let configurations = services.map { service in
      ServiceGroupConfiguration.ServiceConfiguration(
        service: service, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
    }
    var configuration = ServiceGroupConfiguration(
      services: configurations, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = patience
    let tidying = Task {
      // Cancelled when all ends within it: then there is nothing to tidy.
      guard (try? await Task.sleep(for: startTime)) != nil else { return }
      ProgramText.release()
    }
    defer { tidying.cancel() }
    do {
      try await ServiceGroup(configuration: configuration).run()
      return .success(())
    } catch let error as ProcessingError {
      return .failure(CommandFailure(error))
    } catch let error as ListenError {
      return .failure(CommandFailure(error))
    } catch let error as CommandFailure {
      return .failure(error)
    } catch {
      return .failure(CommandFailure(.tryLater, "stopped: \(error)"))
    }
  }
}
