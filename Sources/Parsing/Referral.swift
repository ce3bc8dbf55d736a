/// The advertisement, post or link that brought somebody here.
package struct Referral: Record {
  package internal(set) var sourceURL: String?
  package internal(set) var sourceID: String?
  /// `ad` or `post`; `ADS`, `SHORTLINK` and others.
  package internal(set) var sourceType: String?
  /// What we had written into the link or the advertisement.
  package internal(set) var ref: String?
  package internal(set) var headline: String?
  package internal(set) var body: String?
  /// `image` or `video`.
  package internal(set) var mediaType: String?
  package internal(set) var imageURL: String?
  package internal(set) var videoURL: String?
  package internal(set) var thumbnailURL: String?
  /// The click's id; missing for advertisements in Status.
  package internal(set) var clickID: String?
  /// What the advertisement greeted with.
  package internal(set) var welcome: Welcome?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Referral>] = [
    .text("source_url", "referer_uri", at: \.sourceURL),
    .text("source_id", "ad_id", at: \.sourceID),
    .text("source_type", "source", at: \.sourceType),
    .text("ref", at: \.ref),
    .text("headline", at: \.headline),
    .text("body", at: \.body),
    .text("media_type", at: \.mediaType),
    .text("image_url", at: \.imageURL),
    .text("video_url", at: \.videoURL),
    .text("thumbnail_url", at: \.thumbnailURL),
    .text("ctwa_clid", at: \.clickID),
    .record("welcome_message", at: \.welcome),
  ]
}

/// A greeting.
package struct Welcome: Record {
  package internal(set) var text: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Welcome>] = [
    .text("text", at: \.text)
  ]
}
