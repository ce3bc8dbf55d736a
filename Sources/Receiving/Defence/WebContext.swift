package import Hummingbird

/// The context of a request that knows who has opened its connection.
package protocol RemoteContext: RequestContext {
  /// Nil where there is no network, as in tests of routes alone.
  var remoteAddress: IPAddress? { get }
}

/// The context of every request to our server.
package struct WebContext: RemoteContext {
  package var coreContext: CoreRequestContextStorage
  package let remoteAddress: IPAddress?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    remoteAddress = IPAddress(source.channel.remoteAddress)
  }
}
