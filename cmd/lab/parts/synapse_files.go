package parts

import (
	"crypto/rand"
	"encoding/base64"
)

// synapseLogging sends everything into one file, with the request that a line belongs to.
const synapseLogging = `version: 1
formatters: {line: {format: '%(asctime)s %(levelname)s %(name)s %(request)s %(message)s'}}
filters: {context: {(): synapse.logging.context.LoggingContextFilter}}
handlers: {file: {class: logging.FileHandler, filename: "LOGFILE", formatter: line, filters: [context]}}
root: {level: INFO, handlers: [file]}
disable_existing_loggers: false
`

// signingSeed returns a fresh ed25519 seed in the form of Synapse's signing key files.
func signingSeed() string {
	seed := make([]byte, 32)
	_, _ = rand.Read(seed) // never fails
	return base64.RawStdEncoding.EncodeToString(seed)
}
