package database

import "go.uber.org/zap"

// Fields name the organizer in a log line.
func (k OrganizerKey) Fields() []zap.Field {
	return []zap.Field{zap.String("instance", k.Instance), zap.String("organizer", k.Organizer)}
}

// Fields name the event in a log line.
func (k EventKey) Fields() []zap.Field {
	return append(k.OrganizerKey().Fields(), zap.String("event", k.Event))
}

// Fields name the order in a log line.
func (k OrderKey) Fields() []zap.Field {
	return append(k.Event.Fields(), zap.String("order", k.Code))
}
