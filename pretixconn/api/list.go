package api

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strconv"
)

const (
	pageSize     = 50  // the most that Pretix gives
	maxListPages = 400 // of what is kept in memory as a whole
)

type listAnswer[T any] struct {
	Next    *string `json:"next"`
	Results []T     `json:"results"`
}

// listAll reads all pages of a list, by number: the links that Pretix offers are never followed.
func listAll[T any](ctx context.Context, c *Client, op string, path []string, query url.Values) ([]T, error) {
	var all []T
	for page := 1; page <= maxListPages; page++ {
		var answer listAnswer[T]
		_, err := c.do(ctx, request{op: op, path: path, query: pageQuery(query, page), into: &answer})
		if page > 1 && errors.Is(err, ErrNotFound) {
			return all, nil // the list has become shorter while it was read
		}
		if err != nil {
			return nil, err
		}
		all = append(all, answer.Results...)
		if answer.Next == nil || len(answer.Results) == 0 {
			return all, nil
		}
	}
	return nil, &Error{Op: op, kind: ErrUnavailable, reason: "the list does not end"}
}

func pageQuery(query url.Values, page int) url.Values {
	asked := maps.Clone(query)
	if asked == nil {
		asked = url.Values{}
	}
	asked.Set("page_size", strconv.Itoa(pageSize))
	if page > 1 {
		asked.Set("page", strconv.Itoa(page))
	}
	return asked
}
