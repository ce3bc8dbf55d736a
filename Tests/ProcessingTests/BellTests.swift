import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(1))) struct BellTests {
  @Test func `a ring before the wait is kept, and several are one`() async {
    let bell = Bell()
    bell.ring()
    bell.ring()
    await bell.wait(atMost: nil)
    let clock = ContinuousClock()
    let took = await clock.measure { await bell.wait(atMost: .milliseconds(50)) }
    #expect(took >= .milliseconds(50))
  }

  @Test func `a ring wakes who waits`() async {
    let bell = Bell()
    async let waiter: Void = bell.wait(atMost: nil)
    bell.ring()
    await waiter
  }

  @Test(arguments: [Duration.zero, .seconds(-1)]) func `a time that is over does not wait`(time: Duration) async {
    await Bell().wait(atMost: time)
  }

  @Test func `a thousand rings from many tasks lose no wake`() async {
    let bell = Bell()
    for _ in 0..<1000 {
      await withTaskGroup { group in
        for _ in 0..<4 { group.addTask { bell.ring() } }
        group.addTask { await bell.wait(atMost: nil) }
      }
    }
  }
}
