package database
import ("testing";"fmt")
func TestPlans(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf); f.link(conf, hall, Rule{Item: standard}); f.link(conf, lab)
		for i := range 2000 { f.recordHeld(fmt.Sprintf("C%05d", i), ticket(int64(2*i+1), Attendee(fmt.Sprint("a", i))), ticket(int64(2*i+2), Attendee(fmt.Sprint("b", i)))) }
		if f.cfg.Type == TypePostgres { f.change(t.Context(), "ANALYZE") }
		for n, q := range map[string]struct{q string; a []any}{
			"orderInvites": {orderInvitesQuery, []any{conf, "C00001"}},
			"entitle": {entitleQuery, []any{conf, "C00001", "due", 1}},
			"repoint": {repointOrderQuery, []any{conf, "C00001"}},
			"drop": {dropOrderQuery, []any{conf, "C00001"}},
			"promote": {promoteQuery, []any{conf, "C00001", 3, "a1", 1}},
			"queued": {anyQueuedQuery, []any{conf, "C00001"}},
			"failures": {failuresQuery, []any{conf, 20}},
			"dropRoom": {dropRoomQuery, []any{conf, hall}},
			"member": {memberChangedQuery, []any{hall, ada, "joined", "", 1}},
		} {
			x := "EXPLAIN QUERY PLAN "
			if f.cfg.Type == TypePostgres { x = "EXPLAIN ANALYZE " }
			rows, err := f.db.Query(t.Context(), x + q.q, q.a...)
			f.must(err)
			out := ""
			for rows.Next() {
				var s string; var a,b,c int
				if f.cfg.Type == TypePostgres { rows.Scan(&s) } else { rows.Scan(&a,&b,&c,&s) }
				out += "\n    " + s
			}
			rows.Close()
			t.Logf("%s:%s", n, out)
		}
	})
}
