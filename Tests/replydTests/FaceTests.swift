import Foundation
import Receiving
import Recording
import Simulating
import Spooling
import Testing
import Transferring

@testable import replyd

/// What an operator does by hand around the server.
@Suite(.timeLimit(.minutes(3))) struct `The server's operator` {
  @Test(arguments: [
    (["REPLYD_LISTEN": "8080"], "listen (REPLYD_LISTEN) is “8080”; it must be a host and a port"),
    (["REPLYD_LISTEN": "127.0.0.1:70000"], "it must be a host and a port"),
    (["REPLYD_API_REGISTRATION": "all"], "api.registration (REPLYD_API_REGISTRATION) is “all”; it must be one of admin, open"),
    (["REPLYD_RECEIVE_PROXIES": "10.0.0.0/33"], "receive.proxies (REPLYD_RECEIVE_PROXIES) is “10.0.0.0/33”"),
    (["REPLYD_RECEIVE_RATE": "-1"], "receive.rate (REPLYD_RECEIVE_RATE) is “-1”"),
    (["REPLYD_RECEIVE_CONNECTIONS": "0"], "receive.connections (REPLYD_RECEIVE_CONNECTIONS) is “0”"),
    (["REPLYD_API_TOPUP": "own"], "it must be one of admin, self"),
    (["REPLYD_CHANNELS_VERIFY": "maybe"], "channels.verify (REPLYD_CHANNELS_VERIFY) is “maybe”; it must be true or false"),
    (["OPENAI_BASE_URL": "api.openai.com"], "openai.base_url (OPENAI_BASE_URL) is “api.openai.com”"),
    (["OPENAI_TIMEOUT": "0s"], "it must be a time from 1s to 10m"),
    (["META_APP_SECRET": "é"], "meta.app_secret (META_APP_SECRET) is a value (not shown, for it is secret)"),
  ])
  func `is told which setting is wrong`(settings: [String: String], expected: String) async throws {
    try await Workplace.with { place in
      let ended = try await place.start(["serve"], environment: settings).ended()
      #expect(ended.status == 2)
      #expect(ended.talk.contains(expected), "\(ended.talk)")
    }
  }

  @Test func `cannot put a secret into the settings file`() async throws {
    try await Workplace.with { place in
      for (yaml, name) in [
        ("meta:\n  app_secret: x", "META_APP_SECRET"), ("webhook:\n  verify_token: x", "WEBHOOK_VERIFY_TOKEN"),
        ("openai:\n  api_key: x", "OPENAI_API_KEY"), ("admin_key: x", "REPLYD_ADMIN_KEY"),
      ] {
        try yaml.write(toFile: place.folder + "/replyd.yaml", atomically: true, encoding: .utf8)
        let ended = try await place.run("receive")
        #expect(ended.status == 2)
        #expect(ended.talk.contains("which is secret: take it out, and set \(name)"), "\(ended.talk)")
      }
    }
  }

  @Test func `is told when the port is taken, and by what to choose another`() async throws {
    try await Site.with(sandbox: true) { site in
      let address = site.url.replacing("http://", with: "")
      let second = try Child(
        arguments: ["receive", "--listen", address, "--spool", site.folder + "/other"], environment: ["PATH": "/usr/bin:/bin"],
        folder: site.folder)
      let ended = try await second.ended()
      #expect(ended.status == 75)
      #expect(ended.talk.contains("is in use"), "\(ended.talk)")
      #expect(ended.talk.contains("--listen"))
    }
  }

  @Test func `keeps sandboxes and real numbers apart`() async throws {
    try await Site.with(sandbox: true) { site in
      let plain = try Child(arguments: ["serve"], environment: ["PATH": "/usr/bin:/bin"], folder: site.folder)
      let refused = try await plain.ended()
      #expect(refused.status == 2)
      #expect(refused.talk.contains("./data is a sandbox's: add --sandbox"), "\(refused.talk)")
    }
    try await Workplace.with { place in
      let real = try await place.run("serve", "--sandbox")
      #expect(real.status == 2)
      #expect(real.talk.contains("holds a ledger that is no sandbox's"), "\(real.talk)")
      let folders = ["--data", place.folder + "/new", "--spool", place.folder + "/newspool"]
      let open = try await place.start(["serve", "--sandbox", "--listen", "0.0.0.0:0"] + folders).ended()
      #expect(open.status == 2)
      #expect(open.talk.contains("is not on 127.0.0.1"), "\(open.talk)")
      let meta = ["META_GRAPH_URL": "https://graph.facebook.com"]
      let sending = try await place.start(["serve", "--sandbox", "--listen", "127.0.0.1:0"] + folders, environment: meta).ended()
      #expect(sending.status == 2)
      #expect(sending.talk.contains("a sandbox sends to nobody real"), "\(sending.talk)")
    }
  }

  @Test func `has a sandbox that minds what a shell has exported for real numbers`() async throws {
    let exported = ["REPLYD_SECRET_KEY": String(repeating: "ab", count: 32), "REPLYD_DATABASE_URL": "sqlite:/nowhere/real.db"]
    try await Site.with(sandbox: true, settings: exported) { site in
      #expect(try await site.post(Workplace.payload("hello", from: "15550100188")) == 200)
      try await site.until("the reply") { try await site.sent().count == 1 }
      #expect(FileManager.default.fileExists(atPath: site.folder + "/data/replyd.db"))
    }
    try await Workplace.with { place in
      // A spool in which real payloads wait.
      try place.drop(Workplace.payload("real", from: "15550100188"), as: "real.json")
      let refused = try await place.start(["serve", "--sandbox", "--listen", "127.0.0.1:0", "--data", place.folder + "/new"]).ended()
      #expect(refused.status == 2)
      #expect(refused.talk.contains("payloads that were not dropped for this sandbox"), "\(refused.talk)")
      #expect(try place.folder(of: "real.json") == ["incoming"])
    }
  }

  @Test func `never sees a password that stood in an address`() async throws {
    try await Workplace.with { place in
      let ended = try await place.start(["serve"], environment: ["META_GRAPH_URL": "https://me:hunter2@graph/"]).ended()
      #expect(ended.status == 2)
      #expect(!ended.talk.contains("hunter2"), "\(ended.talk)")
      #expect(ended.talk.contains("https://***@graph/"), "\(ended.talk)")
    }
  }

  @Test func `finishes a sandbox whose first start was interrupted`() async throws {
    try await Site.with(sandbox: true) { site in
      // A second one whose stand-in finds its port taken, before anything was written down.
      let port = try #require(URLComponents(string: site.graphURL)?.port)
      let folder = site.folder + "/second"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let environment = ["PATH": "/usr/bin:/bin", "META_APP_SECRET": Site.appSecret]
      let first = try Child(arguments: ["sandbox", "up", "--port", "\(port)"], environment: environment, folder: folder)
      #expect(try await first.ended().status == 75)
      let second = try Child(
        arguments: ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--say", "hello"], environment: environment, folder: folder)
      try await site.until("the reply") { second.said.contains("the payload lies in") || second.hasEnded }
      let ended = try await second.stop()
      #expect(ended.status == 0, "\(ended.talk)")
      #expect(!ended.output.isEmpty)
    }
  }

  @Test func `may look away: an answer that nobody reads does no harm`() async throws {
    try await Workplace.with { place in
      for words in ["settings | head -1", "settings > /dev/full", "nonsense 2> /dev/full", "settings >&-"] {
        let line = "\(Workplace.program) \(words); exit ${PIPESTATUS[0]}"
        let ended = try await Child("/bin/bash", arguments: ["-c", line], environment: place.environment, folder: place.folder).ended()
        #expect(ended.status <= 2, "\(words): \(ended.status) \(ended.talk)")
      }
    }
  }

  @Test func `receives in one process and answers in another`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]) { place in
      let receiver = try place.start(["receive"])
      var url: Substring?
      try await place.until("the receiver") {
        url = receiver.said.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/)?.output
        return url != nil
      }
      let payload = Workplace.payload("hello", from: "15550100188")
      let request = TransferRequest(
        method: .post, url: String(try #require(url)) + Webhook.path,
        headers: [TransferRequest.Header(WebhookSignature.headerName, WebhookSignature(secret: Site.appSecret).header(for: payload))],
        body: payload)
      #expect(try await place.transferrer.transfer(request).status == 200)
      // Acknowledged, it becomes a file in its own time.
      try await place.until("the file") { try place.spool.counts().ready == 1 }
      #expect(try await place.countSent() == 0)
      let ready = TransferRequest(method: .get, url: String(try #require(url)) + "/readyz")
      #expect(try await place.transferrer.transfer(ready).status == 200)
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.countSent() == 1)
      #expect(try await receiver.stop().status == 0)
    }
  }

  @Test func `adds a prompt, its next version, and an agent that is answered by it`() async throws {
    let model = OpenAIStandIn(OpenAIStandIn.Options(keys: ["key"], models: ["gpt-x"]))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await model.run() }
      let settings = ["OPENAI_BASE_URL": try await model.url, "OPENAI_API_KEY": "key", "OPENAI_MODEL": "gpt-x"]
      try await Workplace.with(settings: settings) { place in
        let prompt = try await place.answer("prompt", "add", "--user", place.user, "--name", "Support")
        let starter = try await place.run("prompt", "show", prompt).output
        #expect(starter.contains("{{channel_name"), "\(starter)")
        let file = place.folder + "/prompt.txt"
        try "You are kind. {{unheard_of}}".write(toFile: file, atomically: true, encoding: .utf8)
        let revised = try await place.run("prompt", "add", "--user", place.user, "--prompt", prompt, "--file", file)
        #expect(revised.output == prompt + "\n")
        #expect(revised.talk.contains("unheard_of"))
        #expect(revised.talk.contains("version 2"))
        #expect(try await place.run("prompt", "show", prompt, "--version", "1").output == starter)
        #expect(try await place.answer("prompt", "list", "--user", place.user) == "\(prompt)  version 2  Support")

        let channel = try await place.ledger { transaction throws(LedgerError) in try transaction.channels.all().first?.id }
        _ = try await place.answer("agent", "add", "--channel", try #require(channel), "--name", "Model", "--prompt", prompt)
        try place.drop(Workplace.payload("hello", from: "15550100188"), as: "x.json")
        #expect(try await place.run("process", "--once").status == 0)
        #expect(try await place.sent() == [OpenAIStandIn.friendlyReply(to: "hello")])
      }
      group.cancelAll()
    }
  }

  @Test(arguments: [
    ["prompt", "add", "--user", "user_x", "--name", "N"], ["prompt", "add", "--user", "user_x"], ["prompt", "show", "prompt_x"],
    ["prompt", "list", "--user", "user_x"], ["prompt", "add", "--user", "user_x", "--prompt", "prompt_x"],
    ["channel", "verify", "phone_x"], ["serve", "--say", "hello"], ["serve", "--openai"],
    ["agent", "add", "--channel", "phone_x", "--name", "N", "--prompt", "p", "--script", "s.yaml"],
    ["sandbox", "say", "hello", "--to", "abc"],
  ])
  func `is told why a call is wrong`(arguments: [String]) async throws {
    try await Workplace.with { place in
      let ended = try await place.start(arguments).ended()
      #expect(ended.status == 2, "\(ended.status)")
      #expect(!ended.talk.isEmpty)
      #expect(ended.output.isEmpty, "\(ended.output)")
    }
  }

  @Test func `has a number verified by hand, and what waited for it is answered`() async throws {
    // A Graph at which nobody has this number.
    let stranger = GraphStandIn(GraphStandIn.Options(numbers: ["1"]))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await stranger.run() }
      let elsewhere = ["META_GRAPH_URL": try await stranger.url]
      try await Workplace.with { place in
        try place.drop(Workplace.payload("hello", from: "15550100188"), as: "x.json")
        #expect(try await place.run("process", "--once", environment: elsewhere).status == 75)
        #expect(try place.folder(of: "x.json") == ["deferred"])
        let channel = try await place.ledger { transaction throws(LedgerError) in try transaction.channels.all().first }
        let id = try #require(channel?.id)
        let refused = try await place.run("channel", "verify", id, environment: elsewhere)
        #expect(refused.status == 1)
        #expect(try await place.run("channel", "list").output.contains("unverified"))
        let dead = try await place.run("channel", "verify", id, environment: ["META_GRAPH_URL": "http://127.0.0.1:9"])
        #expect(dead.status == 75)

        #expect(try await place.answer("channel", "verify", id) == "verified")
        #expect(try await place.run("process", "--once").status == 0)
        #expect(try await place.countSent() == 1)
        #expect(try await place.run("channel", "list").output.contains("unverified") == false)
      }
      group.cancelAll()
    }
  }

  @Test func `talks to the sandbox as a customer, to its own number and to another`() async throws {
    try await Site.with(sandbox: true, arguments: ["--say", "are you there?"]) { site in
      try await site.until("the first reply") { site.child.said.contains("the payload lies in") }
      #expect(try await site.sent().count == 1)
      // It signs with the secret that the server was given.
      let environment = ["PATH": "/usr/bin:/bin", "META_APP_SECRET": Site.appSecret]
      let say = try Child(
        arguments: ["sandbox", "say", "hello again"], environment: environment, folder: site.folder)
      let ended = try await say.ended()
      #expect(ended.status == 0, "\(ended.talk)")
      #expect(try await site.sent().last == ended.output.trimmingCharacters(in: .newlines))
      let unknown = try Child(
        arguments: ["sandbox", "say", "hello", "--to", "123456"], environment: environment, folder: site.folder)
      let refused = try await unknown.ended()
      #expect(refused.status == 1)
      #expect(refused.talk.contains("replyd show"), "\(refused.talk)")
    }
  }
}

@Suite struct `A listen address` {
  @Test(arguments: [
    ("127.0.0.1:8080", true), ("localhost:0", true), ("[::1]:80", true), ("127.8.9.1:1", true), ("0.0.0.0:80", false), ("[::]:80", false),
    ("example.com:65535", false), ("127.evil.com:80", false),
  ])
  func `knows whether only this machine reaches it`(text: String, isLoopback: Bool) throws {
    let address = try #require(ListenAddress(text))
    #expect(address.isLoopback == isLoopback)
    #expect(address.description == text)
  }

  @Test(arguments: ["", ":80", "80", "host", "host:", "host:-1", "host:65536", "::1:80", "a b:80", "http://host:80", "host:80/", "[]:80"])
  func `refuses what is none`(text: String) {
    #expect(ListenAddress(text) == nil)
  }
}
