package main

import (
	"context"
	"errors"
)

func up(ctx context.Context, args []string) (int, error) { return 1, errors.New("x") }
func down(ctx context.Context, args []string) (int, error) { return 1, errors.New("x") }
func serve(ctx context.Context, args []string) (int, error) { return 1, errors.New("x") }
