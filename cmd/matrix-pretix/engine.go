package main

import (
	"context"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"

	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/database"
)

// engine is what is started and stopped here: the bridge.
type engine interface {
	// Upgrade refuses a database that is not ours to use, and brings the tables up to date.
	Upgrade(ctx context.Context) error
	// Matrix serves what the homeserver sends, Public what the world may.
	Matrix() http.Handler
	Public() http.Handler
	// Start may hang, deaf to ctx. Stop may be called only after it has succeeded.
	Start(ctx context.Context) error
	Stop(limit time.Duration)
	// Run works until ctx ends, also while Start still goes on.
	Run(ctx context.Context) error
}

// materials are what the bridge is built from.
type materials struct {
	config  *config.Config
	db      *dbutil.Database
	keys    *database.Keys
	log     *zap.Logger
	mautrix zerolog.Logger
}
