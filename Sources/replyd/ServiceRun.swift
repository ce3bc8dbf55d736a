internal import Logging
internal import Processing
internal import ServiceLifecycle
internal import UnixSignals

/// Runs services until one ends or a signal comes.
enum ServiceRun {
  static func run(_ services: [any Service], logger: Logger) async -> Result<Void, CommandFailure> {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let configurations = services.map { service in
      ServiceGroupConfiguration.ServiceConfiguration(
        service: service, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
    }
    var configuration = ServiceGroupConfiguration(
      services: configurations, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(900)
    do {
      try await ServiceGroup(configuration: configuration).run()
      return .success(())
    } catch let error as ProcessingError {
      return .failure(CommandFailure(error))
    } catch let error as CommandFailure {
      return .failure(error)
    } catch {
      return .failure(CommandFailure(.tryLater, "stopped: \(error)"))
    }
  }
}
