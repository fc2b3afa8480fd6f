// Package config is what an admin writes down: one small YAML file, read strictly.
//
// Start with [Config], which names every key and says what it is for. [Load] reads a file and reports everything that is wrong
// with it at once. [WriteExample] is the flag -e, [Generate] the flag -g. Secrets may stand in the file, in the environment or
// in files of their own (see [Environment]).
package config
