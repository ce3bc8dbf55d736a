import Foundation
import Simulating
import Testing
import Transferring

/// The integration guide's own commands, in its order, with curl.
@Suite(.timeLimit(.minutes(3))) struct `The guide` {
  static let number = "836990829491415"

  /// Steps 4 to 6 and what is said under troubleshooting and monitoring; gives the ids.
  private func set(up site: Site, prompt: String, asAdmin: Bool = false) async throws -> [String: String] {
    let commands = try Guide().commands
    try #require(commands.count == 10)
    let admin = asAdmin ? "-H 'x-api-key: \(Site.adminKey)'" : ""

    let user = try await site.run(commands[0], [:], extra: admin)
    #expect(user.status == 201, "\(user.body)")
    var ids = ["YOUR_USER_ID": try user.text("user_id"), "YOUR_API_KEY": try user.text("api_key"), "YOUR_PROMPT_ID": prompt]
    #expect(ids["YOUR_USER_ID"]?.hasPrefix("user_") == true)

    let number = try await site.run(commands[1], ids)
    #expect(number.status == 201, "\(number.body)")
    #expect(!number.body.contains("EAAxxxx"))
    ids["YOUR_PHONE_NUMBER_ID"] = try number.text("phone_number_id")

    let agent = try await site.run(commands[2], ids)
    #expect(agent.status == 201, "\(agent.body)")
    #expect(try agent.text("agent_id").hasPrefix("agent_"))
    #expect(try agent.text("name") == "WhatsApp Support Agent")

    // The operator adds credits where users may not: then the header's key is the operator's.
    let payer = asAdmin ? ids.merging(["YOUR_API_KEY": Site.adminKey]) { $1 } : ids
    let credits = try await site.run(commands[3], payer)
    #expect(credits.status == 200)
    #expect(credits.body == #"{"balance":1000}"#)
    return ids
  }

  /// Step 7 and what follows it.
  private func look(at site: Site, _ ids: [String: String], reply: String, balance: Int) async throws {
    let commands = try Guide().commands
    let messages = try await site.run(commands[4], ids)
    #expect(messages.status == 200)
    let listed = try messages.list()
    #expect(listed.map { $0["direction"] as? String } == ["outbound", "inbound"])
    #expect(listed.map { $0["text"] as? String } == [reply, "Bom dia, abrem hoje?"])
    #expect(listed.map { $0["cost"] as? Int } == [1, 0])
    #expect(listed.last?["status"] as? String == "answered")
    #expect((listed.last?["customer"] as? [String: Any])?["phone"] as? String == "15550100188")

    #expect(try await site.run(commands[5], ids).body == #"{"balance":\#(balance)}"#)
    let agents = try await site.run(commands[6], ids)
    #expect(try agents.list().map { $0["prompt_id"] as? String } == [ids["YOUR_PROMPT_ID"]])
    #expect(try await site.run(commands[7], ids).list().isEmpty)
    #expect(try await site.run(commands[8], ids).list().count == 2)
    let extractions = try await site.run(commands[9], ids)
    #expect(extractions.status == 200)
    #expect(try extractions.list().isEmpty)
  }

  private func shakeHands(with site: Site) async throws {
    let line = try Guide().handshake().replacingOccurrences(of: "https://your-domain.com", with: site.url)
    let words = line.replacingOccurrences(of: "YOUR_TOKEN", with: Site.verifyToken).split(separator: " ")
    let answer = try await site.run("curl -X \(words[0]) '\(words[1])'", [:])
    #expect(answer.status == 200)
    #expect(answer.body == "CHALLENGE_STRING")
    #expect(try await site.run("curl '\(words[1])x'".replacingOccurrences(of: Site.verifyToken, with: "guess"), [:]).status == 403)
  }

  private static let question = Workplace.payload("Bom dia, abrem hoje?", from: "15550100188", number: number)

  @Test func `works as it is written against the sandbox alone`() async throws {
    try await Site.with(sandbox: true) { site in
      try await shakeHands(with: site)
      let ids = try await set(up: site, prompt: "YOUR_PROMPT_ID")
      #expect(try await site.post(Self.question) == 200)
      try await site.until("the reply") { try await site.sent().count == 1 && site.done().count >= 1 }
      let reply = try #require(try await site.sent().first)
      // The stand-in's statuses come back signed, by the same door.
      try await site.until("word of its delivery") {
        let message = try await site.get("/v1/users/\(ids["YOUR_USER_ID"] ?? "")/messages", key: ids["YOUR_API_KEY"] ?? "").list().first
        return message?["status"] as? String == "delivered"
      }
      try await look(at: site, ids, reply: reply, balance: 999)
      #expect(try await site.sent().count == 1)
    }
  }

  @Test func `works with a model's server, which hears the customer's words alone`() async throws {
    let model = OpenAIStandIn(OpenAIStandIn.Options(keys: ["the-openai-key"]))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await model.run() }
      let settings = ["OPENAI_BASE_URL": try await model.url, "OPENAI_API_KEY": "the-openai-key"]
      try await Site.with(sandbox: true, settings: settings) { site in
        let ids = try await set(up: site, prompt: "pmpt_0123456789")
        #expect(try await site.post(Self.question) == 200)
        try await site.until("the reply") { try await site.sent().count == 1 && !site.done().isEmpty }
        let reply = try #require(try await site.sent().first)
        #expect(reply == OpenAIStandIn.friendlyReply(to: "Bom dia, abrem hoje?"))
        let bodies = try await Self.requests(to: model, site.transferrer)
        #expect(bodies.count == 1)
        let body = try #require(bodies.first)
        #expect((body["prompt"] as? [String: String]) == ["id": "pmpt_0123456789"])
        #expect(body["store"] as? Bool == false)
        #expect(body["model"] == nil)
        let input = try #require(body["input"] as? [[String: String]])
        #expect(input == [["role": "user", "content": "Bom dia, abrem hoje?"]])
        try await look(at: site, ids, reply: reply, balance: 999)
      }
      group.cancelAll()
    }
  }

  @Test func `works on servers that are not ours, by the settings alone`() async throws {
    let graph = GraphStandIn(GraphStandIn.Options(tokens: ["EAAxxxx..."], numbers: [Self.number], statuses: []))
    let model = OpenAIStandIn(OpenAIStandIn.Options(keys: ["the-openai-key"]))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await graph.run() }
      group.addTask { try await model.run() }
      let settings = [
        "META_GRAPH_URL": try await graph.url, "OPENAI_BASE_URL": try await model.url, "OPENAI_API_KEY": "the-openai-key",
        "REPLYD_SECRET_KEY": String(repeating: "5a", count: 32), "REPLYD_ADMIN_KEY": Site.adminKey, "REPLYD_QUIET_PERIOD": "0s",
      ]
      try await Site.with(sandbox: false, settings: settings) { site in
        try await shakeHands(with: site)
        let ids = try await set(up: site, prompt: "pmpt_0123456789", asAdmin: true)
        let path = "/v1/users/\(ids["YOUR_USER_ID"] ?? "")"
        let key = ids["YOUR_API_KEY"] ?? ""
        #expect(try await site.get("\(path)/phone_numbers", key: key).list().first?["verified"] as? Bool == false)
        #expect(try await site.post(Self.question) == 200)
        try await site.until("the reply") { try await site.sent().count == 1 && !site.done().isEmpty }
        try await look(at: site, ids, reply: OpenAIStandIn.friendlyReply(to: "Bom dia, abrem hoje?"), balance: 999)
        #expect(try await site.get("\(path)/phone_numbers", key: key).list().first?["verified"] as? Bool == true)
        // Nobody makes users or credits without the operator's key here.
        #expect(try await site.run(Guide().commands[0], [:]).status == 401)
        #expect(try await site.run(Guide().commands[3], ids).status == 403)
      }
      group.cancelAll()
    }
  }

  /// What the model was asked.
  private static func requests(to model: OpenAIStandIn, _ transferrer: Transferrer) async throws -> [[String: Any]] {
    let url = try await model.url.replacing("/v1", with: "/simulator/requests")
    let answer = try await transferrer.transfer(TransferRequest(method: .get, url: url, timeout: .seconds(30)))
    let list = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    return try #require(list["data"] as? [[String: Any]]).compactMap { $0["body"] as? [String: Any] }
  }
}
