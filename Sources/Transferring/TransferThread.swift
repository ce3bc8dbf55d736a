internal import Glibc

/// The thread on which a loop runs, and which ends with it.
enum TransferThread {
  /// Runs the loop on a new thread that takes no signals; false when the system gives none.
  ///
  /// SIGPIPE above all: with CURLOPT_NOSIGNAL libcurl leaves it to us, and OpenSSL writes without MSG_NOSIGNAL.
  static func start(_ loop: sending TransferLoop) -> Bool {
    let retained = Unmanaged.passRetained(loop)
    var thread = pthread_t()
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // A new thread begins with the mask of the one that makes it.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let code = pthread_create(
      &thread, nil,
      { data in
        if let data { Unmanaged<TransferLoop>.fromOpaque(data).takeRetainedValue().run() }
        return nil
      }, retained.toOpaque())
    guard code == 0 else {
      retained.release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}
