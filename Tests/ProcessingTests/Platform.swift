import NIOConcurrencyHelpers
import Recording
import Replying
import Sending

/// What the model was asked and what the platform was sent in one test.
final class Platform: Sendable {
  private struct State {
    var asked: [Inquiry] = []
    var sent: [OutgoingText] = []
  }

  private let state = NIOLockedValueBox(State())

  var asked: [Inquiry] { state.withLockedValue(\.asked) }
  var sent: [OutgoingText] { state.withLockedValue(\.sent) }
  var texts: [String] { sent.map(\.text) }

  /// Counts each question, then lets `write` answer it; unless told otherwise with the customer's own words.
  func responder(
    _ write: @escaping @Sendable (Inquiry) async -> Result<String, ReplyError> = { .success("re: " + $0.texts.joined(separator: "+")) }
  ) -> ResponderDouble {
    ResponderDouble { [self] inquiry, _ in
      state.withLockedValue { $0.asked.append(inquiry) }
      return await write(inquiry)
    }
  }

  /// Counts each send, then lets `take` answer it; unless told otherwise it is accepted.
  ///
  /// `take` gets the message and how many were sent, this one included.
  func sender(
    _ take: @escaping @Sendable (OutgoingText, Int) async -> SendOutcome = { message, _ in
      .accepted(providerID: "wamid." + message.callbackData)
    }
  ) -> SenderDouble {
    SenderDouble { [self] message, _, _ in
      let count = state.withLockedValue { state in
        state.sent.append(message)
        return state.sent.count
      }
      return await take(message, count)
    }
  }

  /// Answers the first sends with these outcomes, one each, and accepts all others.
  func sender(first outcomes: SendOutcome...) -> SenderDouble {
    sender { message, count in
      count <= outcomes.count ? outcomes[count - 1] : .accepted(providerID: "wamid." + message.callbackData)
    }
  }
}
