package database

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// ErrBadKey says that a text is not the key of an organizer or event.
var ErrBadKey = errors.New("not a key")

// OrganizerKey names an organizer at one of the configured Pretix servers, as text "eu/lab". The slug has Pretix's own spelling.
type OrganizerKey struct{ Instance, Organizer string }

// EventKey names an event of an organizer, as text "eu/lab/conf". The slugs have Pretix's own spelling.
type EventKey struct{ Instance, Organizer, Event string }

// OrderKey names an order of an event.
type OrderKey struct {
	Event EventKey
	Code  string
}

// ParseOrganizerKey reads what [OrganizerKey.String] wrote, or returns [ErrBadKey].
func ParseOrganizerKey(text string) (OrganizerKey, error) {
	parts, err := keyParts(text, 2)
	if err != nil {
		return OrganizerKey{}, err
	}
	return OrganizerKey{Instance: parts[0], Organizer: parts[1]}, nil
}

// ParseEventKey reads what [EventKey.String] wrote, or returns [ErrBadKey].
func ParseEventKey(text string) (EventKey, error) {
	parts, err := keyParts(text, 3)
	if err != nil {
		return EventKey{}, err
	}
	return EventKey{Instance: parts[0], Organizer: parts[1], Event: parts[2]}, nil
}

// keyParts splits a key into n parts. No part of one holds a slash or is empty, which is what makes the text unambiguous.
func keyParts(text string, n int) ([]string, error) {
	parts := strings.Split(text, "/")
	if len(parts) != n {
		return nil, fmt.Errorf("%w: %d parts instead of %d", ErrBadKey, len(parts), n)
	}
	for _, part := range parts {
		if part == "" {
			return nil, fmt.Errorf("%w: a part is empty", ErrBadKey)
		}
	}
	return parts, nil
}

// Event returns the key of an event of this organizer.
func (k OrganizerKey) Event(slug string) EventKey {
	return EventKey{Instance: k.Instance, Organizer: k.Organizer, Event: slug}
}

// OrganizerKey returns the key of the event's organizer.
func (k EventKey) OrganizerKey() OrganizerKey {
	return OrganizerKey{Instance: k.Instance, Organizer: k.Organizer}
}

// String returns the text that stands in the database and in logs.
func (k OrganizerKey) String() string { return k.Instance + "/" + k.Organizer }

// String returns the text that stands in the database and in logs.
func (k EventKey) String() string { return k.Instance + "/" + k.Organizer + "/" + k.Event }

// Value writes the key as text, and refuses one that could not be read back.
func (k OrganizerKey) Value() (driver.Value, error) {
	text := k.String()
	_, err := ParseOrganizerKey(text)
	return text, err
}

// Value writes the key as text, and refuses one that could not be read back.
func (k EventKey) Value() (driver.Value, error) {
	text := k.String()
	_, err := ParseEventKey(text)
	return text, err
}

// Scan reads the key from a column.
func (k *OrganizerKey) Scan(column any) error {
	text, err := columnText(column)
	if err != nil {
		return err
	}
	*k, err = ParseOrganizerKey(text)
	return err
}

// Scan reads the key from a column.
func (k *EventKey) Scan(column any) error {
	text, err := columnText(column)
	if err != nil {
		return err
	}
	*k, err = ParseEventKey(text)
	return err
}

func columnText(column any) (string, error) {
	switch text := column.(type) {
	case string:
		return text, nil
	case []byte:
		return string(text), nil
	default:
		return "", fmt.Errorf("%w: the column holds %T", ErrBadKey, column)
	}
}
