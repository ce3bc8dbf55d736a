import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// An HTTP/1.1 connection with its guards in it.
struct GuardedChannel: ServerChildChannel {
  let base: HTTP1Channel
  let defence: Defence
  let receipts: @Sendable (Receipt) -> Void

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let watch = ConnectionWatch(defence: defence, receipts: receipts)
      let requests = RequestGuard(watch: watch, defence: defence)
      watch.requests = requests
      try pipeline.addHandler(watch, position: .first)
      // Behind the first of these there is one request at a time, and it is answered before the next one comes.
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandlers([HTTPServerPipelineHandler(), requests], position: .after(decoder))
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
      await base.handle(value: value, logger: logger)
    }
  }
}
