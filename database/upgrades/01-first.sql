-- v0 -> v1: First schema

-- Times are milliseconds since 1970, 0 is never. Attendees are digests; Matrix IDs are those of organizers only.

-- What the program must know of itself from one start to the next.
CREATE TABLE pretix_meta (
	key   TEXT NOT NULL,
	value TEXT NOT NULL,

	CONSTRAINT pretix_meta_pkey PRIMARY KEY (key)
);

-- Where the server lived to which the names made from this key belong.
CREATE TABLE pretix_instance (
	instance TEXT NOT NULL,
	url      TEXT NOT NULL,

	CONSTRAINT pretix_instance_pkey PRIMARY KEY (instance)
);

CREATE TABLE pretix_organizer (
	organizer     TEXT   NOT NULL,
	secret_digest TEXT   NOT NULL,
	secret_sealed TEXT   NOT NULL,
	webhook_id    BIGINT NOT NULL DEFAULT 0,
	heard_at      BIGINT NOT NULL DEFAULT 0,
	swept_at      BIGINT NOT NULL DEFAULT 0,

	CONSTRAINT pretix_organizer_pkey PRIMARY KEY (organizer),
	CONSTRAINT pretix_organizer_secret_key UNIQUE (secret_digest)
);

CREATE TABLE pretix_event (
	event               TEXT    NOT NULL,
	organizer           TEXT    NOT NULL,
	name                TEXT    NOT NULL,
	public_url          TEXT    NOT NULL,
	has_subevents       BOOLEAN NOT NULL,
	ghost_id            TEXT    NOT NULL,
	bot                 TEXT    NOT NULL,
	question_id         BIGINT  NOT NULL DEFAULT 0,
	question_identifier TEXT    NOT NULL DEFAULT '',
	default_server      TEXT    NOT NULL DEFAULT '',
	-- By Pretix's clock: every change before it is known.
	swept_from          BIGINT  NOT NULL DEFAULT 0,
	-- 0: the orders were never read as a whole.
	scanned_at          BIGINT  NOT NULL DEFAULT 0,
	test_told           BOOLEAN NOT NULL DEFAULT false,
	created_at          BIGINT  NOT NULL,

	CONSTRAINT pretix_event_pkey PRIMARY KEY (event),
	CONSTRAINT pretix_event_ghost_key UNIQUE (ghost_id),
	CONSTRAINT pretix_event_bot_key UNIQUE (bot),
	CONSTRAINT pretix_event_bot_named CHECK (ghost_id <> '' AND bot <> ''),
	CONSTRAINT pretix_event_organizer_fkey FOREIGN KEY (organizer)
		REFERENCES pretix_organizer (organizer) ON DELETE CASCADE
);
CREATE INDEX pretix_event_organizer_idx ON pretix_event (organizer);

CREATE TABLE pretix_link (
	event        TEXT   NOT NULL,
	room_id      TEXT   NOT NULL,
	linked_by    TEXT   NOT NULL,
	linked_at    BIGINT NOT NULL,
	state        TEXT   NOT NULL,
	reason       TEXT   NOT NULL DEFAULT '',
	since        BIGINT NOT NULL,
	-- Whether those who command the event have still to be told of this state.
	untold       BOOLEAN NOT NULL DEFAULT false,
	successor    TEXT   NOT NULL DEFAULT '',
	follow_until BIGINT NOT NULL DEFAULT 0,
	-- What was last said about following the successor.
	follow_told  TEXT   NOT NULL DEFAULT '',

	CONSTRAINT pretix_link_pkey PRIMARY KEY (event, room_id),
	CONSTRAINT pretix_link_state CHECK (state IN ('pending', 'active', 'suspended')),
	CONSTRAINT pretix_link_follow CHECK ((successor = '') = (follow_until = 0)),
	CONSTRAINT pretix_link_event_fkey FOREIGN KEY (event) REFERENCES pretix_event (event) ON DELETE CASCADE
);
CREATE INDEX pretix_link_room_idx ON pretix_link (room_id);
CREATE INDEX pretix_link_successor_idx ON pretix_link (successor);

-- What opens a linked room; 0 is any. A link without rules opens to every ticket.
CREATE TABLE pretix_rule (
	event     TEXT   NOT NULL,
	room_id   TEXT   NOT NULL,
	item      BIGINT NOT NULL,
	variation BIGINT NOT NULL,
	subevent  BIGINT NOT NULL,

	CONSTRAINT pretix_rule_pkey PRIMARY KEY (event, room_id, item, variation, subevent),
	CONSTRAINT pretix_rule_narrows CHECK (item <> 0 OR variation <> 0 OR subevent <> 0),
	CONSTRAINT pretix_rule_link_fkey FOREIGN KEY (event, room_id)
		REFERENCES pretix_link (event, room_id) ON DELETE CASCADE
);

CREATE TABLE pretix_control (
	event    TEXT   NOT NULL,
	room_id  TEXT   NOT NULL,
	added_by TEXT   NOT NULL,
	added_at BIGINT NOT NULL,

	CONSTRAINT pretix_control_pkey PRIMARY KEY (event, room_id),
	CONSTRAINT pretix_control_event_fkey FOREIGN KEY (event) REFERENCES pretix_event (event) ON DELETE CASCADE
);
CREATE INDEX pretix_control_room_idx ON pretix_control (room_id);

-- Which login sees which event. Most of those events are linked nowhere, so nothing is referenced.
CREATE TABLE pretix_sight (
	login TEXT NOT NULL,
	event TEXT NOT NULL,

	CONSTRAINT pretix_sight_pkey PRIMARY KEY (login, event)
);
CREATE INDEX pretix_sight_event_idx ON pretix_sight (event);

-- The orders that have a ticket below; others leave no row.
CREATE TABLE pretix_order (
	event       TEXT NOT NULL,
	code        TEXT NOT NULL,
	fingerprint TEXT NOT NULL,

	CONSTRAINT pretix_order_pkey PRIMARY KEY (event, code),
	CONSTRAINT pretix_order_event_fkey FOREIGN KEY (event) REFERENCES pretix_event (event) ON DELETE CASCADE
);

-- Only tickets that count. Their key is the position, which stays the same when an order is split.
CREATE TABLE pretix_ticket (
	event     TEXT    NOT NULL,
	position  BIGINT  NOT NULL,
	code      TEXT    NOT NULL,
	item      BIGINT  NOT NULL,
	variation BIGINT  NOT NULL,
	subevent  BIGINT  NOT NULL,
	attendee  TEXT    NOT NULL,
	problem   TEXT    NOT NULL,
	reported  BOOLEAN NOT NULL,
	found_at  BIGINT  NOT NULL,

	CONSTRAINT pretix_ticket_pkey PRIMARY KEY (event, position),
	CONSTRAINT pretix_ticket_attendee_or_problem CHECK ((attendee = '') <> (problem = '')),
	CONSTRAINT pretix_ticket_order_fkey FOREIGN KEY (event, code)
		REFERENCES pretix_order (event, code) ON DELETE CASCADE
);
CREATE INDEX pretix_ticket_order_idx ON pretix_ticket (event, code, position);
CREATE INDEX pretix_ticket_attendee_idx ON pretix_ticket (event, attendee, position);

CREATE TABLE pretix_invite (
	event      TEXT    NOT NULL,
	room_id    TEXT    NOT NULL,
	attendee   TEXT    NOT NULL,
	state      TEXT    NOT NULL,
	reason     TEXT    NOT NULL DEFAULT '',
	wait_until BIGINT  NOT NULL DEFAULT 0,
	attempts   BIGINT  NOT NULL DEFAULT 0,
	again      BOOLEAN NOT NULL DEFAULT false,
	-- The ticket by which the attendee may come in, or came in.
	code       TEXT    NOT NULL,
	position   BIGINT  NOT NULL,
	-- The reason that was told last. What passes by itself may lie in between.
	reported   TEXT    NOT NULL DEFAULT '',
	asked_at   BIGINT  NOT NULL DEFAULT 0,
	changed_at BIGINT  NOT NULL,

	CONSTRAINT pretix_invite_pkey PRIMARY KEY (event, room_id, attendee),
	CONSTRAINT pretix_invite_state
		CHECK (state IN ('held', 'due', 'waiting', 'invited', 'joined', 'gone', 'failed')),
	CONSTRAINT pretix_invite_attendee CHECK (attendee <> ''),
	CONSTRAINT pretix_invite_waits CHECK ((state = 'waiting') = (wait_until <> 0)),
	CONSTRAINT pretix_invite_reasoned
		CHECK ((state IN ('waiting', 'gone', 'failed')) = (reason <> '')),
	CONSTRAINT pretix_invite_link_fkey FOREIGN KEY (event, room_id)
		REFERENCES pretix_link (event, room_id) ON DELETE CASCADE
);
CREATE INDEX pretix_invite_order_idx ON pretix_invite (event, code);
CREATE INDEX pretix_invite_attendee_idx ON pretix_invite (event, attendee);
CREATE INDEX pretix_invite_room_idx ON pretix_invite (room_id, attendee);

CREATE TABLE pretix_due (
	event      TEXT    NOT NULL,
	code       TEXT    NOT NULL,
	generation BIGINT  NOT NULL,
	due_at     BIGINT  NOT NULL,
	batch      BOOLEAN NOT NULL,
	attempts   BIGINT  NOT NULL DEFAULT 0,

	CONSTRAINT pretix_due_pkey PRIMARY KEY (event, code),
	CONSTRAINT pretix_due_event_fkey FOREIGN KEY (event) REFERENCES pretix_event (event) ON DELETE CASCADE
);
CREATE INDEX pretix_due_turn_idx ON pretix_due (batch, due_at);

-- A room that an event's bot has to leave because nothing ties it there any more, and from when on.
CREATE TABLE pretix_departure (
	bot      TEXT   NOT NULL,
	room_id  TEXT   NOT NULL,
	leave_at BIGINT NOT NULL,

	CONSTRAINT pretix_departure_pkey PRIMARY KEY (bot, room_id)
);

-- Answers that are still being written: after a restart nobody would go on with them.
CREATE TABLE pretix_unfinished (
	message_id TEXT NOT NULL,
	room_id    TEXT NOT NULL,

	CONSTRAINT pretix_unfinished_pkey PRIMARY KEY (message_id)
);

-- The talks of the bridge bot with those who command. Of several of one person the newest is used, but none may be opened to tickets.
CREATE TABLE pretix_direct (
	room_id TEXT   NOT NULL,
	user_id TEXT   NOT NULL,
	since   BIGINT NOT NULL,

	CONSTRAINT pretix_direct_pkey PRIMARY KEY (room_id)
);
CREATE INDEX pretix_direct_user_idx ON pretix_direct (user_id, since);

-- Which rooms each ticket opens: the one place that says so in SQL.
CREATE VIEW pretix_opens AS
SELECT link.event, link.room_id, ticket.position, ticket.code, ticket.attendee
FROM pretix_link link
JOIN pretix_ticket ticket ON ticket.event = link.event
WHERE NOT EXISTS (
	SELECT 1 FROM pretix_rule rule WHERE rule.event = link.event AND rule.room_id = link.room_id
) OR EXISTS (
	SELECT 1 FROM pretix_rule rule
	WHERE rule.event = link.event AND rule.room_id = link.room_id
		AND (rule.item = 0 OR rule.item = ticket.item)
		AND (rule.variation = 0 OR rule.variation = ticket.variation)
		AND (rule.subevent = 0 OR rule.subevent = ticket.subevent)
);

-- Who cannot be served at present: tickets that would open a room but name nobody, and invites that failed or wait for
-- something that an organizer can mend. What passes by itself ('limited', 'homeserver') is left out, and so is a failed
-- invite that no ticket speaks for any more.
CREATE VIEW pretix_failure AS
SELECT ticket.event, ticket.code, ticket.position, ticket.item, ticket.variation, ticket.subevent,
	ticket.problem AS problem, '' AS state, '' AS reason, '' AS room_id,
	0 AS wait_until, ticket.reported AS reported, ticket.found_at AS found_at
FROM pretix_ticket ticket
WHERE ticket.problem <> '' AND EXISTS (
	SELECT 1 FROM pretix_opens opens WHERE opens.event = ticket.event AND opens.position = ticket.position
)
UNION ALL
SELECT invite.event, invite.code, invite.position, ticket.item, ticket.variation, ticket.subevent,
	'' AS problem, invite.state AS state, invite.reason AS reason, invite.room_id AS room_id,
	invite.wait_until AS wait_until, invite.reported = invite.reason AS reported, invite.changed_at AS found_at
FROM pretix_invite invite
JOIN pretix_ticket ticket ON ticket.event = invite.event AND ticket.position = invite.position
WHERE invite.state IN ('waiting', 'failed') AND invite.reason NOT IN ('limited', 'homeserver') AND EXISTS (
	SELECT 1 FROM pretix_opens opens
	WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
);
