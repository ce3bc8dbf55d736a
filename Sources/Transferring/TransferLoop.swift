internal import CCurl
internal import Glibc

/// Everything that is done on the transfer thread.
final class TransferLoop {
  private let multi: UnsafeMutableRawPointer
  let inbox: Inbox
  private let userAgent: String
  private var doorway = Doorway()
  /// What the doorway has not let in yet.
  private var waiting: [UInt64: Job] = [:]
  private var underWay: [UInt64: Transfer] = [:]
  /// The host of each transfer that is under way and not connected.
  private var opening: [UInt64: String] = [:]
  private var spare: [EasyHandle] = []
  private var nextLook = ContinuousClock.now

  /// Idle handles kept for the next transfers: some 6 KiB each.
  private static let mostSpare = 256

  /// Nil when the system gives no memory or no descriptor.
  init?(connections: Int, userAgent: String) {
    guard let multi = curl_multi_init() else { return nil }
    (self.multi, self.userAgent) = (multi, userAgent)
    inbox = Inbox(bell: Bell(multi: multi))
    // Kept as many as allowed: libcurl counts busy ones too, and would close the idle ones of a busy hour one by one.
    _ = ccurl_multi_setopt_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections)
    _ = ccurl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, connections)
  }

  deinit {
    spare = []
    curl_multi_cleanup(multi)
  }

  /// Serves until the inbox is closed, then ends everything.
  func run() {
    while true {
      let (orders, isClosed) = inbox.take()
      for order in orders { obey(order) }
      guard !isClosed else { break }
      letIn()
      step()
    }
    for job in waiting.values { job.outcome.resume(returning: .failure(.closed)) }
    for transfer in underWay.values {
      let wasSent = transfer.mayHaveBeenSent
      end(transfer, .failure(wasSent ? .cut(code: CURLE_ABORTED_BY_CALLBACK.number, detail: "the program is stopping") : .closed))
    }
    inbox.takeBellAway()
  }

  private func step() {
    var running: Int32 = 0
    var code = curl_multi_perform(multi, &running)
    collect()
    for (number, host) in opening where underWay[number]?.hasBegun ?? true {
      opening[number] = nil
      doorway.leave(host)
    }
    giveUpTheLate()
    // Woken by the bell, by a socket or by libcurl's own timers, whichever is first; nothing wakes it for those at the doorway.
    if code == CURLM_OK, !doorway.mayOpen { code = curl_multi_poll(multi, nil, 0, waiting.isEmpty ? Int32.max : 1000, nil) }
    guard code != CURLM_OK else { return pace() }
    // Memory is short, or poll(2) refuses: what is under way cannot go on, and giving it up removes the cause.
    for transfer in underWay.values { end(transfer, transfer.outcome(of: CURLE_OUT_OF_MEMORY)) }
  }

  /// Waits a little where many are under way: a round costs libcurl time for each of them, and one round may as well serve many events.
  ///
  /// epoll and `curl_multi_socket_action` were tried: a quarter less work with 10,000 under way, a quarter more with the usual hundred.
  private func pace() {
    guard underWay.count > 200 else { return }
    usleep(UInt32(min(underWay.count, 10_000)) / 2)
  }

  private func collect() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      // Copied first: ending the transfer makes the message invalid.
      let (kind, raw, code) = (message.pointee.msg, message.pointee.easy_handle, message.pointee.data.result)
      guard kind == CURLMSG_DONE, let raw, let transfer = Transfer.of(raw) else { continue }
      end(transfer, transfer.outcome(of: code))
    }
  }

  /// Ends, once a second, what has waited at the doorway for longer than its whole transfer may take.
  private func giveUpTheLate() {
    let now = ContinuousClock.now
    guard !waiting.isEmpty, now >= nextLook else { return }
    nextLook = now + .seconds(1)
    for (number, job) in waiting where job.arrived.duration(to: now) >= job.request.timeout {
      waiting[number] = nil
      refuse(job, CURLE_OPERATION_TIMEDOUT)
    }
  }

  private func obey(_ order: Order) {
    switch order {
    case .start(let job):
      waiting[job.number] = job
      doorway.arrive(job.number, at: job.request.host)
    case .cancel(let number):
      if let job = waiting.removeValue(forKey: number) { job.outcome.resume(returning: .failure(.cancelled(wasSent: false))) }
      if let transfer = underWay[number] { end(transfer, .failure(.cancelled(wasSent: transfer.mayHaveBeenSent))) }
    }
  }

  private func letIn() {
    while let (number, host) = doorway.next() {
      // Gone already when it was cancelled or late.
      if let job = waiting.removeValue(forKey: number), start(job) { opening[number] = host } else { doorway.leave(host) }
    }
  }

  private func start(_ job: Job) -> Bool {
    guard let handle = spare.popLast() ?? EasyHandle() else { return refuse(job, CURLE_OUT_OF_MEMORY) }
    let transfer = Transfer(job: job, handle: handle)
    let code = transfer.configure(userAgent: userAgent)
    guard code == CURLE_OK else { return refuse(job, code) }
    guard curl_multi_add_handle(multi, handle.raw) == CURLM_OK else { return refuse(job, CURLE_OUT_OF_MEMORY) }
    underWay[job.number] = transfer
    return true
  }

  @discardableResult private func refuse(_ job: Job, _ code: CURLcode) -> Bool {
    job.outcome.resume(returning: .failure(.notSent(code: code.number, detail: String(cString: curl_easy_strerror(code)))))
    return false
  }

  private func end(_ transfer: Transfer, _ outcome: Result<TransferAnswer, TransferError>) {
    curl_multi_remove_handle(multi, transfer.handle.raw)
    underWay[transfer.job.number] = nil
    if spare.count < Self.mostSpare {
      // At once, so that no token stays in an idle handle.
      transfer.handle.reset()
      spare.append(transfer.handle)
    }
    transfer.job.outcome.resume(returning: outcome)
  }
}
