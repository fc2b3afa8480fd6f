// Package listener is the program's one HTTP server, and the gate in it.
//
// It listens before anything else is done, so that a taken port is told at once and a watching orchestrator sees a live
// process. Behind the gate nothing is answered until the process may work: a standby that took a transaction or a webhook
// would acknowledge it and lose it. So until [Server.Attach] everything but /_matrix/mau/live and /_matrix/mau/ready is 503,
// without the body being read: the homeserver and Pretix both come again.
// What the homeserver sends is taken when the start has ended, [Server.Accept], and held shortly before.
package listener
