import Glibc

/// Why the server cannot listen.
package enum ListenError: Error, Hashable, Sendable {
  /// Another program has the port.
  case inUse(ListenAddress)
  /// The port is one that only root may use.
  case privileged(ListenAddress)
  /// The address belongs to another machine.
  case notOurs(ListenAddress)
  /// Nobody knows the host's name.
  case unknownHost(ListenAddress)
  case failed(ListenAddress, code: Int32)

  init(_ address: ListenAddress, code: Int32) {
    switch code {
    case EADDRINUSE: self = .inUse(address)
    case EACCES: self = .privileged(address)
    case EADDRNOTAVAIL: self = .notOurs(address)
    default: self = .failed(address, code: code)
    }
  }

  /// Names the case; bounded.
  package var reason: String {
    switch self {
    case .inUse: "listen.in_use"
    case .privileged: "listen.privileged"
    case .notOurs: "listen.not_ours"
    case .unknownHost: "listen.unknown_host"
    case .failed: "listen.failed"
    }
  }

  /// Whether the same call may succeed later without a change of the set-up.
  package var isTemporary: Bool { true }

  /// Says what happened.
  package var message: String {
    switch self {
    case .inUse(let address): "port \(address.port) of \(address.host) is in use"
    case .privileged(let address): "port \(address.port) may be used by root only"
    case .notOurs(let address): "\(address.host) is no address of this machine"
    case .unknownHost(let address): "nobody knows the host \(address.host)"
    case .failed(let address, let code): "cannot listen on \(address): \(String(cString: strerror(code)))"
    }
  }

  /// Says what the operator should do.
  package var advice: String {
    switch self {
    case .inUse: "End the other program, or choose another port with --listen or REPLYD_LISTEN."
    case .privileged: "Choose a port from 1024, and let nginx or Caddy stand before it."
    case .notOurs, .unknownHost: "Choose an address of this machine with --listen or REPLYD_LISTEN."
    case .failed: "Look into dmesg, and at the limits of the process."
    }
  }
}
