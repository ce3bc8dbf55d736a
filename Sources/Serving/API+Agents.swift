internal import Hummingbird
internal import Recording

extension API {
  /// `POST …/agents`: from then on this one answers on the number.
  func linkAgent(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let form = try await Form(reading: request)
    let (channelID, promptID) = (try form.required("phone_number_id", .text(1...200)), try form.required("prompt_id", .text(1...200)))
    let name = try form.required("name", .text(1...200))
    let responder = try form.optional("responder", .responder) ?? options.responder
    let (model, price) = (try form.optional("model", .text(1...200)), try form.optional("price", .whole(1...1_000_000)) ?? 1)
    let quietPeriod = try form.optional("quiet_period", .time(.zero ... .seconds(600)))
    let (now, scriptPath) = (options.now(), responder == .scripted ? options.scriptPath : nil)
    let linked = try await write { [options] transaction throws(LedgerError) -> JSON? in
      guard try transaction.channels.channel(channelID)?.accountID == account else { return nil }
      _ = try transaction.agents.add(
        channel: channelID, name: name, responder: responder, promptID: promptID, scriptPath: scriptPath, model: model, price: price,
        quietPeriod: quietPeriod, at: now)
      return try transaction.agents.active(on: channelID).written().json(of: account, options, in: transaction)
    }
    guard let linked else { throw .phoneNumberUnknown }
    return Response(.created, linked)
  }

  /// `GET …/agents`: those that answered once included.
  func listAgents(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let page = try Page(request)
    let agents = try await read { [options] transaction throws(LedgerError) in
      var agents: [(id: String, json: JSON)] = []
      for agent in try transaction.agents.page(of: account, before: page.before("agent"), limit: page.wanted) {
        agents.append((agent.id, try agent.json(of: account, options, in: transaction)))
      }
      return agents
    }
    return Response(.ok, page.answer(agents, id: \.id, json: \.json))
  }
}

extension Agent {
  /// With what its maker should know now: a prompt may have come since.
  fileprivate func json(of account: String, _ options: ServingOptions, in transaction: any Transaction) throws(LedgerError) -> JSON {
    let prompt = try promptID.flatMap { id throws(LedgerError) in try transaction.prompts.newest(id) }
    return json(warnings: options.warnings(of: self, knowsPrompt: prompt?.accountID == account))
  }
}
