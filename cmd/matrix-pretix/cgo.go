//go:build cgo && !nocrypto

package main

// withCgo says whether SQLite and encryption are in this build: both are written in C or behind it.
const withCgo = true
