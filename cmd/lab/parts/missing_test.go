package parts

import (
	"slices"
	"testing"
)

func TestMissingCompilerIsNamed(t *testing.T) {
	t.Setenv("CC", "/nonexistent/cc")
	if got, want := Missing(t.Context(), Wants{Compiler: true}), []string{"gcc", "libc6-dev"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Missing(t.Context(), Wants{}); len(got) > 0 {
		t.Errorf("got %q though nothing is wanted", got)
	}
}
