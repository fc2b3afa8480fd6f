package parts

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
)

// FreePort returns a loopback port that can be trusted to stay free until somebody of ours listens there.
func FreePort() (int, error) {
	ports, err := FreePorts(1)
	if err != nil {
		return 0, err
	}
	return ports[0], nil
}

// Port is FreePort for a test.
func Port(t testing.TB) int {
	t.Helper()
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// portOr returns the port, or a free one if it is 0.
func portOr(port int) (int, error) {
	if port != 0 {
		return port, nil
	}
	return FreePort()
}

// Loopback is the address of a server of this machine.
func Loopback(port int) string {
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

// FreePorts returns n free ports that can be trusted to stay free until somebody of ours listens: they lie below the range
// from which the kernel takes the ports of outgoing connections, and no other lab is given them while this process lives.
func FreePorts(n int) ([]int, error) {
	const lowest = 15000
	highest := 32000
	var from, to int
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		if _, err := fmt.Sscan(string(text), &from, &to); err == nil {
			highest = max(min(highest, from), lowest+2*n)
		}
	}
	ports := make([]int, 0, n)
	for _, at := range rand.Perm(highest - lowest) {
		if len(ports) == n {
			return ports, nil
		}
		if portFree(lowest+at) && claimPort(lowest+at) {
			ports = append(ports, lowest+at)
		}
	}
	return nil, fmt.Errorf("find %d free ports below %d: only %d are free", n, highest, len(ports))
}

// portFree reports whether a server could listen on the loopback port now.
func portFree(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// claimPort takes a port from all other labs of this machine, and from later calls of this process. The claim is a name among the
// kernel's sockets, which goes with the process, however that ends.
func claimPort(port int) bool {
	claim, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	if err := syscall.Bind(claim, &syscall.SockaddrUnix{Name: fmt.Sprintf("@matrix-pretix-lab-port-%d", port)}); err != nil {
		_ = syscall.Close(claim)
		return false
	}
	return true
}
