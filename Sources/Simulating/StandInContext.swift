import Hummingbird
import NIOCore

/// A request's context that can end the connection under it: Hummingbird itself always answers.
struct StandInContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// Ends the connection, and returns when it has ended; what is written afterwards goes nowhere.
  func hangUp() async {
    // A connection that has ended already is as good.
    try? await channel.close().get()
  }
}
