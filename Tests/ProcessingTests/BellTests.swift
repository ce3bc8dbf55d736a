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

  @Test func `what is left of a wait that a ring has ended neither ends the next one early nor makes it late`() async {
    let bell = Bell()
    let clock = ContinuousClock()
    for left in [Duration.milliseconds(30), .seconds(3600)] {
      async let waiter: Void = bell.wait(atMost: left)
      bell.ring()
      await waiter
      let took = await clock.measure { await bell.wait(atMost: .milliseconds(90)) }
      #expect(took >= .milliseconds(90) && took < .seconds(50))
    }
    // And nobody waited when the first of them was over, which is no ring.
    let took = await clock.measure { await bell.wait(atMost: .milliseconds(5)) }
    #expect(took >= .milliseconds(5))
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
