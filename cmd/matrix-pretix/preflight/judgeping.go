package preflight

import "net/http"

// judgePing says what came of the ping; not ok where the answer is not about the ping.
func judgePing(a Answer, f Facts) (v Verdict, ok bool) {
	there := f.Address
	if f.File.URL != "" && f.File.URL != f.Address {
		there = f.File.URL + " (the registration's url; appservice.address is " + f.Address + ")"
	}
	switch {
	case a.Kind == TimedOut, a.Errcode == "M_CONNECTION_TIMEOUT":
		return waitBriefly("the homeserver gets no answer from us at %s: does a firewall stand between, or does that address belong to another machine? Correct appservice.address, write the registration anew, restart the homeserver", there), true
	case a.Kind != Replied:
		return v, false
	case a.Status == http.StatusOK && a.Arrived:
		return fine, true
	case a.Status == http.StatusOK:
		return waitBriefly("the homeserver's ping was answered by something else than this process: %s leads elsewhere. Correct appservice.address, write the registration anew, restart the homeserver", there), true
	case a.Errcode == "M_CONNECTION_FAILED":
		return waitBriefly("the homeserver cannot connect to us at %s: from its machine or container that address must lead here (appservice.hostname and port). Correct appservice.address, write the registration anew, restart the homeserver", there), true
	case a.Errcode == "M_BAD_STATUS" && a.WrongToken:
		return refuse("the homeserver pings us with another hs_token than the config's: give it the present registration and restart it; if the registration has another hs_token than the config, write it anew with -g first"), true
	case a.Errcode == "M_BAD_STATUS" && a.Inner >= 500:
		return waitBriefly("what answers the homeserver at %s cannot serve (status %d): a proxy that does not reach us, or a second matrix-pretix that stands by", there, a.Inner), true
	case a.Errcode == "M_BAD_STATUS":
		return refuse("something else than matrix-pretix answers the homeserver at %s (status %d). Correct appservice.address, write the registration anew, restart the homeserver", there, a.Inner), true
	case a.Errcode == "M_URL_NOT_SET":
		return refuse("the registration that the homeserver has loaded has no url: write it anew with -g, give it to the homeserver and restart that"), true
	case a.Errcode == "M_FORBIDDEN":
		return refuse("the registration that the homeserver has loaded has another id than appservice.id, %s: write it anew with -g, give it to the homeserver and restart that", f.ID), true
	case a.Errcode == "M_UNRECOGNIZED":
		return Verdict{OK: true, Text: "the homeserver is too old to ping application services: whether it reaches us will show"}, true
	default:
		return v, false
	}
}
