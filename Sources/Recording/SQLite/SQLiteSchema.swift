internal import GRDB

/// The tables as SQLite has them.
///
/// A migration that has shipped is never edited: a change is a new one.
enum SQLiteSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 turns") { database in try database.execute(sql: first) }
    migrator.registerMigration("2 face") { database in try database.execute(sql: second) }
    migrator.registerMigration("3 who") { database in try database.execute(sql: who) }
    migrator.registerMigration("5 books") { database in try database.execute(sql: books) }
    migrator.registerMigration("6 pace", migrate: unrollLists)
    migrator.registerMigration("7 gates") { database in try database.execute(sql: gates) }
    migrator.registerMigration("9 manners") { database in try database.execute(sql: manners) }
    migrator.registerMigration("8 hold") { database in try database.execute(sql: hold) }
    return migrator
  }

  static func migrate(_ pool: DatabasePool) throws {
    let migrator = migrator
    if try pool.read(migrator.hasBeenSuperseded) { throw LedgerError.newerSchema }
    try migrator.migrate(pool)
  }

  private static let first = """
    CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;

    CREATE TABLE account (
      id TEXT NOT NULL PRIMARY KEY,
      email TEXT NOT NULL CHECK (email <> ''),
      name TEXT NOT NULL,
      company_name TEXT,
      balance INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
      is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE api_key (
      id TEXT NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES account (id),
      hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
      created_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT;

    CREATE TABLE channel (
      id TEXT NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES account (id),
      platform TEXT NOT NULL CHECK (platform IN ('whatsapp', 'instagram', 'messenger', 'webchat')),
      address_id TEXT NOT NULL CHECK (address_id <> ''),
      display_name TEXT NOT NULL,
      access_token BLOB NOT NULL,
      created_at INTEGER NOT NULL,
      UNIQUE (platform, address_id)
    ) STRICT;

    CREATE TABLE prompt (
      id TEXT NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES account (id),
      name TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE prompt_version (
      prompt_id TEXT NOT NULL REFERENCES prompt (id),
      version INTEGER NOT NULL CHECK (version > 0),
      body TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (prompt_id, version)
    ) STRICT;

    CREATE TABLE agent (
      id TEXT NOT NULL PRIMARY KEY,
      channel_id TEXT NOT NULL REFERENCES channel (id),
      name TEXT NOT NULL,
      responder TEXT NOT NULL CHECK (responder IN ('scripted', 'openai', 'chat_completions')),
      prompt_id TEXT,
      script_path TEXT,
      price INTEGER NOT NULL DEFAULT 1 CHECK (price >= 0),
      quiet_period INTEGER CHECK (quiet_period >= 0),
      is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX agent_of_channel ON agent (channel_id) WHERE is_active = 1;

    CREATE TABLE customer (
      id TEXT NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES account (id),
      name TEXT,
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE customer_alias (
      account_id TEXT NOT NULL REFERENCES account (id),
      kind TEXT NOT NULL CHECK (kind IN ('phone', 'scoped')),
      value TEXT NOT NULL CHECK (value <> ''),
      customer_id TEXT NOT NULL REFERENCES customer (id),
      PRIMARY KEY (account_id, kind, value)
    ) STRICT;
    CREATE UNIQUE INDEX alias_of_customer ON customer_alias (customer_id, kind);

    CREATE TABLE conversation (
      id TEXT NOT NULL PRIMARY KEY,
      channel_id TEXT NOT NULL REFERENCES channel (id),
      customer_id TEXT NOT NULL REFERENCES customer (id),
      lease_owner TEXT,
      lease_epoch INTEGER NOT NULL DEFAULT 0,
      due_at INTEGER,
      created_at INTEGER NOT NULL,
      UNIQUE (channel_id, customer_id)
    ) STRICT;
    CREATE INDEX conversation_due ON conversation (channel_id, due_at) WHERE lease_owner IS NULL AND due_at IS NOT NULL;
    CREATE INDEX conversation_next ON conversation (due_at) WHERE lease_owner IS NULL AND due_at IS NOT NULL;
    CREATE INDEX conversation_leased ON conversation (lease_owner) WHERE lease_owner IS NOT NULL;

    CREATE TABLE payload (
      correlation_id TEXT NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      original_name TEXT,
      sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      received_at INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 1 CHECK (attempts > 0),
      verdict TEXT CHECK (verdict IN ('done', 'failed')),
      reason TEXT,
      detail TEXT,
      advice TEXT,
      fault TEXT,
      verdict_at INTEGER,
      is_filed INTEGER NOT NULL DEFAULT 0 CHECK (is_filed IN (0, 1)),
      filed_as TEXT,
      CHECK ((reason IS NOT NULL) = (verdict IS NOT NULL AND verdict = 'failed')),
      CHECK ((verdict IS NULL) = (verdict_at IS NULL)),
      CHECK (is_filed = 0 OR verdict IS NOT NULL)
    ) STRICT;
    CREATE INDEX payload_name ON payload (name, recorded_at);
    CREATE INDEX payload_unfiled ON payload (verdict_at) WHERE verdict IS NOT NULL AND is_filed = 0;

    CREATE TABLE turn (
      id TEXT NOT NULL PRIMARY KEY,
      conversation_id TEXT NOT NULL REFERENCES conversation (id),
      correlation_id TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN
        ('collecting', 'generating', 'generated', 'sending', 'waiting', 'unconfirmed', 'settled', 'refused', 'failed')),
      reason TEXT,
      due_at INTEGER,
      attempt INTEGER NOT NULL DEFAULT 1 CHECK (attempt > 0),
      tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
      agent_id TEXT REFERENCES agent (id),
      price INTEGER NOT NULL DEFAULT 0 CHECK (price >= 0),
      reply TEXT,
      created_at INTEGER NOT NULL,
      ended_at INTEGER,
      CHECK (state <> 'generated' OR reply IS NOT NULL),
      CHECK (state <> 'sending' OR reply IS NOT NULL),
      CHECK (state <> 'settled' OR reply IS NOT NULL),
      CHECK ((state IN ('waiting', 'unconfirmed', 'refused', 'failed')) = (reason IS NOT NULL)),
      CHECK ((state IN ('settled', 'refused', 'failed')) = (ended_at IS NOT NULL)),
      CHECK ((state IN ('collecting', 'waiting', 'unconfirmed')) = (due_at IS NOT NULL))
    ) STRICT;
    CREATE UNIQUE INDEX turn_collecting ON turn (conversation_id) WHERE state = 'collecting';
    CREATE UNIQUE INDEX turn_living ON turn (conversation_id) WHERE state IN ('generating', 'generated', 'sending', 'waiting');
    CREATE INDEX turn_unconfirmed ON turn (due_at) WHERE state = 'unconfirmed';
    CREATE INDEX turn_of_conversation ON turn (conversation_id, created_at);

    CREATE TABLE message (
      id TEXT NOT NULL PRIMARY KEY,
      correlation_id TEXT NOT NULL REFERENCES payload (correlation_id),
      conversation_id TEXT REFERENCES conversation (id),
      turn_id TEXT REFERENCES turn (id),
      platform TEXT NOT NULL,
      address_id TEXT NOT NULL,
      provider_id TEXT NOT NULL,
      type TEXT NOT NULL,
      text TEXT,
      sent_at INTEGER NOT NULL,
      received_at INTEGER NOT NULL,
      file_name TEXT NOT NULL,
      ordinal INTEGER NOT NULL,
      outcome TEXT CHECK (outcome IN ('answered', 'recorded', 'refused', 'failed')),
      reason TEXT,
      detail TEXT,
      advice TEXT,
      UNIQUE (platform, address_id, provider_id),
      CHECK ((reason IS NOT NULL) = (outcome IS NOT NULL AND outcome IN ('refused', 'failed')))
    ) STRICT;
    CREATE INDEX message_of_turn ON message (turn_id) WHERE turn_id IS NOT NULL;

    CREATE TABLE payload_message (
      payload_id TEXT NOT NULL REFERENCES payload (correlation_id),
      message_id TEXT NOT NULL REFERENCES message (id),
      place TEXT NOT NULL,
      kind TEXT NOT NULL,
      PRIMARY KEY (payload_id, place)
    ) STRICT;
    CREATE INDEX payload_of_message ON payload_message (message_id);

    CREATE TABLE send (
      id TEXT NOT NULL PRIMARY KEY,
      turn_id TEXT NOT NULL REFERENCES turn (id),
      attempt INTEGER NOT NULL CHECK (attempt > 0),
      part INTEGER NOT NULL CHECK (part >= 0),
      text TEXT NOT NULL CHECK (text <> ''),
      state TEXT NOT NULL CHECK (state IN ('unsent', 'sending', 'accepted', 'refused', 'unknown')),
      provider_id TEXT,
      delivery TEXT,
      marked_at INTEGER,
      ended_at INTEGER,
      created_at INTEGER NOT NULL,
      UNIQUE (turn_id, attempt, part),
      CHECK (state <> 'accepted' OR provider_id IS NOT NULL),
      CHECK (state = 'unsent' OR marked_at IS NOT NULL)
    ) STRICT;
    CREATE INDEX send_provider ON send (provider_id) WHERE provider_id IS NOT NULL;

    CREATE TABLE credit_entry (
      id TEXT NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES account (id),
      turn_id TEXT REFERENCES turn (id),
      attempt INTEGER,
      kind TEXT NOT NULL CHECK (kind IN ('added', 'reserved', 'captured', 'released', 'refunded')),
      amount INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      UNIQUE (turn_id, attempt, kind),
      CHECK ((kind = 'added') = (turn_id IS NULL)),
      CHECK ((turn_id IS NULL) = (attempt IS NULL))
    ) STRICT;
    CREATE TRIGGER credit_captured_once BEFORE INSERT ON credit_entry WHEN NEW.kind = 'captured' AND EXISTS (
      SELECT 1 FROM credit_entry AS earlier WHERE earlier.turn_id = NEW.turn_id AND earlier.kind = 'captured' AND NOT EXISTS (
        SELECT 1 FROM credit_entry AS back
        WHERE back.turn_id = earlier.turn_id AND back.attempt = earlier.attempt AND back.kind = 'refunded'))
    BEGIN SELECT RAISE(ABORT, 'a turn is captured once'); END;
    CREATE INDEX credit_of_account ON credit_entry (account_id, created_at);
    CREATE TRIGGER credit_entry_stays BEFORE UPDATE ON credit_entry BEGIN SELECT RAISE(ABORT, 'credit entries are never changed'); END;
    CREATE TRIGGER credit_entry_kept BEFORE DELETE ON credit_entry BEGIN SELECT RAISE(ABORT, 'credit entries are never deleted'); END;

    CREATE TABLE alert (
      id TEXT NOT NULL PRIMARY KEY,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      message TEXT NOT NULL,
      count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0),
      since INTEGER NOT NULL,
      resolved_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX alert_open ON alert (kind, subject) WHERE resolved_at IS NULL;
    """

  /// What the API shows by user, which numbers are verified, and which prompt a turn is pinned to.
  private static let second = """
    ALTER TABLE channel ADD COLUMN verified_at INTEGER;
    ALTER TABLE channel ADD COLUMN verify_after INTEGER;
    ALTER TABLE agent ADD COLUMN model TEXT;
    ALTER TABLE turn ADD COLUMN prompt_id TEXT;
    ALTER TABLE turn ADD COLUMN prompt_version INTEGER;

    ALTER TABLE message ADD COLUMN account_id TEXT REFERENCES account (id);
    UPDATE message SET account_id = (
      SELECT channel.account_id FROM conversation JOIN channel ON channel.id = conversation.channel_id
      WHERE conversation.id = message.conversation_id);
    CREATE INDEX message_of_account ON message (account_id, id) WHERE account_id IS NOT NULL;
    CREATE INDEX message_open ON message (account_id, id) WHERE outcome IS NULL;
    CREATE INDEX message_failed ON message (account_id, id) WHERE outcome IN ('refused', 'failed');

    ALTER TABLE send ADD COLUMN fault TEXT;
    ALTER TABLE send ADD COLUMN account_id TEXT REFERENCES account (id);
    UPDATE send SET account_id = (
      SELECT channel.account_id FROM turn JOIN conversation ON conversation.id = turn.conversation_id
      JOIN channel ON channel.id = conversation.channel_id WHERE turn.id = send.turn_id);
    CREATE INDEX send_of_account ON send (account_id, id);
    CREATE INDEX send_short ON send (account_id, id) WHERE (state <> 'accepted' OR delivery = 'failed');

    CREATE INDEX channel_of_account ON channel (account_id, id);
    CREATE INDEX agent_by_channel ON agent (channel_id, id);
    CREATE INDEX prompt_of_account ON prompt (account_id, id);
    """

  /// Who somebody is and where they are written to, what became of a send, and what came that nobody knows.
  private static let who = """
    ALTER TABLE channel ADD COLUMN platform_account TEXT;

    CREATE TABLE alias (
      account_id TEXT NOT NULL REFERENCES account (id),
      kind TEXT NOT NULL CHECK (kind IN ('phone', 'scoped', 'parent', 'page')),
      value TEXT NOT NULL CHECK (value <> ''),
      customer_id TEXT NOT NULL REFERENCES customer (id),
      ended_at INTEGER,
      PRIMARY KEY (account_id, kind, value)
    ) STRICT;
    INSERT INTO alias (account_id, kind, value, customer_id) SELECT account_id, kind, value, customer_id FROM customer_alias;
    DROP TABLE customer_alias;
    ALTER TABLE alias RENAME TO customer_alias;
    CREATE INDEX alias_of_customer ON customer_alias (customer_id, kind);

    ALTER TABLE customer ADD COLUMN joined_id TEXT REFERENCES customer (id);

    ALTER TABLE conversation ADD COLUMN phone TEXT;
    ALTER TABLE conversation ADD COLUMN scoped_id TEXT;
    ALTER TABLE conversation ADD COLUMN joins_id TEXT REFERENCES conversation (id) CHECK (joins_id <> id);
    ALTER TABLE conversation ADD COLUMN is_joined INTEGER NOT NULL DEFAULT 0
      CHECK (is_joined = 0 OR is_joined = 1 AND joins_id IS NOT NULL AND lease_owner IS NULL AND due_at IS NULL);
    UPDATE conversation SET
      phone = (SELECT value FROM customer_alias WHERE customer_id = conversation.customer_id AND kind = 'phone'),
      scoped_id = (SELECT value FROM customer_alias WHERE customer_id = conversation.customer_id AND kind = 'scoped');
    CREATE INDEX conversation_joining ON conversation (joins_id) WHERE joins_id IS NOT NULL AND is_joined = 0;
    CREATE INDEX message_recorded ON message (conversation_id) WHERE outcome = 'recorded';

    ALTER TABLE send ADD COLUMN delivery_at INTEGER;
    ALTER TABLE send ADD COLUMN errors TEXT;
    ALTER TABLE send ADD COLUMN pricing TEXT;
    ALTER TABLE send ADD COLUMN priced_by TEXT CHECK ((priced_by IS NULL) = (pricing IS NULL));

    CREATE TABLE stray_status (
      slot INTEGER NOT NULL PRIMARY KEY CHECK (slot >= 0),
      number INTEGER NOT NULL UNIQUE,
      provider_id TEXT,
      callback_data TEXT,
      state TEXT NOT NULL,
      said_at INTEGER,
      pricing TEXT,
      errors TEXT,
      fault TEXT,
      recorded_at INTEGER NOT NULL,
      CHECK (provider_id IS NOT NULL OR callback_data IS NOT NULL)
    ) STRICT;
    CREATE INDEX stray_of_provider ON stray_status (provider_id) WHERE provider_id IS NOT NULL;

    CREATE TABLE unknown_kind (
      name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
      count INTEGER NOT NULL CHECK (count > 0),
      first_at INTEGER NOT NULL,
      last_at INTEGER NOT NULL
    ) STRICT;
    """

  /// What must be left alone for a while, how fast may be sent, and which alerts have been told.
  private static let gates = """
    ALTER TABLE alert ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told = 0 OR told = 1 OR told = 2 AND resolved_at IS NOT NULL);
    CREATE INDEX alert_untold ON alert (since) WHERE told = 0 OR told = 1 AND resolved_at IS NOT NULL;

    CREATE TABLE gate (
      key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
      not_before INTEGER,
      reason TEXT NOT NULL CHECK (reason <> ''),
      level INTEGER NOT NULL CHECK (level >= 0),
      alert TEXT REFERENCES alert (id),
      probe TEXT,
      since INTEGER NOT NULL,
      CHECK (not_before IS NOT NULL OR alert IS NOT NULL)
    ) STRICT;

    ALTER TABLE channel ADD COLUMN paced_until INTEGER;
    ALTER TABLE conversation ADD COLUMN paced_until INTEGER;
    """

  /// Whose turns are to be opened again, for they got credits.
  private static let books = """
    ALTER TABLE account ADD COLUMN wake_after TEXT;
    ALTER TABLE account ADD COLUMN wake_credits INTEGER NOT NULL DEFAULT 0 CHECK (wake_credits >= 0);
    CREATE INDEX account_waking ON account (id) WHERE wake_after IS NOT NULL;
    """

  /// What waits until somebody lets it go on, and which agents may call a person.
  private static let hold = """
    ALTER TABLE channel ADD COLUMN held_at INTEGER;
    ALTER TABLE channel ADD COLUMN held_for TEXT CHECK ((held_for IS NULL) = (held_at IS NULL));
    CREATE INDEX channel_held ON channel (id) WHERE held_at IS NOT NULL;
    ALTER TABLE conversation ADD COLUMN held_at INTEGER CHECK (held_at IS NULL OR due_at IS NULL);
    ALTER TABLE conversation ADD COLUMN held_for TEXT CHECK ((held_for IS NULL) = (held_at IS NULL));
    CREATE INDEX conversation_held ON conversation (id) WHERE held_at IS NOT NULL;
    ALTER TABLE conversation ADD COLUMN released_at INTEGER;
    ALTER TABLE turn ADD COLUMN hands_off INTEGER NOT NULL DEFAULT 0 CHECK (hands_off = 0 OR hands_off = 1);
    ALTER TABLE agent ADD COLUMN may_hand_off INTEGER NOT NULL DEFAULT 0 CHECK (may_hand_off = 0 OR may_hand_off = 1);
    """

  /// Who wants no messages, who answers instead of the agent, when its office is open, and what is said then.
  private static let manners = """
    ALTER TABLE account ADD COLUMN opt_words TEXT;
    ALTER TABLE customer ADD COLUMN opted_out_at INTEGER;
    ALTER TABLE customer ADD COLUMN no_marketing_at INTEGER;
    ALTER TABLE customer ADD COLUMN template_at INTEGER;
    ALTER TABLE customer ADD COLUMN template_turn TEXT CHECK ((template_turn IS NULL) = (template_at IS NULL));
    ALTER TABLE conversation ADD COLUMN human_until INTEGER;
    ALTER TABLE conversation ADD COLUMN away_at INTEGER;
    ALTER TABLE conversation ADD COLUMN closed_at INTEGER;
    ALTER TABLE agent ADD COLUMN office_hours TEXT;
    ALTER TABLE agent ADD COLUMN away_text TEXT CHECK (office_hours IS NULL OR away_text IS NOT NULL);
    ALTER TABLE agent ADD COLUMN away_price INTEGER NOT NULL DEFAULT 0 CHECK (away_price >= 0);
    ALTER TABLE agent ADD COLUMN template TEXT;
    ALTER TABLE agent ADD COLUMN template_price INTEGER NOT NULL DEFAULT 1 CHECK (template_price >= 0);
    ALTER TABLE message ADD COLUMN meaning TEXT CHECK (meaning = 'opt_out' OR meaning = 'opt_in');
    ALTER TABLE turn ADD COLUMN template TEXT;
    ALTER TABLE turn ADD COLUMN speech TEXT
      CHECK (speech = 'opted_out' OR speech = 'opted_in' OR speech = 'away' OR speech = 'template' AND template IS NOT NULL);
    """
}
