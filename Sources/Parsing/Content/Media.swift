/// A picture, a recording, a video, a file or a sticker.
package struct Media: Record {
  /// `image`, `video`, `audio`, `document` (`file` elsewhere than on WhatsApp), `sticker`, `ig_reel`; what the platform calls it.
  package internal(set) var kind: String?
  /// What it is fetched by on WhatsApp; lives 7 days.
  package internal(set) var id: String?
  /// May have parameters: `audio/ogg; codecs=opus`.
  package internal(set) var mimeType: String?
  /// Of the bytes, base64 (hex in some old messages).
  package internal(set) var sha256: String?
  /// On WhatsApp it lives minutes, and wants the token; elsewhere it is all there is to fetch it by.
  package internal(set) var url: String?
  /// The words beside it.
  package internal(set) var caption: String?
  /// A document's; the customer's own choice, not to be trusted.
  package internal(set) var filename: String?
  /// Whether it was spoken into the app.
  package internal(set) var isVoice: Bool?
  package internal(set) var isAnimated: Bool?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Media>] = [
    .text("kind", at: \.kind),
    .text("id", at: \.id),
    .text("mime_type", at: \.mimeType),
    .text("sha256", at: \.sha256),
    .text("url", at: \.url),
    .text("caption", at: \.caption),
    .text("filename", at: \.filename),
    .flag("voice", at: \.isVoice),
    .flag("animated", at: \.isAnimated),
  ]
}
