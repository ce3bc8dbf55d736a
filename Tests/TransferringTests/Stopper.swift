import NIOConcurrencyHelpers

/// Lets a server's script stop the server it belongs to.
final class Stopper: Sendable {
  private let box = NIOLockedValueBox<RawServer?>(nil)

  var server: RawServer? {
    get { box.withLockedValue { $0 } }
    set { box.withLockedValue { $0 = newValue } }
  }

  func stop() { server?.stopListening() }
}
