// Serves rclone's gofakes3, an S3 store in memory that checks signatures: gofakes3 CERTIFICATE KEY ID SECRET HOST.
//
// HOST is the store's name, under which buckets have names of their own. Prints {"http": port, "https": port} and stops
// when its standard input ends, as it does with whoever started it. The module has no command of its own.
package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

func main() {
	if len(os.Args) != 6 {
		log.Fatal("gofakes3 CERTIFICATE KEY ID SECRET HOST")
	}
	certificate, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	store := store(os.Args[3], os.Args[4], os.Args[5])
	plain, secure := listen(), listen()
	go serve(plain, store)
	go serve(tls.NewListener(secure, &tls.Config{Certificates: []tls.Certificate{certificate}}), store)
	ports := map[string]int{"http": port(plain), "https": port(secure)}
	if err := json.NewEncoder(os.Stdout).Encode(ports); err != nil {
		log.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// One set of objects, asked by path or by host: gofakes3 itself does one or the other.
func store(id, secret, host string) http.Handler {
	objects := s3mem.New()
	account := gofakes3.WithV4Auth(map[string]string{id: secret})
	byPath := gofakes3.New(objects, account).Server()
	byHost := gofakes3.New(objects, account, gofakes3.WithHostBucket(true)).Server()
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		name, _, _ := net.SplitHostPort(request.Host)
		if strings.HasSuffix(name, "."+host) {
			byHost.ServeHTTP(answer, request)
		} else {
			byPath.ServeHTTP(answer, request)
		}
	})
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func serve(listener net.Listener, handler http.Handler) {
	log.Fatal(http.Serve(listener, handler))
}

func port(listener net.Listener) int {
	return listener.Addr().(*net.TCPAddr).Port
}
