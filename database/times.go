package database

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// millis is a time as it stands in a column: milliseconds since 1970, 0 for the zero time, which means never.
type millis time.Time

// at returns the column of a time, for writing.
func at(t time.Time) millis { return millis(t) }

// into returns the column of a time, for reading.
func into(t *time.Time) *millis { return (*millis)(t) }

// Value writes the time as a number.
func (m millis) Value() (driver.Value, error) {
	if time.Time(m).IsZero() {
		return int64(0), nil
	}
	return time.Time(m).UnixMilli(), nil
}

// Scan reads the time from a number; NULL, which is what the smallest of no rows is, is never.
func (m *millis) Scan(column any) error {
	switch number := column.(type) {
	case nil:
		*m = millis{}
	case int64:
		*m = millis{}
		if number != 0 {
			*m = millis(time.UnixMilli(number).UTC())
		}
	default:
		return fmt.Errorf("a time is stored as %T", column)
	}
	return nil
}
