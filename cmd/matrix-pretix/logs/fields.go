package logs

// ours are the fields of this program's own lines whose texts may be written. Numbers, times and flags may always.
var ours = set(
	// what a line is about
	"instance", "organizer", "event", "order", "login", "room_id", "kind", "key", "part", "step", "command",
	// what happened
	"outcome", "reason", "doing", "type", "state", "status", "errcode", "op", "problem", "lacks", "permission", "missing", "remedy", "membership", "priority", "follow",
	// where
	"address", "database", "holder", "domain", "id", "version", "schema", "method", "path_kind", "server", "host", "signal", "bot",
	// errors of this program, whose texts are safe by themselves
	"error", "error_kind",
	// where a handler panicked: names of functions, no values
	"stack",
)

// theirs are the fields of mautrix's lines whose texts may be written. Not on it, among others: url, req_body, error, body,
// state_key, content, query_args: they hold people.
var theirs = set(
	"component", "db_section", "section", "action", "subaction", "method", "description", "txn_mode", "query", "caller",
	"room_id", "event_id", "event_type", "event_type_class", "decrypted_event_type",
	"transaction_id", "txn_id", "req_id", "device_id", "session_id", "olm_session_id", "trust_state", "user_login_id", "login_id",
	"server_supports", "bridge_requires",
)

// theirBots are fields of mautrix's lines that hold one user ID. It is written only if it is the ID of one of our bots.
var theirBots = set("as_user_id", "user_id", "got_user_id", "expected_user_id", "sender")

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}
