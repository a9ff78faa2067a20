package mailsync

import (
	"context"
	"net"
	"slices"
	"time"
)

// onlineEvery is how often Online looks.
const onlineEvery = 2 * time.Second

// Online returns a channel for Options that gets a token, until ctx ends, when this machine wakes from sleep or gets
// other network addresses: then servers may be within reach again.
func Online(ctx context.Context) <-chan struct{} {
	online := make(chan struct{}, 1)
	go func() {
		tick := time.NewTicker(onlineEvery)
		defer tick.Stop()
		before, had := time.Now(), addresses()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now, has := time.Now(), addresses()
			if slept(before, now) || !slices.Equal(has, had) && len(has) > 0 {
				wake(online)
			}
			before, had = now, has
		}
	}()
	return online
}

// stopped is how long this process may be kept from running before it counts as having slept.
const stopped = 5 * onlineEvery

// slept says whether the machine slept between two looks: the clock on the wall went on while the monotonic one, which
// stops in sleep, did not. A process that was stopped (ctrl+z, a virtual machine put by) has slept as well.
func slept(before, now time.Time) bool {
	return now.Round(0).Sub(before.Round(0))-now.Sub(before) > onlineEvery || now.Sub(before) > onlineEvery+stopped
}

// addresses are those by which others could be reached, sorted.
func addresses() []string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var list []string
	for _, a := range all {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() {
			list = append(list, ip.String())
		}
	}
	slices.Sort(list)
	return list
}

// passOnline tells the workers.
func (e *Engine) passOnline(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.opts.Online:
			for _, w := range e.workers {
				w.todo.cameOnline()
			}
		}
	}
}
