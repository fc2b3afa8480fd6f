package parts

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// filledIn is the program's config with the secrets that -g would make.
func filledIn() []string {
	const key32 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	return []string{
		"MATRIX_PRETIX_APPSERVICE_AS_TOKEN=as-token-of-sixteen", "MATRIX_PRETIX_APPSERVICE_HS_TOKEN=hs-token-of-sixteen",
		"MATRIX_PRETIX_ENCRYPTION_PICKLE_KEY=pickle-key-of-sixteen", "MATRIX_PRETIX_NETWORK_SEAL_KEY=" + key32,
		"MATRIX_PRETIX_NETWORK_DIGEST_KEY=B" + key32[1:],
	}
}

func TestBridgesConfigIsOneThatTheProgramTakes(t *testing.T) {
	for name, database := range map[string]string{
		config.SQLite:   "",
		config.Postgres: "postgres://lab@127.0.0.1:15432/lab?sslmode=disable",
	} {
		t.Run(name, func(t *testing.T) {
			b := &Bridge{URL: "http://127.0.0.1:15003", Config: filepath.Join(t.TempDir(), "config.yaml")}
			o := BridgeOptions{Homeserver: "http://127.0.0.1:15001", Pretix: "http://127.0.0.1:15002", Port: 15003, Database: database}
			if err := b.writeConfig(o); err != nil {
				t.Fatal(err)
			}
			got, err := config.Load(b.Config, filledIn)
			if err != nil {
				t.Fatal(err)
			}
			if got.Database.Type != name || got.Homeserver.Address != o.Homeserver || got.Network.Instances["lab"].URL != o.Pretix {
				t.Errorf("got database %q, homeserver %q, Pretix %q", got.Database.Type, got.Homeserver.Address, got.Network.Instances["lab"].URL)
			}
			if got.AppService.PublicAddress != b.URL {
				t.Errorf("got public address %q, want the bridge's own, %q", got.AppService.PublicAddress, b.URL)
			}
		})
	}
}

func TestSecretsOfTheEnvironmentDoNotReachTheBridge(t *testing.T) {
	got := withoutSecrets([]string{"HOME=/home/ada", "MATRIX_PRETIX_APPSERVICE_AS_TOKEN=other", "PATH=/bin"})
	if want := []string{"HOME=/home/ada", "PATH=/bin"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMissingProgramIsAnError(t *testing.T) {
	dir := t.TempDir()
	_, err := PrepareBridge(t.Context(), dir, BridgeOptions{Binary: filepath.Join(dir, "none"), Homeserver: "http://a", Pretix: "http://b", Port: 1})
	if err == nil {
		t.Error("got no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "registration.yaml")); err == nil {
		t.Error("there is a registration")
	}
}
