package database

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// wire dials for the driver and keeps hold of the connection that it made last.
type wire struct {
	mutex sync.Mutex
	last  net.Conn
	isCut bool
}

// Dial connects, in bounded time.
func (w *wire) Dial(network, address string) (net.Conn, error) {
	return w.DialTimeout(network, address, dialWithin)
}

// DialTimeout connects, in bounded time.
func (w *wire) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return w.DialContext(ctx, network, address)
}

// DialContext connects, unless the wire is cut meanwhile.
func (w *wire) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialWithin}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.isCut {
		return nil, errors.Join(net.ErrClosed, conn.Close())
	}
	w.last = conn
	return conn, nil
}

// cut closes the connection, and those to come until it is mended.
func (w *wire) cut() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isCut = true
	if w.last != nil {
		_ = w.last.Close() // whoever reads from it hears of it
		w.last = nil
	}
}

func (w *wire) mend() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isCut = false
}

// stirs reports whether there is something to read, or an end, while nothing was asked. It takes nothing away and does not wait.
func (w *wire) stirs() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	conn, ok := w.last.(syscall.Conn)
	if !ok {
		return w.last == nil
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return true
	}
	quiet := false
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err != nil || !quiet
}
