internal import CCurl

/// One of libcurl's easy handles, with what must live as long as it does; for the transfer thread alone.
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerLines: UnsafeMutablePointer<curl_slist>?
  /// The first setting that libcurl refused.
  private(set) var refusal = CURLE_OK

  /// Nil when memory is short.
  init?() {
    guard let raw = curl_easy_init() else { return nil }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(headerLines)
    errorText.deallocate()
  }

  /// Forgets everything about the last transfer, its headers above all.
  func reset() {
    curl_easy_reset(raw)
    curl_slist_free_all(headerLines)
    headerLines = nil
    refusal = CURLE_OK
    errorText[0] = 0
    note(ccurl_easy_setopt_pointer(raw, CURLOPT_ERRORBUFFER, errorText))
  }

  func set(_ option: CURLoption, _ value: Int) { note(ccurl_easy_setopt_long(raw, option, value)) }
  func set(_ option: CURLoption, bytes value: Int) { note(ccurl_easy_setopt_offset(raw, option, curl_off_t(value))) }
  func set(_ option: CURLoption, _ value: String) { note(ccurl_easy_setopt_string(raw, option, value)) }
  func unset(_ option: CURLoption) { note(ccurl_easy_setopt_string(raw, option, nil)) }
  func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) { note(ccurl_easy_setopt_pointer(raw, option, value)) }
  func set(_ option: CURLoption, _ value: @escaping curl_prereq_callback) { note(ccurl_easy_setopt_prerequest(raw, option, value)) }
  func set(_ option: CURLoption, _ value: @escaping curl_sockopt_callback) { note(ccurl_easy_setopt_sockopt(raw, option, value)) }
  func set(_ option: CURLoption, writer value: @escaping curl_write_callback) { note(ccurl_easy_setopt_writer(raw, option, value)) }

  /// Copies the body: with a reading callback libcurl would hold a buffer of 16 KiB for each request under way.
  func set(body: [UInt8]) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, bytes: body.count)
    // Without a pointer libcurl would ask its reading callback, which is standard input.
    guard !body.isEmpty else { return set(CURLOPT_COPYPOSTFIELDS, "") }
    body.withUnsafeBytes { note(ccurl_easy_setopt_bytes(raw, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)) }
  }

  func set(headerLines lines: [String]) {
    for line in lines {
      guard let longer = curl_slist_append(headerLines, line) else { return note(CURLE_OUT_OF_MEMORY) }
      headerLines = longer
    }
    note(ccurl_easy_setopt_list(raw, CURLOPT_HTTPHEADER, headerLines))
  }

  func number(_ info: CURLINFO) -> Int {
    var value = 0
    // A refusal leaves the zero, which says the same: libcurl knows nothing of it.
    _ = ccurl_easy_getinfo_long(raw, info, &value)
    return value
  }

  /// What libcurl says of a failure: in its own words where it has any, else the meaning of the code.
  func explanation(of code: CURLcode) -> String {
    let text = String(cString: errorText)
    return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
  }

  private func note(_ code: CURLcode) {
    if refusal == CURLE_OK { refusal = code }
  }
}
