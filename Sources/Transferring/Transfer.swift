internal import CCurl
internal import Glibc

/// One request under way; for the transfer thread alone.
final class Transfer {
  private(set) var job: Job
  let handle: EasyHandle
  /// Whether libcurl may write the request again: no harm where nothing is posted.
  private let mayRepeat: Bool
  private var answer: PartialAnswer
  /// It is connected, and libcurl was about to write it.
  private(set) var hasBegun = false
  private var wasStopped = false

  init(job: Job, handle: EasyHandle) {
    (self.job, self.handle) = (job, handle)
    answer = PartialAnswer(limit: job.request.answerLimit)
    mayRepeat = job.request.method != .post && (job.request.body ?? []).isEmpty
  }

  /// The transfer that a finished handle belongs to.
  static func of(_ raw: UnsafeMutableRawPointer) -> Transfer? {
    var pointer: UnsafeMutablePointer<CChar>?
    guard ccurl_easy_getinfo_pointer(raw, CURLINFO_PRIVATE, &pointer) == CURLE_OK else { return nil }
    return pointer.map { of(data: $0) }
  }

  private static func of(data: UnsafeMutableRawPointer) -> Transfer { Unmanaged<Transfer>.fromOpaque(data).takeUnretainedValue() }

  /// False only when it is certain that no byte of the request was written.
  ///
  /// libcurl calls back before it writes a request to a connection, new or used. Its count of written bytes alone would not do: what TLS or
  /// HTTP/2 still holds may be on the wire in part and is not counted yet.
  var mayHaveBeenSent: Bool { hasBegun || handle.number(CURLINFO_REQUEST_SIZE) > 0 }

  /// Called before each writing of the request; false forbids it.
  ///
  /// Where a used connection dies without an answer libcurl writes the request again on a new one, reports a success, and has no option
  /// against it: this is the one place where it can be stopped.
  private func begin() -> Bool {
    wasStopped = hasBegun && !mayRepeat
    hasBegun = true
    return !wasStopped
  }

  func outcome(of code: CURLcode) -> Result<TransferAnswer, TransferError> {
    let status = handle.number(CURLINFO_RESPONSE_CODE)
    // libcurl calls it a success when a server hangs up amid the header lines.
    let code = code == CURLE_OK && !(status >= 200 && answer.isHeadDone) ? CURLE_PARTIAL_FILE : code
    if code == CURLE_OK { return .success(TransferAnswer(status: status, headers: answer.headers, body: answer.body)) }
    if answer.isTooLarge || code == CURLE_FILESIZE_EXCEEDED {
      return .failure(.cut(code: CURLE_FILESIZE_EXCEEDED.number, detail: "the answer is over \(job.request.answerLimit) bytes"))
    }
    if wasStopped { return .failure(.cut(code: CURLE_GOT_NOTHING.number, detail: "the server hung up and did not answer")) }
    let detail = handle.explanation(of: code)
    return .failure(mayHaveBeenSent ? .cut(code: code.number, detail: detail) : .notSent(code: code.number, detail: detail))
  }
}

extension Transfer {
  /// Tells libcurl everything about this request; anything but CURLE_OK means that it must not start.
  func configure(userAgent: String) -> CURLcode {
    handle.reset()
    let me = Unmanaged.passUnretained(self).toOpaque()
    handle.set(CURLOPT_PRIVATE, me)
    configureConnection(userAgent: userAgent)
    configureRequest(me)
    configureAnswer(me)
    // libcurl has its own copies.
    job.request.body = nil
    job.request.headers = []
    job.request.url = ""
    return handle.refusal
  }

  private func configureConnection(userAgent: String) {
    let request = job.request
    handle.set(CURLOPT_URL, request.url)
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
    handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    handle.set(CURLOPT_NOPROXY, "*")
    // The bundle file is enough, and with a directory beside it libcurl reads the bundle again for each connection: 30 ms each.
    handle.unset(CURLOPT_CAPATH)
    handle.set(CURLOPT_NOSIGNAL, 1)
    handle.set(CURLOPT_TCP_KEEPALIVE, 1)
    // A child process that had a copy would keep the connection alive after we hang up.
    handle.set(CURLOPT_SOCKOPTFUNCTION) { _, socket, _ in
      let flags = fcntl(socket, F_GETFD)
      if flags >= 0 { _ = fcntl(socket, F_SETFD, flags | FD_CLOEXEC) }
      return CURL_SOCKOPT_OK
    }
    // Servers hang up on idle connections after a minute and more; and names move to other machines.
    handle.set(CURLOPT_MAXAGE_CONN, 50)
    handle.set(CURLOPT_MAXLIFETIME_CONN, 600)
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
    handle.set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout - job.arrived.duration(to: .now)))
    handle.set(CURLOPT_USERAGENT, userAgent)
    switch request.version {
    case .http1: handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    case .http2:
      handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
      handle.set(CURLOPT_PIPEWAIT, 1)
    }
  }

  private func configureRequest(_ me: UnsafeMutableRawPointer) {
    let request = job.request
    // An empty value is asked for by a semicolon: by a colon libcurl would leave the header out.
    let lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    let isContentTypeOurs = request.headers.contains { $0.name.lowercased() == "content-type" }
    handle.set(headerLines: lines + ["Expect:"] + (isContentTypeOurs ? [] : ["Content-Type:"]))
    if mayRepeat {
      handle.set(CURLOPT_HTTPGET, 1)
    } else {
      handle.set(CURLOPT_POST, 1)
      handle.set(body: request.body ?? [])
    }
    handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    handle.set(CURLOPT_PREREQDATA, me)
    handle.set(CURLOPT_PREREQFUNCTION) { data, _, _, _, _ in
      guard let data else { return CURL_PREREQFUNC_ABORT }
      return Transfer.of(data: data).begin() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
  }

  private func configureAnswer(_ me: UnsafeMutableRawPointer) {
    // Held by every transfer under way. Over HTTP/2 a buffer is what one stream may bring at a time, so it keeps libcurl's size.
    if job.request.version == .http1 { handle.set(CURLOPT_BUFFERSIZE, 1 << 10) }
    handle.set(CURLOPT_MAXFILESIZE_LARGE, bytes: max(1, job.request.answerLimit))
    handle.set(CURLOPT_HEADERDATA, me)
    handle.set(
      CURLOPT_HEADERFUNCTION,
      writer: { buffer, size, count, data in
        guard let data else { return 0 }
        let line = UnsafeRawBufferPointer(start: buffer, count: size * count)
        return Transfer.of(data: data).answer.takeHeader(line) ? line.count : 0
      })
    handle.set(CURLOPT_WRITEDATA, me)
    handle.set(
      CURLOPT_WRITEFUNCTION,
      writer: { buffer, size, count, data in
        guard let data else { return 0 }
        let piece = UnsafeRawBufferPointer(start: buffer, count: size * count)
        return Transfer.of(data: data).answer.takeBody(piece) ? piece.count : 0
      })
  }

  /// At least 1, for 0 would mean no limit.
  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    guard seconds < Int64(Int32.max) / 1000 else { return Int(Int32.max) }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
