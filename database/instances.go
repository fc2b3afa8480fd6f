package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const (
	getInstanceQuery = `SELECT url FROM pretix_instance WHERE instance = $1`
	putInstanceQuery = `
		INSERT INTO pretix_instance (instance, url) VALUES ($1, $2)
		ON CONFLICT (instance) DO UPDATE SET url = excluded.url`
)

// Instance is a Pretix server as the config names it.
type Instance struct {
	Key, URL string
	// MovedFrom is the former URL, by which the admin says that it is the same server at another place.
	MovedFrom string
}

// InstanceMovedError says that an instance key now names another address. Names of bots are made from the key for ever, so
// another server under it would speak through the first one's bots.
type InstanceMovedError struct{ Key, Was, Is string }

// Error names both addresses and both ways out.
func (e *InstanceMovedError) Error() string {
	return fmt.Sprintf("network.instances.%s was %s and is now %s: if it is the same Pretix at a new address, say so by "+
		"network.instances.%s.moved_from: %s; if it is another one, give it a key of its own", e.Key, e.Was, e.Is, e.Key, e.Was)
}

// CheckInstances compares the servers of the config with those that the database knows, and records new ones and those said
// to have moved. All others whose address differs are returned as joined [*InstanceMovedError], and nothing is recorded.
func (s *Store) CheckInstances(ctx context.Context, instances []Instance) error {
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		var moved []error
		for _, instance := range instances {
			err := s.checkInstance(ctx, instance)
			if _, is := errors.AsType[*InstanceMovedError](err); is {
				moved = append(moved, err)
			} else if err != nil {
				return err
			}
		}
		return errors.Join(moved...)
	})
}

func (s *Store) checkInstance(ctx context.Context, instance Instance) error {
	var was string
	err := one(s.db.QueryRow(ctx, getInstanceQuery, instance.Key).Scan(&was))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("read the address of instance %s: %w", instance.Key, err)
	}
	known := err == nil
	if known && !sameAddress(was, instance.URL) && !sameAddress(was, instance.MovedFrom) {
		return &InstanceMovedError{Key: instance.Key, Was: was, Is: instance.URL}
	}
	if _, err := s.change(ctx, putInstanceQuery, instance.Key, instance.URL); err != nil {
		return fmt.Errorf("record the address of instance %s: %w", instance.Key, err)
	}
	return nil
}

// sameAddress ignores what people write now one way, now another.
func sameAddress(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}
