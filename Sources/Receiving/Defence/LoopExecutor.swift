import NIOCore

/// Runs a connection's tasks on the thread that reads and writes it, which spares two changes of threads at each step of a request.
///
/// What waits for a disk or takes long must leave it: it holds up every connection of that thread.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
