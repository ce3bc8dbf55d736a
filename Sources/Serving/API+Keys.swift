internal import Crypto
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Recording

extension HTTPField.Name {
  static let apiKey = requireName("x-api-key")
  static let requestID = requireName("x-request-id")

  private static func requireName(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header") }
    return name
  }
}

// MARK: - Who may

extension API {
  enum Caller: Sendable {
    case admin
    case user(Account)
  }

  /// Whose key it is.
  ///
  /// - Throws: `.keyMissing`, `.keyUnknown`, `.ledger`.
  func caller(of request: Request) async throws(ServingError) -> Caller {
    guard let secret = request.headers[.apiKey], !secret.isEmpty else { throw .keyMissing }
    // Digests compare in constant time, whatever was shown and however long it is.
    if let adminKey = options.adminKey, SHA256.hash(data: Data(secret.utf8)) == SHA256.hash(data: Data(adminKey.utf8)) { return .admin }
    let hash = APIKey(secret: secret).hash
    guard let account = try await read({ transaction throws(LedgerError) in try transaction.accounts.account(keyHash: hash) }) else {
      throw .keyUnknown
    }
    return .user(account)
  }

  /// The user of the path, shown to be so by their own key.
  ///
  /// - Throws: As `caller`, and `.keyMisplaced`, `.userUnknown`, `.userDisabled`.
  func user(_ id: String, of request: Request) async throws(ServingError) -> Account {
    switch try await caller(of: request) {
    case .admin: throw .keyMisplaced
    case .user(let account): return try own(account, id)
    }
  }

  func own(_ account: Account, _ id: String) throws(ServingError) -> Account {
    guard account.id == id else { throw .userUnknown }
    guard !account.isDisabled else { throw .userDisabled }
    return account
  }
}
