package main

import "runtime/debug"

// release is the version that this is, or is going to be.
const release = "0.1.0"

// version is what the program calls itself: the release and, where the build knows it, the commit.
func version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 8 {
			return release + "+" + setting.Value[:8]
		}
	}
	return release
}
