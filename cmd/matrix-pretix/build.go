package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"matrix-pretix/bridge"
	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// program is the bridge as [engine]: its inside, ready to be upgraded and started.
type program struct {
	*bridge.Bridge
	pretix     *pretixconn.Connector
	store      *database.Store
	deployment database.Deployment
}

var _ engine = (*program)(nil)

// buildBridge makes the bridge out of the config. Nothing is asked of anybody yet, and the database is not touched.
func buildBridge(p materials) (engine, error) {
	framework, err := frameworkConfig(p.config)
	if err != nil {
		return nil, err
	}
	instances, err := instancesOf(p.config.Network)
	if err != nil {
		return nil, err
	}
	store := database.NewStore(p.db, p.keys, time.Now)
	public := strings.TrimRight(p.config.AppService.PublicAddress, "/")
	sweepEvery := p.config.Network.SweepInterval
	pretix := pretixconn.New(pretixconn.Config{
		Instances: instances, SweepEvery: sweepEvery, PublicAddress: public, Version: version(),
	}, store, p.keys, time.Now, p.log)
	return &program{
		Bridge: bridge.New(bridge.Options{
			Framework: framework, Suffix: p.config.Bridge.BotNameSuffix,
			Database: p.db, Store: store, Keys: p.keys, Pretix: pretix,
			Version: version(), SweepEvery: sweepEvery, Public: public != "", Now: time.Now, Log: p.log, Zero: p.mautrix,
		}),
		pretix: pretix, store: store, deployment: deployment(instances, p.config.Network),
	}, nil
}

// Upgrade refuses a database that is not this deployment's before it changes anything there, and then brings the tables up to date.
// A new database takes this deployment for its own.
func (p *program) Upgrade(ctx context.Context) error {
	if err := p.store.RefuseUnfit(ctx, p.deployment, p.Schemas()...); err != nil {
		return err
	}
	if err := p.Bridge.Upgrade(ctx); err != nil {
		return err
	}
	return p.store.CheckDeployment(ctx, p.deployment)
}

// Matrix serves what the homeserver sends.
func (p *program) Matrix() http.Handler { return p.Handler() }

// Public serves what the world may: Pretix's webhooks.
func (p *program) Public() http.Handler { return p.pretix.Webhook() }

// instancesOf lists the Pretix servers of the config, sorted by key so that people see them in the same order each time.
func instancesOf(network config.Network) ([]pretixconn.Instance, error) {
	var instances []pretixconn.Instance
	for key, instance := range network.Instances {
		address, err := url.Parse(instance.URL)
		if err != nil {
			return nil, fmt.Errorf("network.instances.%s.url is no address", key)
		}
		instances = append(instances, pretixconn.Instance{Key: key, URL: address})
	}
	slices.SortFunc(instances, func(a, b pretixconn.Instance) int { return strings.Compare(a.Key, b.Key) })
	return instances, nil
}

// deployment is what the config says of what the database belongs to.
func deployment(instances []pretixconn.Instance, network config.Network) database.Deployment {
	d := database.Deployment{LostSealKey: network.LostSealKey}
	for _, instance := range instances {
		d.Instances = append(d.Instances, database.Instance{
			Key: instance.Key, URL: instance.URL.String(), MovedFrom: network.Instances[instance.Key].MovedFrom,
		})
	}
	return d
}
