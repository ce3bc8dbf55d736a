import Foundation
import Glibc
import Receiving
import Testing
import Transferring

/// Clients that hold on to their connections, thousands of them, beside one that sends whole requests.
@Suite(.serialized, .timeLimit(.minutes(3))) struct `Slow clients` {
  private static let settings = ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]

  /// Half of them send their header a byte a second, half of them their body, until the first half has been sent away.
  private static let trickle = #"""
    port=$1; size=$2
    trap '' PIPE
    head=$'POST /webhook/meta HTTP/1.1\r\nHost: localhost\r\nX-Slow: '
    signed=$'POST /webhook/meta HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nX-Hub-Signature-256: sha256='
    signed+=$(printf '%064d' 0)$'\r\n\r\n'
    for ((i = 0; i < size; i++)); do exec {all[i]}<>"/dev/tcp/127.0.0.1/$port" || exit 1; done
    for ((i = 1; i < size; i += 2)); do printf %s "$signed" >&"${all[i]}"; done
    echo "all are open" >&2
    for ((second = 0; second < 100; second++)); do
      left=0
      for ((i = 0; i < size; i++)); do
        byte=x
        if ((i % 2 == 0 && second < ${#head})); then byte=${head:second:1}; fi
        if printf %s "$byte" 2>/dev/null >&"${all[i]}"; then ((left += 1 - i % 2)); fi
      done
      if ((left == 0)); then echo "sent away after $second bytes" >&2; exec sleep 600; fi
      sleep 1
    done
    """#

  /// Opens connections until there are enough, and lets them be.
  private static let idle = #"""
    ulimit -n "$(ulimit -Hn)"
    for ((i = 0; i < $2; i++)); do exec {one}<>"/dev/tcp/127.0.0.1/$1" || break; done
    echo "$i are open" >&2
    exec sleep 600
    """#

  /// As many descriptors as 12,000 connections need, where this user may have so many.
  private static let withDescriptors = #"""
    [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 24100 ] || ulimit -n 24100 2>/dev/null
    exec "$@"
    """#

  @Test func `a thousand of them, a byte a second each, hold up nobody`() async throws {
    try await Workplace.with(settings: Self.settings) { place in
      let receiver = try await Receiver(place.start(["receive"]), of: place)
      let crowd = try place.bash(Self.trickle, "\(receiver.port)", "1000")
      defer { crowd.signal(SIGKILL) }
      try await place.until("a thousand connections") { crowd.said.contains("all are open") }
      var took: [Duration] = []
      while took.count < 300 || !crowd.said.contains("sent away") {
        try #require(!crowd.hasEnded, "\(crowd.said)")
        took.append(try await Self.post(to: receiver, place))
      }
      Self.tell("1000 slow ones, \(crowd.said.split(separator: "\n").last ?? "")", took)
      let ended = try await receiver.child.stop()
      #expect(ended.status == 0, "\(ended.talk.suffix(2000))")
      #expect(ended.talk.contains("request.too_slow"))
      #expect(try place.spool.marks().count == took.count)
    }
  }

  @Test func `ten thousand that say nothing at all hold up nobody`() async throws {
    try await Workplace.with(settings: Self.settings) { place in
      let receiver = try await Receiver(place.bash(Self.withDescriptors, Workplace.program, "receive"), of: place)
      // The receiver says it when it may take fewer.
      let most = receiver.child.said.firstMatch(of: /connections=([0-9]+)/).flatMap { Int($0.output.1) } ?? .max
      let size = min(10_000, most - 10)
      let crowd = try place.bash(Self.idle, "\(receiver.port)", "\(size)")
      defer { crowd.signal(SIGKILL) }
      try await place.until("the connections") { crowd.said.contains("are open") }
      let open = try #require(crowd.said.firstMatch(of: /([0-9]+) are open/)?.output.1)
      var took: [Duration] = []
      for _ in 0..<200 { took.append(try await Self.post(to: receiver, place)) }
      Self.tell("\(open) idle ones", took)
      #expect(Int(open) ?? 0 > 500)
      #expect(!crowd.hasEnded)
      #expect(!receiver.child.said.contains("request.crowded"))
      crowd.signal(SIGKILL)
      let ended = try await receiver.child.stop()
      #expect(ended.status == 0, "\(ended.talk.suffix(2000))")
      #expect(try place.spool.marks().count == took.count)
    }
  }

  /// A request on a connection of its own, which must be taken.
  private static func post(to receiver: Receiver, _ place: Workplace) async throws -> Duration {
    let load = ReceiverLoad(place.transferrer)
    let start = ContinuousClock.now
    let status = await load.post(
      Workplace.payload("hello", from: "15550100188"), to: receiver.url, headers: [TransferRequest.Header("Connection", "close")])
    try #require(status == 200, "\(receiver.child.said.suffix(2000))")
    return .now - start
  }

  private static func tell(_ name: String, _ took: [Duration]) {
    let sorted = took.sorted()
    print("\(name): \(took.count) requests beside them, p50 \(sorted[took.count / 2]), p99 \(sorted[took.count * 99 / 100])")
  }
}

extension Workplace {
  /// Starts a script; its words are `$1` and so on.
  func bash(_ script: String, _ words: String...) throws -> Child {
    try Child("/bin/bash", arguments: ["-c", script, "bash"] + words, environment: environment, folder: folder)
  }
}
