// Package api asks a Pretix instance over its REST API. It knows neither our database nor Matrix.
//
// Read in this order: client.go (who asks, with what), request.go (the one way every request takes: built, held back by the
// limiter, sent, checked), errors.go (what can come of it), then one file for each kind of thing that is asked for. Pretix's quirks
// end here: null becomes zero, translated texts become [Text], lists come whole, and of an order only what decides about
// invitations is asked for; answers to other questions than the one wanted are dropped before anybody sees them.
//
// Three rules hold for all of it. A token goes to its instance and nowhere else, redirects and `next` links included. No error text
// holds an address, a token or anything that Pretix said. And everybody who asks about one organizer shares one [Limiter].
package api
